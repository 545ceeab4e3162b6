import Foundation

/// A topic of a server that takes notifications as ntfy does: the text is the body, everything else a header.
///
/// The interface is docs.ntfy.sh/publish. Header values that are not ASCII go as RFC 2047 encoded words.
public struct Ntfy: Equatable, Sendable {
  /// The server's address, without a slash at the end.
  public var server: String
  /// The topic.
  public var topic: String
  /// The access token, where the server wants one.
  public var token: String?

  /// Names a topic of a server.
  public init(server: String, topic: String, token: String? = nil) {
    self.server = server
    self.topic = topic
    self.token = token
  }

  /// Whether a text can be a topic: it becomes a part of an address.
  public static func isTopic(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  func request(_ notice: Notice, snapshot: Snapshot?) -> OutgoingRequest {
    var headers: [OutgoingRequest.Header] = [
      .init(name: "Title", value: Ntfy.headerText(notice.title)),
      .init(name: "Priority", value: "\(notice.priority)"),
      .init(name: "Tags", value: notice.tag),
      .init(name: "User-Agent", value: "fabline"),
    ]
    if let token { headers.append(.init(name: "Authorization", value: "Bearer \(token)")) }
    let url = "\(server)/\(topic)"
    guard let snapshot else {
      headers.append(.init(name: "Content-Type", value: "text/plain; charset=utf-8"))
      return OutgoingRequest(
        method: "POST", url: url, headers: headers, body: Array(notice.text.utf8.prefix(4000)))
    }
    let end = snapshot.type == "image/jpeg" ? "jpg" : String(snapshot.type.dropFirst("image/".count))
    headers.append(.init(name: "Message", value: Ntfy.headerText(notice.text)))
    headers.append(.init(name: "Filename", value: "\(notice.machine ?? "camera").\(end)"))
    headers.append(.init(name: "Content-Type", value: snapshot.type))
    return OutgoingRequest(method: "PUT", url: url, headers: headers, body: snapshot.bytes)
  }

  /// A text that is safe as a header's value: printable ASCII as it is, anything else in encoded words of at most 75 bytes.
  static func headerText(_ text: String) -> String {
    let text = String(text.prefix(300))
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), !text.hasPrefix("=?") { return text }
    var words: [String] = []
    var piece: [UInt8] = []
    // 45 bytes make 60 digits; a character is never cut.
    for character in text {
      let bytes = Array(String(character).utf8.prefix(45))
      if piece.count + bytes.count > 45 {
        words.append(Ntfy.word(piece))
        piece = []
      }
      piece += bytes
    }
    words.append(Ntfy.word(piece))
    return words.joined(separator: " ")
  }

  private static func word(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(Data(bytes).base64EncodedString())?=" }
}
