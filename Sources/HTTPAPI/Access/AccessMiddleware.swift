import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Refuses what the route table does not allow, before any route runs.
struct AccessMiddleware: RouterMiddleware {
  let supervisor: Supervisor

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    // No route: the answer is that there is none, whoever asks.
    guard let path = context.endpointPath else { return try await next(request, context) }
    guard let entry = RouteTable.entry(method: request.method.rawValue, path: path) else {
      throw Problem.notAllowed("nobody settled who may \(request.method.rawValue) \(path)")
    }
    switch entry.access {
    case .anyone: break
    case .role(let role): try context.principal.require(role)
    case .ownJob: try await requireOwn(context)
    }
    return try await next(request, context)
  }

  private func requireOwn(_ context: APIContext) async throws {
    try context.principal.require(.member)
    guard context.principal.role < .operator else { return }
    let job = try await supervisor.store.job(try context.jobNumber())
    guard job.submitter == context.principal.name else {
      throw Problem.notAllowed(
        "job \(job.id) is \(job.submitter)'s: members act on their own jobs, ask an operator")
    }
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
}

extension Problem {
  /// Known who it is, and that it is not for them.
  static func notAllowed(_ detail: String) -> Problem {
    Problem(code: "principal.notAllowed", title: "not allowed", status: 403, detail: detail)
  }
}
