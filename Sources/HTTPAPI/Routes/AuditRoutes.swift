import APIModel
import Hummingbird
import JobStore
import Supervisor

/// The audit log: who did what, and from where.
struct AuditRoutes {
  let store: JobStore

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("audit") { request, _ in
      let parameters = Query(request)
      var query = AuditQuery()
      query.who = parameters.text("user")
      query.since = try parameters.time("since", now: store.now())
      query.before = try parameters.number("after")
      query.limit = try parameters.limit()
      let rows = try await store.audit(query)
      let next = rows.count == query.limit ? rows.last.map { "\($0.id)" } : nil
      return try Response.json(ItemPage(items: rows.map { AuditModel($0) }, next: next))
    }
  }
}

extension AuditModel {
  init(_ record: AuditRecord) {
    self.init(
      id: record.id, at: LocalTime.iso8601(record.at), who: record.actor.name, via: record.actor.via,
      what: record.what, outcome: record.outcome.rawValue)
    address = record.actor.address
    target = record.target
    detail = record.detail
  }
}
