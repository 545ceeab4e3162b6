import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Jobs: submitted, listed, changed, ordered about.
struct JobRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.post("jobs") { request, context in try await submit(request, context) }
    routes.get("jobs") { request, _ in try await list(request) }
    routes.get("jobs/:id") { _, context in try await answer(supervisor.store.job(context.jobNumber())) }
    routes.patch("jobs/:id") { request, context in try await change(request, context) }
    routes.get("jobs/:id/history") { request, context in try await history(request, context) }
    routes.get("jobs/:id/why") { _, context in
      try Response.json(WhyModel(try await supervisor.why(try context.jobNumber())))
    }
    routes.get("jobs/:id/bounds") { request, context in
      let machine = Query(request).text("machine")
      let id = try context.jobNumber()
      return try Response.json(
        BoundsModel(try await supervisor.bounds(id, on: machine, by: context.principal.name)))
    }
    routes.post("jobs/:id/start") { request, context in
      let machine = try await request.json(AttendRequest.self, context).machine
      let id = try context.jobNumber()
      return try Response.json(
        BoundsModel(try await supervisor.start(id, on: machine, by: context.principal.name)))
    }
    routes.post("jobs/:id/frame") { request, context in
      let machine = try await request.json(AttendRequest.self, context).machine
      let id = try context.jobNumber()
      return try Response.json(
        BoundsModel(try await supervisor.frame(id, on: machine, by: context.principal.name)))
    }
    for order in Order.allCases {
      routes.post("jobs/:id/\(order.rawValue)") { request, context in
        try await give(order, request, context)
      }
    }
  }

  /// What can be ordered of a job.
  private enum Order: String, CaseIterable {
    case hold, release, cancel, pause, resume, retry
  }

  private func submit(_ request: Request, _ context: APIContext) async throws -> Response {
    let body = try await request.json(JobRequest.self, context)
    try JobRule.refuse(priority: body.priority, instead: 0, context.principal)
    let result = try await supervisor.submit(
      try JobSubmission(body), by: context.principal.name, key: try key(request, body))
    return try await answer(result.job, status: .created)
  }

  /// The same key from the same person finds the job of the first time; with another request it is an error.
  private func key(_ request: Request, _ body: JobRequest) throws -> IdempotencyKey? {
    guard let key = request.header("Idempotency-Key") else { return nil }
    return try IdempotencyMiddleware.key(key, request, try Response.encoded(body))
  }

  private func list(_ request: Request) async throws -> Response {
    let parameters = Query(request)
    var query = JobQuery()
    query.states = Set(try parameters.several("state", JobRecord.State.self))
    query.machine = parameters.text("machine")
    query.submitter = parameters.text("submitter")
    query.after = try parameters.number("after") ?? 0
    query.limit = try parameters.limit()
    let jobs = try await supervisor.store.jobs(query)
    let next = jobs.count == query.limit ? jobs.last.map { "\($0.id)" } : nil
    var items = try await models(jobs)
    // Ranking the queue costs more than reading it: only for whoever asks.
    if try parameters.flag("places") { try await place(&items) }
    return try Response.json(ItemPage(items: items, next: next))
  }

  private func place(_ items: inout [JobModel]) async throws {
    let order = try await supervisor.order()
    let places = Dictionary(
      order.enumerated().map { ($0.element, $0.offset + 1) }, uniquingKeysWith: { first, _ in first })
    for index in items.indices { items[index].place = places[items[index].id] }
  }

  private func change(_ request: Request, _ context: APIContext) async throws -> Response {
    let id = try context.jobNumber()
    let edit = try JobEdit(try await request.json(JobChange.self, context))
    try await JobRule.refuse(edit, of: id, context.principal, supervisor.store)
    return try await answer(supervisor.change(id, edit, by: context.principal.name))
  }

  private func history(_ request: Request, _ context: APIContext) async throws -> Response {
    let parameters = Query(request)
    let job = try await supervisor.store.job(try context.jobNumber())
    var query = HistoryQuery(job: job.id)
    query.after = try parameters.number("after") ?? 0
    query.limit = try parameters.limit()
    let rows = try await supervisor.store.history(query)
    let next = rows.count == query.limit ? rows.last.map { "\($0.id)" } : nil
    return try Response.json(ItemPage(items: rows.map { HistoryModel($0) }, next: next))
  }

  private func give(_ order: Order, _ request: Request, _ context: APIContext) async throws -> Response {
    let id = try context.jobNumber()
    let reason = try await request.json(ReasonRequest.self, context).reason.flatMap { $0.isEmpty ? nil : $0 }
    let who = context.principal.name
    let job =
      switch order {
      case .hold: try await supervisor.hold(id, reason: reason, by: who)
      case .release: try await supervisor.release(id, by: who)
      case .cancel: try await supervisor.cancel(id, reason: reason, by: who)
      case .pause: try await supervisor.pause(id, by: who)
      case .resume: try await supervisor.resume(id, by: who)
      case .retry: try await supervisor.retry(id, by: who)
      }
    return try await answer(job)
  }

  func answer(_ job: JobRecord, status: HTTPResponse.Status = .ok) async throws -> Response {
    guard let model = try await models([job]).first else { throw Problem.request("no such job") }
    return try Response.json(model, status: status)
  }

  /// Jobs with what their files say and what their drivers said last. Each file is looked up once.
  private func models(_ jobs: [JobRecord]) async throws -> [JobModel] {
    let live = jobs.contains { !$0.openAttempts.isEmpty } ? await supervisor.liveProgress() : [:]
    var files: [String: FileRecord] = [:]
    for hash in Set(jobs.map(\.file)) { files[hash] = try? await supervisor.store.file(hash) }
    return jobs.map { JobModel($0, file: files[$0.file]?.facts, size: files[$0.file]?.size ?? 0, live: live) }
  }
}

extension JobSubmission {
  /// Reads a request; the store judges it.
  init(_ request: JobRequest) throws {
    self.init(
      file: request.file, machine: request.machine, pool: request.pool, copies: request.copies ?? 1,
      priority: request.priority ?? 0)
    due = try request.due.map { try moment($0) }
    material = request.material
    hold = request.hold
    note = request.note
    force = request.force ?? false
  }
}

extension JobEdit {
  /// Reads a change; an empty due date takes it away.
  init(_ change: JobChange) throws {
    self.init()
    priority = change.priority
    if let text = change.due { due = .some(text.isEmpty ? nil : try moment(text)) }
    copies = change.copies
    note = change.note
    machine = change.machine
    before = change.before
  }
}

private func moment(_ text: String) throws -> Int64 {
  guard let time = LocalTime.parse(text) else {
    throw Problem.request("due is no time: 2026-03-01T14:00 or 2026-03-01T14:00:00+01:00")
  }
  return time
}

/// A short digest that tells two requests apart.
enum Fingerprint {
  /// FNV-1a, 64 bits, and the length. It guards against a client's mistake, not against an enemy.
  static func of(_ bytes: some Collection<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16) + "-\(bytes.count)"
  }
}
