import APIModel
import Hummingbird
import JobStore
import NIOCore
import Supervisor

/// Refuses what the route table does not allow, before any route runs.
struct AccessMiddleware: RouterMiddleware {
  let supervisor: Supervisor
  let door: Doorkeeper

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    // No route: the answer is that there is none, whoever asks.
    guard let path = context.endpointPath else { return try await next(request, context) }
    guard let entry = RouteTable.entry(method: request.method.rawValue, path: path) else {
      throw Problem.notAllowed("nobody settled who may \(request.method.rawValue) \(path)")
    }
    let who = context.principal
    if entry.access != .anyone {
      guard who.isSignedIn else { throw await door.unsigned() }
      // Whoever may stop may do so with every token (safety rule 1); of an act the word is not known yet.
      if entry.access != .stop, entry.access != .act { try who.requireScope(of: entry) }
    }
    switch entry.access {
    case .anyone: break
    case .role(let role): try who.require(role)
    case .ownJob: try await requireOwnJob(context)
    case .ownAccount: try who.requireOwn(try context.parameter("name"))
    case .ownToken: try await requireOwnToken(context)
    case .act: return try await act(request, context, entry, next)
    case .stop:
      context.audit.sayStop()
      return try await next(request, context)
    }
    try CrossSite.refuse(request, who)
    return try await next(request, context)
  }

  /// The word in the body tells who may. A stop is let through whatever else is wrong with the request (safety rule 1).
  private func act(
    _ request: Request, _ context: APIContext, _ entry: RouteEntry,
    _ next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let body = try await request.bytes(context)
    let again = Request(head: request.head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
    let word: String
    do { word = try await again.json(ActRequest.self, context).act } catch {
      try context.principal.requireScope(of: entry)
      throw error
    }
    if word != "estop" { try context.principal.requireScope(of: entry) }
    context.audit.say(LogRecord.escaped(String(word.prefix(64))))
    if word == "estop" { context.audit.sayStop() }
    try context.principal.require(ActRule.role(for: word))
    if !context.audit.isStop { try CrossSite.refuse(request, context.principal) }
    return try await next(
      Request(head: request.head, body: RequestBody(buffer: ByteBuffer(bytes: body))), context)
  }

  private func requireOwnJob(_ context: APIContext) async throws {
    try context.principal.require(.member)
    guard context.principal.role < .operator else { return }
    let job = try await supervisor.store.job(try context.jobNumber())
    guard job.submitter == context.principal.name else {
      throw Problem.notAllowed(
        "job \(job.id) is \(job.submitter)'s: members act on their own jobs, ask an operator")
    }
  }

  /// A token of somebody else is not there, for whoever is no admin.
  private func requireOwnToken(_ context: APIContext) async throws {
    guard context.principal.role < .admin else { return }
    let id = try context.number("id", "a token's number")
    let token = try await supervisor.store.token(id)
    guard token.owner == context.principal.name else {
      throw StoreError(.tokenUnknown, "there is no token \(id)")
    }
    try context.principal.requirePerson()
  }
}

extension Principal {
  /// Throws `principal.notAllowed` for lesser roles.
  func require(_ role: Role) throws(Problem) {
    guard self.role >= role else {
      throw Problem.notAllowed(
        "this is for role \(role.rawValue) and above; \(name) is \(self.role.rawValue)")
    }
  }

  /// Throws `principal.notAllowed` for somebody else who is no admin.
  func requireOwn(_ account: String) throws(Problem) {
    guard role < .admin, name != account else { return }
    throw Problem.notAllowed("this is for \(account) and for admins")
  }

  /// Throws `principal.notAllowed` for a token that is not for this route.
  func requireScope(of entry: RouteEntry) throws(Problem) {
    guard case .token(_, let name, let scopes) = signIn, !scopes.isEmpty,
      scopes.isDisjoint(with: entry.scopes)
    else { return }
    let words = scopes.map(\.rawValue).sorted().joined(separator: " and ")
    throw Problem.notAllowed("the token \(name) is only for \(words)")
  }

  /// Throws `principal.notAllowed` for a token that is not an admin's: what is found in a slicer's settings makes no further
  /// tokens, and takes nobody's password away.
  func requirePerson() throws(Problem) {
    guard case .token = signIn, role < .admin else { return }
    throw Problem.notAllowed("this is for the person, not for a token: sign in with the password")
  }
}

extension Problem {
  /// Known who it is, and that it is not for them.
  static func notAllowed(_ detail: String) -> Problem {
    Problem(code: "principal.notAllowed", title: "not allowed", status: 403, detail: detail)
  }
}
