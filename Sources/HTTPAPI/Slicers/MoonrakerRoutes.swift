import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Moonraker's API as OrcaSlicer, SuperSlicer and PrusaSlicer use it to send files.
///
/// Moonraker wraps what it says in `result`; of an upload some of its releases do not, and clients look in either place.
/// https://moonraker.readthedocs.io/en/latest/external_api/file_manager/
struct MoonrakerRoutes {
  let supervisor: Supervisor
  let version: String
  private var uploads: SlicerUpload { SlicerUpload(supervisor: supervisor) }

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("server/info") { _, context in
      let state = OctoState(try await SlicerTarget(context).shown(supervisor))
      return try result([
        "klippy_connected": .flag(state.flags["operational"] == true),
        "klippy_state": .text(state.flags["operational"] == true ? "ready" : "disconnected"),
        "moonraker_version": .text("Fabline \(version)"), "api_version": [1, 5, 0],
        "api_version_string": "1.5.0",
        "components": ["file_manager", "job_queue"], "failed_components": [], "warnings": [],
      ])
    }
    routes.get("printer/info") { _, context in
      let machine = try await SlicerTarget(context).shown(supervisor)
      let state = OctoState(machine)
      return try result([
        "state": .text(state.flags["operational"] == true ? "ready" : "error"),
        "state_message": .text(state.text),
        "hostname": .text(machine?.record.name ?? "fabline"), "software_version": .text("Fabline \(version)"),
      ])
    }
    routes.get("server/files/roots") { _, _ in
      try result([["name": "gcodes", "path": "gcodes", "permissions": "rw"]])
    }
    routes.post("server/files/upload") { request, context in try await upload(request, context) }
    routes.post("printer/print/start") { request, context in
      var name = Query(request).text("filename")
      if name == nil { name = try await request.json(StartRequest.self, context).filename }
      guard let name else { throw Problem.request("filename is missing") }
      let file = try await uploads.newest(named: name)
      _ = try await uploads.submit(file, to: try SlicerTarget(context), context)
      return try result("ok")
    }
  }

  private struct StartRequest: Decodable { var filename: String? }

  /// A print that was asked for is queued, and is said to be: a slicer that hears of neither starts it a second time.
  private func upload(_ request: Request, _ context: APIContext) async throws -> Response {
    let uploaded = try await uploads.form(request, context, checksums: true)
    let name = uploaded.file.name
    var answer: [String: JSONValue] = [
      "item": [
        "path": .text(name), "root": "gcodes", "size": .number(Int(uploaded.file.size)), "permissions": "rw",
        "modified": .number(Int(uploaded.file.createdAt / 1000)),
      ],
      "print_started": false, "print_queued": .flag(uploaded.job != nil), "action": "create_file",
    ]
    answer["result"] = .object(answer)
    return try Response.json(JSONValue.object(answer), status: .created)
  }

  private func result(_ value: JSONValue) throws -> Response {
    try Response.json(["result": value] as JSONValue)
  }
}
