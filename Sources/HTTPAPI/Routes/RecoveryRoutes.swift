import APIModel
import Hummingbird
import JobStore
import Recovery
import Supervisor

/// Jobs that were cut short: what is known, the plan, and a person's word for it.
struct RecoveryRoutes {
  let supervisor: Supervisor
  let jobs: JobRoutes

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("jobs/:id/recovery") { request, context in
      let id = try context.jobNumber()
      return try Response.json(RecoveryModel(try await supervisor.recovery(id, try choice(request))))
    }
    routes.post("jobs/:id/recover") { request, context in
      let id = try context.jobNumber()
      let body = try await request.json(RecoverRequest.self, context)
      let order = RecoveryOrder(
        place: try place(line: body.line, layer: body.layer.map { Int64($0) }), answers: body.answers,
        planHash: body.planHash)
      return try await jobs.answer(supervisor.recover(id, order, by: context.principal.name))
    }
    routes.post("jobs/:id/uncertain") { request, context in
      let id = try context.jobNumber()
      let body = try await request.json(UncertainRequest.self, context)
      let reason = body.reason.flatMap { $0.isEmpty ? nil : $0 }
      if body.decision == "goOn" {
        // It is a recovery, and needs who may order one, whoever the job belongs to.
        try context.principal.require(.operator)
        let order = RecoveryOrder(
          place: try place(line: body.line, layer: body.layer.map { Int64($0) }),
          answers: body.answers ?? [:],
          planHash: body.planHash ?? "")
        return try await jobs.answer(
          supervisor.goOn(id, order, reason: reason, by: context.principal.name))
      }
      guard let decision = UncertainDecision(rawValue: body.decision) else {
        throw Problem.request("decision is done, failed or goOn, not \"\(LogRecord.escaped(body.decision))\"")
      }
      return try await jobs.answer(
        supervisor.decide(id, decision, reason: reason, by: context.principal.name))
    }
  }

  private func choice(_ request: Request) throws -> RecoveryChoice {
    let parameters = Query(request)
    var choice = RecoveryChoice(
      place: try place(line: try parameters.number("line"), layer: try parameters.number("layer")))
    if let text = parameters.text("height") {
      guard let height = Double(text), height.isFinite else {
        throw Problem.request("height is no number of millimetres")
      }
      choice.height = height
    }
    return choice
  }

  private func place(line: Int64?, layer: Int64?) throws -> RecoveryChoice.Place {
    switch (line, layer) {
    case (nil, nil): return .proposed
    case (let line?, nil) where line > 0: return .line(line)
    case (nil, let layer?) where layer > 0: return .layer(Int32(clamping: layer))
    default: throw Problem.request("a line or a layer is named, from 1, and not both")
    }
  }
}
