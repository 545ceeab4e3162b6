import APIModel
import HTTPTypes
import Hummingbird
import JobStore
import Supervisor

/// Signing in and out, and who one is.
struct SessionRoutes {
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.post("session") { request, context in try await signIn(request, context) }
    routes.get("session") { _, context in try Response.json(SessionModel(context.principal)) }
    routes.delete("session") { request, context in try await signOut(context) }
  }

  private func signIn(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await request.json(SessionRequest.self, context)
    let (principal, secret) = try await door.signIn(
      body, from: context.origin, replacing: context.principal)
    var response = try Response.json(SessionModel(principal))
    response.headers[.setCookie] = SessionCookie.field(
      secret, isSecure: context.isSecure, seconds: door.times.most / 1000)
    response.headers[.cacheControl] = "no-store"
    return response
  }

  /// Whoever shows no cookie was not signed in by one: there is nothing to end, and that is no error.
  private func signOut(_ context: APIContext) async throws -> Response {
    var response = Response.noContent
    guard case .session(let hash, _, _) = context.principal.signIn else { return response }
    try await door.store.endSession(hash, by: context.principal.audited(from: context.address))
    door.changed()
    response.headers[.setCookie] = SessionCookie.field(nil, isSecure: context.isSecure, seconds: 0)
    return response
  }
}

extension SessionModel {
  init(_ principal: Principal) {
    self.init(name: principal.name, role: principal.role, signedIn: principal.kind)
    switch principal.signIn {
    case .session(_, let csrf, let until):
      self.csrf = csrf
      self.until = LocalTime.iso8601(until)
    case .token(_, _, let scopes) where !scopes.isEmpty: self.scopes = scopes.map(\.rawValue).sorted()
    case .token, .unix, .open: break
    }
  }
}
