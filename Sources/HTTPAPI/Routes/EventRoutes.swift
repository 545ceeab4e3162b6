import APIModel
import Dispatch
import Hummingbird
import JobStore
import Supervisor

/// What happens, as a stream; and what happened, as a list.
struct EventRoutes {
  let supervisor: Supervisor
  /// Seconds between two signs of life on an idle stream.
  let heartbeat: Int
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("events") { request, context in try await stream(request, context.principal) }
    routes.get("logs") { request, _ in try await logs(request) }
  }

  private func stream(_ request: Request, _ principal: Principal) async throws -> Response {
    let query = Query(request)
    let kinds = try query.several("kind", HostEvent.Kind.self)
    let filter = EventFilter(
      machine: query.text("machine"), job: try query.number("job"), kinds: kinds.isEmpty ? nil : Set(kinds),
      level: try query.one("level", LogLevel.self))
    if let machine = filter.machine { _ = try await supervisor.store.machine(machine) }
    if let job = filter.job { _ = try await supervisor.store.job(job) }
    // Each stream may have some hundred events waiting: their number bounds the memory.
    let limit = supervisor.hub.subscriberLimit
    guard supervisor.hub.subscriberCount < limit else {
      throw Problem(
        code: "events.tooMany", title: "not reachable", status: 503,
        detail: "\(limit) event streams are open already: close one, or raise limits.event-streams")
    }
    let stream = EventStreamBody(
      hub: supervisor.hub, filter: filter, after: try lastSeen(request, query), heartbeat: heartbeat,
      door: door, principal: principal)
    return stream.response(to: request)
  }

  /// `Last-Event-ID` as the browser sends it after a break, or `after` where a header is hard to set.
  private func lastSeen(_ request: Request, _ query: Query) throws -> Int64? {
    guard let text = request.header("Last-Event-ID"), !text.isEmpty else { return try query.number("after") }
    guard let number = Int64(text), number >= 0 else {
      throw Problem.request("Last-Event-ID is not a number that came from here")
    }
    return number
  }

  /// Without a beginning (`since`, `after`) the newest lines; else from there on, a page at a time.
  private func logs(_ request: Request) async throws -> Response {
    let parameters = Query(request)
    var query = LogArchive.Query()
    query.after = try parameters.number("after") ?? 0
    query.since = try parameters.time("since", now: LocalTime.now())
    query.machine = parameters.text("machine")
    query.job = try parameters.number("job")
    query.level = try parameters.one("level", LogLevel.self)
    query.limit = try parameters.limit(500)
    query.newest = query.since == nil && parameters.text("after") == nil
    let wanted = query
    let archive = supervisor.archive
    // Reading files blocks: not on the pool that answers everybody else.
    let records = await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: archive.lines(wanted)) }
    }
    let isFull = !query.newest && records.count == query.limit
    return try Response.json(
      ItemPage(items: records.map { EventModel($0) }, next: isFull ? records.last.map { "\($0.id)" } : nil))
  }
}
