import APIModel

// Accounts, tokens, and who did what.

extension SupervisorAPI {
  /// Who one is, as the supervisor sees it.
  func whoAmI() async throws -> SessionModel { try await get("/session") }

  func users() async throws -> ItemPage<AccountModel> { try await all("/users", []) }

  func addUser(_ request: AccountRequest) async throws -> AccountModel {
    try await send("POST", "/users", try JSONText.encode(request, pretty: false))
  }

  func changeUser(_ name: String, _ change: AccountChange) async throws -> AccountModel {
    try await send("PATCH", "/users/" + Query.escaped(name), try JSONText.encode(change, pretty: false))
  }

  func removeUser(_ name: String) async throws {
    _ = try await client.send(APIRequest(method: "DELETE", path: "/users/" + Query.escaped(name)))
  }

  func tokens() async throws -> ItemPage<TokenModel> { try await all("/tokens", []) }

  func makeToken(_ request: TokenRequest) async throws -> TokenModel {
    try await send("POST", "/tokens", try JSONText.encode(request, pretty: false))
  }

  func revokeToken(_ id: Int64) async throws {
    _ = try await client.send(APIRequest(method: "DELETE", path: "/tokens/\(id)"))
  }

  func keyRequests() async throws -> ItemPage<KeyRequestModel> { try await all("/tokens/requests", []) }

  func decideKey(_ id: Int64, allow: Bool) async throws -> KeyRequestModel {
    try await send(
      "POST", "/tokens/requests/\(id)", try JSONText.encode(KeyDecision(allow: allow), pretty: false))
  }

  /// Newest first; every row since then, or the newest `count` where no time is named.
  func audit(user: String?, since: String?, count: Int) async throws -> ItemPage<AuditModel> {
    let pairs = [("user", user), ("since", since)]
    guard since == nil else { return try await all("/audit", pairs + [("limit", "500")]) }
    let page: ItemPage<AuditModel> = try await get(Query.path("/audit", pairs + [("limit", "\(count)")]))
    return ItemPage(items: page.items)
  }
}
