import APIModel
import HTTPTypes
import Hummingbird
import JobStore
import NIOCore
import Supervisor

/// OctoPrint's API as PrusaSlicer, SuperSlicer, OrcaSlicer and Cura's plugin use it.
///
/// Where OctoPrint would answer that it is busy, the file waits in the queue. https://docs.octoprint.org/en/master/api/
struct OctoPrintRoutes {
  let supervisor: Supervisor
  let version: String
  /// Whether PrusaLink's uploads by PUT lie beside these paths.
  let offersPut: Bool
  private var uploads: SlicerUpload { SlicerUpload(supervisor: supervisor) }

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("api/version") { _, context in
      _ = try await SlicerTarget(context).machines(supervisor)
      return try Response.json(about)
    }
    routes.get("api/server") { _, _ in
      try Response.json(["version": .text(version), "safemode": .null] as JSONValue)
    }
    routes.post("api/login") { request, context in try Response.json(account(context, isSession: true)) }
    routes.get("api/currentuser") { _, context in try Response.json(account(context, isSession: false)) }
    routes.get("api/settings") { _, _ in try Response.json(settings) }
    routes.get("api/printerprofiles") { _, context in try await profiles(context) }
    routes.get("api/connection") { _, context in try await connection(context) }
    routes.get("api/printer") { _, context in
      try Response.json(OctoPrinter(try await SlicerTarget(context).shown(supervisor)))
    }
    routes.get("api/job") { _, context in
      try Response.json(JSONValue.octoJob(try await SlicerTarget(context).shown(supervisor)))
    }
    routes.post("api/job") { request, context in try await order(request, context) }
    routes.get("api/files") { _, _ in try await files() }
    routes.get("api/files/local") { _, _ in try await files() }
    for place in ["local", "sdcard"] {
      routes.post("api/files/\(place)") { request, context in try await upload(request, context) }
    }
    routes.get("api/files/local/**") { _, context in
      try Response.json(OctoFile(try await uploads.newest(named: try context.lastName())))
    }
    routes.post("api/files/local/**") { request, context in try await command(request, context) }
  }

  /// The text begins with the name that slicers look for; the rest says who it really is.
  private var about: JSONValue {
    var about: [String: JSONValue] = [
      "api": "0.1", "server": .text(version), "text": .text("OctoPrint (Fabline \(version))"),
    ]
    if offersPut { about["capabilities"] = ["upload-by-put": true] }
    return .object(about)
  }

  private func account(_ context: APIContext, isSession: Bool) -> JSONValue {
    let who = context.principal
    let groups: JSONValue = who.role >= .operator ? ["admins", "users"] : ["users"]
    var account: [String: JSONValue] = [
      "name": .text(who.name), "groups": groups, "active": true, "user": true,
      "admin": .flag(who.role >= .admin), "apikey": .null,
    ]
    if isSession { account["_is_external_client"] = true }
    return .object(account)
  }

  /// What Cura's plugin looks for: no plugins, no camera, no switching of power.
  private var settings: JSONValue {
    [
      "api": ["enabled": true], "appearance": ["name": "Fabline"], "feature": ["sdSupport": false],
      "plugins": [:], "webcam": ["webcamEnabled": false], "folder": [:],
    ]
  }

  private func profiles(_ context: APIContext) async throws -> Response {
    let machines = try await SlicerTarget(context).machines(supervisor)
    var profiles: [String: JSONValue] = [:]
    for (index, machine) in machines.enumerated() {
      let settings = machine.record.settings
      profiles[settings.name] = [
        "id": .text(settings.name), "name": .text(settings.name), "model": .text(settings.model ?? ""),
        "default": .flag(index == 0), "current": .flag(index == 0), "heatedBed": true,
        "extruder": ["count": .number(max(1, settings.tools.count))],
      ]
    }
    return try Response.json(["profiles": .object(profiles)] as JSONValue)
  }

  private func connection(_ context: APIContext) async throws -> Response {
    let machine = try await SlicerTarget(context).shown(supervisor)
    let name = machine?.record.name ?? ""
    let current: JSONValue = [
      "state": .text(OctoState(machine).text), "port": .text(name), "baudrate": 0,
      "printerProfile": .text(name),
    ]
    let options: JSONValue = [
      "ports": [.text(name)], "baudrates": [], "printerProfiles": [["id": .text(name), "name": .text(name)]],
    ]
    return try Response.json(["current": current, "options": options] as JSONValue)
  }

  private func files() async throws -> Response {
    let files = try await supervisor.store.files(limit: 200)
    let free = supervisor.store.freeBytes
    return try Response.json(OctoFiles(files: files.map { OctoFile($0) }, free: free, total: free))
  }

  /// Stored, and in the queue where it is to be printed: also while the machine prints something else.
  private func upload(_ request: Request, _ context: APIContext) async throws -> Response {
    let result = try await uploads.form(request, context)
    let name = result.file.name
    let place =
      "/api/files/local/" + (name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? "")
    let answer: JSONValue = [
      "files": [
        "local": [
          "name": .text(name), "path": .text(name), "origin": "local", "refs": ["resource": .text(place)],
        ]
      ],
      "done": true, "effectivePrint": .flag(result.job != nil), "effectiveSelect": .flag(result.job != nil),
    ]
    var response = try Response.json(answer, status: .created)
    response.headers[.location] = place
    return response
  }

  /// `select` with `print`: a job of a stored file. To select alone means nothing here and is granted.
  private func command(_ request: Request, _ context: APIContext) async throws -> Response {
    let command = try await request.json(OctoCommand.self, context)
    let target = try SlicerTarget(context)
    let file = try await uploads.newest(named: try context.lastName())
    switch command.command {
    case "select":
      if command.print ?? false { _ = try await uploads.submit(file, to: target, context) }
    case "print": _ = try await uploads.submit(file, to: target, context)
    default: throw Problem.request("command is select or print")
    }
    return .noContent
  }

  private func order(_ request: Request, _ context: APIContext) async throws -> Response {
    let command = try await request.json(OctoCommand.self, context)
    guard let job = try await uploads.running(context) else {
      throw Problem(
        code: "job.notRunning", title: "not now", status: 409,
        detail: "nothing prints there; jobs start from the queue")
    }
    let who = context.principal.name
    switch (command.command, command.action ?? "toggle") {
    case ("cancel", _): _ = try await supervisor.cancel(job.id, reason: "from a slicer", by: who)
    case ("pause", "pause"): _ = try await supervisor.pause(job.id, by: who)
    case ("pause", "resume"): _ = try await supervisor.resume(job.id, by: who)
    case ("pause", "toggle"):
      _ =
        job.state == .paused
        ? try await supervisor.resume(job.id, by: who) : try await supervisor.pause(job.id, by: who)
    case ("start", _), ("restart", _):
      throw Problem(
        code: "job.running", title: "not now", status: 409,
        detail: "job \(job.id) runs there already; jobs start from the queue")
    default: throw Problem.request("command is pause (pause, resume, toggle) or cancel")
    }
    return .noContent
  }
}

/// What is asked of a file or of what prints.
struct OctoCommand: Decodable {
  var command: String
  var action: String?
  var print: Bool?
}
