import APIModel
import Hummingbird
import Supervisor

/// Serial ports, and finding out which machine is at which.
struct DeviceRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("devices") { request, _ in
      let devices = await supervisor.devices().map { DeviceModel($0) }
      return try Response.json(try ItemPage.part(of: devices, request) { $0.node })
    }
    routes.post("machines/:name/identify") { request, context in
      let body = try await request.json(IdentifyRequest.self, context)
      let done = try await supervisor.identify(
        try context.parameter("name"), confirm: body.confirm, by: context.principal.name)
      return try Response.json(ActResult(message: done))
    }
  }
}
