import APIModel
import JobStore

/// Who may call a route.
enum Access: Equatable, Sendable {
  /// Whoever reaches the port, signed in or not: nothing of the workshop is told.
  case anyone
  /// Whoever is signed in with at least this role.
  case role(Role)
  /// The job's submitter, from member on; everybody's jobs from operator on.
  case ownJob
  /// Whom the account belongs to, for their password; admins for everything.
  case ownAccount
  /// Whom the token acts for; admins for every token.
  case ownToken
  /// As the act in the body needs it: `ActRule`.
  case act
  /// Whoever is signed in: an emergency stop, which nothing stands in the way of.
  case stop
}

/// One route as the outside sees it.
struct RouteEntry: Equatable, Sendable {
  /// `GET`, `POST`, …
  var method: String
  /// The template, as OpenAPI and the router write it: `/api/v1/jobs/{id}`.
  var path: String
  /// Who may.
  var access: Access
  /// What it does, in one sentence without a full stop.
  var summary: String

  init(_ method: String, _ path: String, _ access: Access, _ summary: String) {
    self.method = method
    self.path = path
    self.access = access
    self.summary = summary
  }

  /// The scopes of tokens that are for this route; a token without scopes is for every route. What concerns people is in none.
  /// An emergency stop is for every token, whatever it is for otherwise.
  var scopes: Set<TokenScope> {
    if path == "/metrics" { return [.metrics, .read] }
    // The routes of print hosts, as slicers call them; to pause or cancel is more than to submit.
    if path.hasSuffix("/api/job"), method != "GET" { return [] }
    guard path.hasPrefix("/api/v1/") else { return method == "GET" ? [.submit, .read] : [.submit] }
    let parts = path.dropFirst("/api/v1/".count).split(separator: "/")
    guard let first = parts.first, !["users", "tokens", "audit"].contains(first) else { return [] }
    if first == "session" { return method == "GET" ? Set(TokenScope.allCases) : [] }
    if method == "GET" {
      // Whoever may send files need not see the workshop, nor what went over a wire.
      if parts.contains("camera") || parts.last == "recorder" { return [.read] }
      return ["files", "jobs", "machines", "status"].contains(first) ? [.read, .submit] : [.read]
    }
    return method == "POST" && parts.count == 1 && ["files", "jobs"].contains(first) ? [.submit] : []
  }
}
