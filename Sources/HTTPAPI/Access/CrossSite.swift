import APIModel
import Crypto
import Foundation
import Hummingbird

/// Keeps other pages from acting through a person's browser.
///
/// A browser shows a cookie, and reaches a forwarded socket, without its user meaning it. So a write that is known by either
/// has to come from our own page: its `Origin` is the address that it was sent to, or it brings what only our page can read
/// (`X-Fabline-CSRF`). Tokens are sent on purpose and need neither. The cookie is SameSite=Strict besides; that alone does not
/// tell apart two ports of one host.
enum CrossSite {
  /// Throws `request.crossSite` for a write that may come from another page.
  static func refuse(_ request: Request, _ principal: Principal) throws(Problem) {
    guard ![.get, .head, .options].contains(request.method) else { return }
    let origin = request.header("Origin")
    let isOurs = origin.map { isOwn($0, request.head.authority) }
    switch principal.signIn {
    case .token: return
    case .session(_, let csrf, _):
      if let shown = request.header("X-Fabline-CSRF"), areEqual(shown, csrf) { return }
      guard isOurs != true else { return }
      throw .crossSite("a write with a cookie needs X-Fabline-CSRF, as GET /api/v1/session tells it")
    case .unix, .open:
      guard isOurs == false else { return }
      throw .crossSite("the write comes from another page than this host's own")
    }
  }

  private static func isOwn(_ origin: String, _ authority: String?) -> Bool {
    guard let host = authority?.lowercased(), !host.isEmpty else { return false }
    return ["https://" + host, "http://" + host].contains(origin.lowercased())
  }

  /// Whether the name in a Host field is one that somebody's DNS gives: it has a dot and is no address.
  static func isForeignName(_ authority: String) -> Bool {
    if authority.hasPrefix("[") { return false }
    let host = authority.prefix { $0 != ":" }.lowercased()
    guard host.contains("."), !host.hasSuffix(".localhost") else { return false }
    return !host.allSatisfy { $0.isNumber || $0 == "." }
  }

  /// Takes the same time wherever the two differ: keys of swift-crypto compare so.
  private static func areEqual(_ one: String, _ other: String) -> Bool {
    SymmetricKey(data: Data(one.utf8)) == SymmetricKey(data: Data(other.utf8))
  }
}

extension Problem {
  /// A write that may come from another page.
  static func crossSite(_ detail: String) -> Problem {
    Problem(code: "request.crossSite", title: "not allowed", status: 403, detail: detail)
  }
}
