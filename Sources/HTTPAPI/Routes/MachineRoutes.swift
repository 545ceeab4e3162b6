import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Machines: configured, said to be ready, acted on by hand, stopped.
struct MachineRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("machines") { request, context in
      let machines = try await supervisor.machines().map { MachineModel($0, for: context.principal) }
      return try Response.json(try ItemPage.part(of: machines, request) { $0.settings.name })
    }
    routes.post("machines") { request, context in
      let settings = try await request.json(MachineSettings.self, context)
      let view = try await supervisor.addMachine(settings.stored, by: context.principal.name)
      return try Response.json(MachineModel(view, for: context.principal), status: .created)
    }
    routes.get("machines/:name") { _, context in
      let view = try await supervisor.machine(try context.parameter("name"))
      return try Response.json(MachineModel(view, for: context.principal))
    }
    routes.patch("machines/:name") { request, context in try await set(request, context) }
    routes.put("machines/:name") { request, context in try await set(request, context) }
    routes.delete("machines/:name") { _, context in
      try await supervisor.removeMachine(try context.parameter("name"), by: context.principal.name)
      return Response.noContent
    }
    addOrders(to: routes)
    addActs(to: routes)
  }

  private func addOrders(to routes: RouterGroup<APIContext>) {
    routes.post("machines/:name/ready") { request, context in
      let body = try await request.json(ReadyRequest.self, context)
      let name = try context.parameter("name")
      let view = try await supervisor.ready(name, job: body.job, by: context.principal.name)
      return try Response.json(MachineModel(view, for: context.principal))
    }
    routes.post("machines/:name/disable") { request, context in
      guard let reason = try await request.json(ReasonRequest.self, context).reason, !reason.isEmpty else {
        throw Problem.request("reason is missing: everybody should see why the machine takes no jobs")
      }
      let name = try context.parameter("name")
      let view = try await supervisor.disableMachine(name, reason: reason, by: context.principal.name)
      return try Response.json(MachineModel(view, for: context.principal))
    }
    routes.post("machines/:name/enable") { _, context in
      let name = try context.parameter("name")
      let view = try await supervisor.enableMachine(name, by: context.principal.name)
      return try Response.json(MachineModel(view, for: context.principal))
    }
  }

  private func addActs(to routes: RouterGroup<APIContext>) {
    routes.post("machines/:name/acts") { request, context in try await act(request, context) }
    routes.post("estop") { _, context in
      let results = try await supervisor.emergencyStop(nil, by: context.principal.name)
      let items = results.sorted { $0.key < $1.key }.map {
        StopModel(machine: $0.key, confirmed: $0.value.confirmed, message: $0.value.sentence)
      }
      return try Response.json(ItemPage(items: items))
    }
    routes.get("machines/:name/recorder") { _, context in
      try Response.json(RecorderModel(lines: try await supervisor.recorder(try context.parameter("name"))))
    }
    routes.get("machines/:name/link") { _, context in
      let name = try context.parameter("name")
      return try Response.json(LinkModel(try await supervisor.link(name), machine: name))
    }
    routes.get("machines/:name/temperatures") { _, context in
      let past = try await supervisor.temperatures(try context.parameter("name"))
      let items = past.map { PastTemperatures(age: $0.age, heaters: $0.heaters.map(HeaterModel.init)) }
      return try Response.json(ItemPage(items: items))
    }
    routes.get("machines/:name/history") { request, context in try await history(request, context) }
    routes.put("machines/:name/wire-log") { request, context in
      let body = try await request.json(WireLogRequest.self, context)
      let name = try context.parameter("name")
      try await supervisor.wireLog(name, on: body.on, by: context.principal.name)
      return Response.noContent
    }
  }

  private func history(_ request: Request, _ context: APIContext) async throws -> Response {
    let parameters = Query(request)
    let machine = try await supervisor.store.machine(try context.parameter("name"))
    var query = HistoryQuery(machine: machine.name)
    query.after = try parameters.number("after") ?? 0
    query.limit = try parameters.limit()
    let rows = try await supervisor.store.history(query)
    let next = rows.count == query.limit ? rows.last.map { "\($0.id)" } : nil
    return try Response.json(ItemPage(items: rows.map { HistoryModel($0) }, next: next))
  }

  private func set(_ request: Request, _ context: APIContext) async throws -> Response {
    let settings = try await request.json(MachineSettings.self, context)
    let name = try context.parameter("name")
    guard settings.name == name else {
      throw Problem.request(
        "a machine's name stays: \(name) cannot become \(LogRecord.escaped(settings.name))")
    }
    // `bind=yes`: a person named the port, so that the machine is bound to what is plugged in there now.
    let binds = Query(request).text("bind") == "yes"
    let view = try await supervisor.setMachine(settings.stored, binds: binds, by: context.principal.name)
    return try Response.json(MachineModel(view, for: context.principal))
  }

  private func act(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.parameter("name")
    let body = try await request.json(ActRequest.self, context)
    let who = context.principal.name
    guard body.act != "estop" else {
      let result = try await supervisor.emergencyStop(name, by: who)[name]
      return try Response.json(
        ActResult(message: result?.sentence, confirmed: result?.confirmed ?? false))
    }
    guard body.act != "measure" else {
      let measured = try await supervisor.measure(name, by: who)
      var result = ActResult(lines: measured.notes)
      result.profile = ProfileModel(measured.profile)
      return try Response.json(result)
    }
    var lines: [String] = []
    for act in try body.acts() { lines += try await supervisor.act(act, on: name, by: who) }
    return try Response.json(ActResult(lines: lines))
  }
}
