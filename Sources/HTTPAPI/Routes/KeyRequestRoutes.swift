import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Programs that ask for a key, and a person's word.
///
/// The key acts in the name of whoever says yes, and only submits. A request that names somebody is theirs to decide, and an
/// admin's.
struct KeyRequestRoutes {
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("tokens/requests") { _, context in
      try Response.json(ItemPage(items: waiting(context).map { KeyRequestModel($0) }))
    }
    routes.post("tokens/requests/:id") { request, context in try await decide(request, context) }
  }

  private func waiting(_ context: APIContext) -> [KeyDesk.Asking] {
    let who = context.principal
    return door.keys.withLock { $0.waiting(now: door.store.now()) }.filter {
      $0.user.map { $0 == who.name } ?? true || who.role >= .admin
    }
  }

  private func decide(_ request: Request, _ context: APIContext) async throws -> Response {
    let id = try context.number("id", "a request's number")
    let decision = try await request.json(KeyDecision.self, context)
    let who = context.principal
    try who.requirePerson()
    let unknown = Problem(
      code: "key.unknown", title: "no such thing", status: 404,
      detail: "no program waits for a word about \(id): it may have gone, or its five minutes are over")
    guard let asking = waiting(context).first(where: { $0.id == id }) else { throw unknown }
    let actor = who.audited(from: context.address)
    var grant: KeyDesk.Grant?
    if decision.allow {
      var order = try await order(asking, who)
      order.scopes = [.submit]
      grant = KeyDesk.Grant(order: order, actor: actor)
    }
    guard door.keys.withLock({ $0.decide(id, grant, now: door.store.now()) }) else { throw unknown }
    await door.trail.write(
      AuditRecord(
        at: door.store.now(), actor: actor, what: decision.allow ? "key granted" : "key refused",
        target: "\(id)", outcome: .done, detail: "\(asking.app) at \(asking.address)"))
    return try Response.json(KeyRequestModel(asking))
  }

  /// For oneself; an admin who grants what another asked for, for that other, with no more than that other may.
  private func order(_ asking: KeyDesk.Asking, _ who: Principal) async throws -> TokenOrder {
    guard let user = asking.user, user != who.name else {
      return TokenOrder(name: asking.app, owner: who.name, role: who.role.stored)
    }
    return TokenOrder(name: asking.app, owner: user, role: try await door.store.account(user).role)
  }
}

extension KeyRequestModel {
  /// As people are told of it.
  init(_ asking: KeyDesk.Asking) {
    self.init(
      id: asking.id, app: asking.app, address: asking.address, askedAt: LocalTime.iso8601(asking.askedAt))
    user = asking.user
  }
}
