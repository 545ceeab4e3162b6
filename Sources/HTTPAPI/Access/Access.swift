import APIModel

/// Who may call a route.
enum Access: Equatable, Sendable {
  /// Whoever reaches the port, signed in or not: nothing of the workshop is told.
  case anyone
  /// Whoever is signed in with at least this role.
  case role(Role)
  /// The job's submitter, from member on; everybody's jobs from operator on.
  case ownJob
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
}
