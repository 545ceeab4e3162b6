import APIModel

/// What goes into a route and what comes out of it.
struct Contract {
  /// What a body is made of.
  enum Payload {
    case none
    case json(any Decodable.Type)
    /// Bytes of this media type.
    case bytes(String)
  }

  /// A parameter of the query.
  struct Parameter {
    var name: String
    var schema: Schema
    var summary: String
    var isRequired = false
  }

  var query: [Parameter] = []
  var body = Payload.none
  var status = 200
  var answer = Payload.none
  /// The media type of the same answer in another form, where the query asks for it.
  var otherForm: String?

  /// A list, a page at a time.
  static func page<Item: Codable & Sendable>(
    of item: Item.Type, _ query: [Parameter] = [], after: Schema = .string
  ) -> Contract {
    Contract(
      query: query + [
        .init(name: "after", schema: after, summary: "the `next` of the page before"),
        .init(name: "limit", schema: .integer, summary: "1 to 500 items"),
      ], answer: .json(ItemPage<Item>.self))
  }

  /// Reads one thing.
  static func reads(
    _ type: any Decodable.Type, _ query: [Parameter] = [], otherForm: String? = nil
  ) -> Contract {
    Contract(query: query, answer: .json(type), otherForm: otherForm)
  }

  /// Takes one document and answers with another.
  static func takes(
    _ body: any Decodable.Type, _ answer: any Decodable.Type, status: Int = 200, _ query: [Parameter] = []
  ) -> Contract {
    Contract(query: query, body: .json(body), status: status, answer: .json(answer))
  }
}
