import APIModel
import Glibc
import Hummingbird
import JobStore
import Supervisor

/// The supervisor itself, and copies of what it keeps.
struct StatusRoutes {
  let supervisor: Supervisor
  let version: String
  let listening: Listening

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("status") { _, _ in try await status() }
    routes.post("drain") { request, context in
      let on = try await request.json(DrainRequest.self, context).on
      _ = try await supervisor.drain(on, by: context.principal.name)
      return try await status()
    }
    routes.post("backup") { request, context in try await backup(request, context) }
  }

  private func status() async throws -> Response {
    var model = StatusModel(
      version: version, pid: getpid(), stateFolder: supervisor.folders.state,
      startedAt: LocalTime.iso8601(supervisor.startedAt))
    for (state, count) in try await supervisor.store.jobCounts() { model.jobs[state.rawValue] = count }
    model.machines = try await supervisor.store.machines().count
    model.draining = try await supervisor.store.drain().map {
      DrainModel(by: $0.by, since: LocalTime.iso8601($0.since))
    }
    model.inhibitor = await supervisor.inhibitor.words
    model.listening = listening.all
    model.configuration = listening.configuration
    model.storeSetAside = supervisor.store.damage
    return try Response.json(model)
  }

  private func backup(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await request.json(BackupRequest.self, context)
    guard body.path.hasPrefix("/"), !body.path.utf8.contains(0) else {
      throw Problem.request("path is absolute: it is a path on the supervisor's machine")
    }
    // The copy is written with the supervisor's rights: only who has them may say where to.
    guard context.principal.speaksForOthers else {
      throw Problem(
        code: "principal.notAllowed", title: "not allowed", status: 403,
        detail: "backups are for root and for the user that fablined runs as")
    }
    let files = try await supervisor.store.backup(to: body.path)
    return try Response.json(BackupModel(path: body.path, files: files))
  }
}
