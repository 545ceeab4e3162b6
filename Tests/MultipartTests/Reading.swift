import Multipart

/// What a form was read as.
struct Form: Equatable {
  var parts: [Part] = []
  var isWhole = false

  struct Part: Equatable {
    var head: PartHeader
    var content: [UInt8] = []
    var isOver = false
  }

  /// The parts' names and contents as text.
  var texts: [String] {
    parts.map { String(decoding: $0.head.name + [61] + $0.content, as: UTF8.self) }
  }

  /// Reads pieces; throws what the parser throws.
  static func read(
    _ pieces: [[UInt8]], type: String = "multipart/form-data; boundary=XY",
    limits: MultipartLimits = MultipartLimits()
  ) throws(MultipartError) -> Form {
    var parser = try MultipartParser(contentType: Array(type.utf8), limits: limits)
    var form = Form()
    for piece in pieces {
      var position = 0
      while let event = try parser.next(in: piece.span, at: &position) { form.take(event, piece, parser) }
    }
    try parser.finish()
    return form
  }

  private mutating func take(_ event: MultipartParser.Event, _ piece: [UInt8], _ parser: MultipartParser) {
    let last = parts.count - 1
    switch event {
    case .part(let head): parts.append(Part(head: head))
    case .content(let range): parts[last].content += piece[range]
    case .held(let count): parts[last].content += parser.delimiter[..<count]
    case .partEnd: parts[last].isOver = true
    case .end: isWhole = true
    }
  }

  /// Reads a text in one piece.
  static func read(_ text: String, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) -> Form
  {
    try read([Array(text.utf8)], limits: limits)
  }
}

/// One part's text.
func part(_ head: String, _ content: String, boundary: String = "XY") -> String {
  "--\(boundary)\r\nContent-Disposition: form-data; \(head)\r\n\r\n\(content)\r\n"
}
