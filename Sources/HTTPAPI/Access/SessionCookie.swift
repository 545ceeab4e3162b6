import Foundation
import HTTPTypes
import Hummingbird
import JobStore

/// The cookie that a signed-in browser shows.
///
/// Over TLS its name begins with `__Host-`: browsers take such a cookie only from this very host, over TLS, for every path, so
/// that no neighbour in a domain can plant one.
enum SessionCookie {
  static func name(isSecure: Bool) -> String { isSecure ? "__Host-fabline" : "fabline" }

  /// What the request shows; nil for nothing.
  static func read(_ request: Request, isSecure: Bool) -> Secret? {
    let name = name(isSecure: isSecure)
    for field in request.headers[values: .cookie] {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2, parts[0] == name, (1...128).contains(parts[1].utf8.count) else { continue }
        return Secret(text: parts[1])
      }
    }
    return nil
  }

  /// The field that sets it; without a secret, that takes it away.
  static func field(_ secret: Secret?, isSecure: Bool, seconds: Int64) -> String {
    var words = [
      "\(name(isSecure: isSecure))=\(secret?.text ?? "")", "Path=/", "HttpOnly", "SameSite=Strict",
      "Max-Age=\(secret == nil ? 0 : seconds)",
    ]
    if isSecure { words.append("Secure") }
    return words.joined(separator: "; ")
  }
}
