import Crypto
import Foundation

/// A receiver of JSON.
///
/// Each request carries `X-Fabline-Event`, `X-Fabline-Delivery` (the same for every try of one notice),
/// `X-Fabline-Timestamp` (seconds since 1970) and, where a secret is configured, `X-Fabline-Signature: v1=HEX`: HMAC-SHA256
/// (RFC 2104) over the timestamp, a full stop and the body. A receiver compares it in constant time and refuses old timestamps.
public struct Webhook: Equatable, Sendable {
  /// The address; it may hold a secret and is not shown to clients.
  public var url: String
  /// The key of the signature.
  public var secret: String?
  /// What it wants to hear of; empty for everything.
  public var events: Set<Notice.Event>

  /// Makes a receiver.
  public init(url: String, secret: String? = nil, events: Set<Notice.Event> = []) {
    self.url = url
    self.secret = secret
    self.events = events
  }

  func request(_ notice: Notice, now: Int64) -> OutgoingRequest {
    let body = Webhook.body(notice)
    let timestamp = "\(now / 1000)"
    var headers: [OutgoingRequest.Header] = [
      .init(name: "Content-Type", value: "application/json"),
      .init(name: "User-Agent", value: "fabline"),
      .init(name: "X-Fabline-Event", value: notice.event.rawValue),
      .init(name: "X-Fabline-Delivery", value: "\(notice.id)"),
      .init(name: "X-Fabline-Timestamp", value: timestamp),
    ]
    if let secret {
      let signature = Webhook.signature(of: body, timestamp: timestamp, secret: secret)
      headers.append(.init(name: "X-Fabline-Signature", value: signature))
    }
    return OutgoingRequest(method: "POST", url: url, headers: headers, body: body)
  }

  /// `v1=` and 64 hexadecimal digits.
  static func signature(of body: [UInt8], timestamp: String, secret: String) -> String {
    var code = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.utf8)))
    code.update(data: Array(timestamp.utf8) + Array(".".utf8))
    code.update(data: body)
    return "v1="
      + code.finalize().map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// What a receiver reads.
  private struct Body: Encodable {
    var id: Int64
    var event: String
    var at: String
    var machine: String?
    var job: Notice.Job?
    var title: String
    var reason: String?
  }

  private static func body(_ notice: Notice) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let time = Date(timeIntervalSince1970: Double(notice.at) / 1000)
    let body = Body(
      id: notice.id, event: notice.event.rawValue, at: time.formatted(.iso8601), machine: notice.machine,
      job: notice.job, title: notice.title, reason: notice.reason)
    // Strings and numbers: nothing in it can be refused.
    return (try? encoder.encode(body)).map(Array.init) ?? []
  }
}
