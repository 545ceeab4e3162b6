/// One event of a stream (`text/event-stream`, HTML living standard, section 9.2).
struct ServerSentEvent: Equatable, Sendable {
  /// `id`, the last one seen.
  var id: String
  /// `event`; `message` where none was given.
  var name: String
  /// `data`, lines joined by LF.
  var data: String
}

/// Cuts a byte stream into events: bytes in any pieces, lines ended by LF, CRLF or CR, comments dropped.
struct ServerSentEventParser: Sendable {
  private var line: [UInt8] = []
  private var afterReturn = false
  private var id = ""
  private var name = ""
  private var data: [String] = []

  /// Takes bytes in and gives the events that they complete.
  mutating func receive(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      if byte == 0x0A, afterReturn {
        afterReturn = false
        continue
      }
      afterReturn = byte == 0x0D
      if byte == 0x0A || byte == 0x0D {
        if let event = endLine() { events.append(event) }
      } else {
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() -> ServerSentEvent? {
    let text = String(decoding: line, as: UTF8.self)
    line.removeAll(keepingCapacity: true)
    guard !text.isEmpty else { return dispatch() }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let field = parts[0]
    var value = parts.count > 1 ? parts[1] : ""
    if value.first == " " { value.removeFirst() }
    switch field {
    case "id": id = String(value)
    case "event": name = String(value)
    case "data": data.append(String(value))
    default: break
    }
    return nil
  }

  private mutating func dispatch() -> ServerSentEvent? {
    defer {
      data.removeAll()
      name = ""
    }
    guard !data.isEmpty else { return nil }
    return ServerSentEvent(id: id, name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
  }
}
