import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Tokens: what programs show instead of a password.
struct TokenRoutes {
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("tokens") { request, context in
      let who = context.principal
      let query = Query(request)
      let (after, limit) = (try query.number("after") ?? 0, try query.limit())
      let tokens = try await door.store.tokens(of: who.role >= .admin ? nil : who.name)
      let rest = tokens.filter { $0.id > after }
      let page = rest.prefix(limit).map { TokenModel($0) }
      return try Response.json(
        ItemPage(items: Array(page), next: rest.count > limit ? page.last.map { "\($0.id)" } : nil))
    }
    routes.post("tokens") { request, context in try await make(request, context) }
    routes.delete("tokens/:id") { _, context in
      try await door.store.revokeToken(
        try context.number("id", "a token's number"), by: context.principal.audited(from: context.address))
      door.changed()
      return Response.noContent
    }
  }

  private func make(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await request.json(TokenRequest.self, context)
    let who = context.principal
    try who.requirePerson()
    let owner = body.owner ?? who.name
    if owner != who.name { try who.require(.admin) }
    var order = TokenOrder(name: body.name, owner: owner, role: try await role(body, owner, who).stored)
    order.scopes = try scopes(body.scopes ?? [])
    order.expiresAt = try body.expires.map { text in
      guard let time = LocalTime.parse(text) else {
        throw Problem.request("expires is no time: 2027-03-01T14:00 or 2027-03-01T14:00:00+01:00")
      }
      return time
    }
    let (token, secret) = try await door.store.addToken(order, by: who.audited(from: context.address))
    var model = TokenModel(token)
    model.secret = secret.text
    var response = try Response.json(model, status: .created)
    response.headers[.cacheControl] = "no-store"
    return response
  }

  /// One's own role where none is named, and never more than that.
  private func role(_ body: TokenRequest, _ owner: String, _ who: Principal) async throws -> Role {
    let own =
      owner == who.name
      ? who.role : Role((try? await door.store.account(owner))?.role ?? .member)
    let role = body.role ?? own
    try who.require(role)
    return role
  }

  private func scopes(_ words: [String]) throws -> Set<TokenScope> {
    Set(
      try words.map { word in
        guard let scope = TokenScope(rawValue: word) else {
          let known = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
          throw Problem.request("there is no scope \(LogRecord.escaped(word)): \(known)")
        }
        return scope
      })
  }
}

extension TokenModel {
  /// What is known of a token; it itself is known to nobody any more.
  init(_ token: TokenRecord) {
    self.init(
      id: token.id, name: token.name, owner: token.owner, role: Role(token.role),
      scopes: token.scopes.map(\.rawValue).sorted(), createdAt: LocalTime.iso8601(token.createdAt),
      createdBy: token.createdBy)
    expiresAt = token.expiresAt.map { LocalTime.iso8601($0) }
    lastUsedAt = token.lastUsedAt.map { LocalTime.iso8601($0) }
  }
}
