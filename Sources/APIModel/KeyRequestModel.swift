/// A program that asks for a key of its own and waits for a person's word.
public struct KeyRequestModel: Codable, Equatable, Sendable {
  /// Its number.
  public var id: Int64
  /// What it calls itself; whoever reaches the host could call itself so.
  public var app: String
  /// Whose key it asks for; missing where whoever says yes is meant.
  public var user: String?
  /// From where it asks.
  public var address: String
  /// ISO 8601.
  public var askedAt: String
  /// Makes a request.
  public init(id: Int64, app: String, address: String, askedAt: String) {
    self.id = id
    self.app = app
    self.address = address
    self.askedAt = askedAt
  }
}

/// `POST /api/v1/tokens/requests/ID`: a person's word.
public struct KeyDecision: Codable, Equatable, Sendable {
  /// Whether the program gets its key: one that submits, in the name of whoever says so.
  public var allow: Bool
  /// Makes a decision.
  public init(allow: Bool) { self.allow = allow }
}
