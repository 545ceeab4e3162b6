import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Accounts: who signs in with a password.
struct AccountRoutes {
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("users") { request, context in
      let isAdmin = context.principal.role >= .admin
      let models = try await door.store.accounts().map { AccountModel($0, isWhole: isAdmin) }
      return try Response.json(try ItemPage.part(of: models, request) { $0.name })
    }
    routes.post("users") { request, context in
      let body = try await request.json(AccountRequest.self, context)
      let account = try await door.store.addAccount(
        body.name, role: body.role.stored, password: body.password,
        by: context.principal.audited(from: context.address))
      door.changed()
      return try Response.json(AccountModel(account, isWhole: true), status: .created)
    }
    routes.patch("users/:name") { request, context in try await change(request, context) }
    routes.delete("users/:name") { _, context in
      try await door.store.removeAccount(
        try context.parameter("name"), by: context.principal.audited(from: context.address))
      door.changed()
      return Response.noContent
    }
  }

  private func change(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.parameter("name")
    let body = try await request.json(AccountChange.self, context)
    let who = context.principal
    if body.role != nil || body.disabled != nil { try who.require(.admin) }
    if body.password != nil { try await confirm(name, body.currentPassword, context) }
    var edit = AccountEdit()
    edit.role = body.role?.stored
    edit.isDisabled = body.disabled
    edit.password = body.password
    var own: String?
    if case .session(let hash, _, _) = who.signIn { own = hash }
    let account = try await door.store.changeAccount(
      name, edit, keeping: own, by: who.audited(from: context.address))
    door.changed()
    return try Response.json(AccountModel(account, isWhole: who.role >= .admin))
  }

  /// An open page is not the person: whoever changes their own password in a browser says the old one again. The kernel's word
  /// for a Unix user is enough, and so is an admin's for somebody else.
  private func confirm(_ name: String, _ current: String?, _ context: APIContext) async throws {
    let who = context.principal
    try who.requirePerson()
    guard who.name == name, who.signIn != .unix else { return }
    guard let current else {
      throw Problem.request("currentPassword is missing: the old password comes with the new one")
    }
    guard try await door.judge(name, current, from: context.origin) != nil else {
      throw Problem.notAllowed("the current password is wrong")
    }
  }
}

extension AccountModel {
  /// When somebody was here is for admins.
  init(_ account: AccountRecord, isWhole: Bool) {
    self.init(
      name: account.name, role: Role(account.role), disabled: account.isDisabled,
      createdAt: LocalTime.iso8601(account.createdAt), createdBy: account.createdBy)
    if isWhole { lastSignIn = account.lastSignIn.map { LocalTime.iso8601($0) } }
  }
}
