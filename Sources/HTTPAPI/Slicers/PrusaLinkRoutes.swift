import APIModel
import HTTPTypes
import Hummingbird
import JobStore
import Supervisor

/// PrusaLink's API as PrusaSlicer uses it, behind `/m/NAME` and `/pool/NAME` alone: without those, `/api/v1` is Fabline's own, and
/// PrusaSlicer, told of no uploads by PUT, sends a form to OctoPrint's path instead.
///
/// Keys, not passwords: PrusaLink's user and password come as HTTP Digest, which asks a server to keep what passwords are
/// checked with in a form that is as good as the password. https://github.com/prusa3d/Prusa-Link-Web, spec/openapi.yaml
struct PrusaLinkRoutes {
  let supervisor: Supervisor
  let version: String
  private var uploads: SlicerUpload { SlicerUpload(supervisor: supervisor) }

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("api/v1/storage") { _, context in
      _ = try await SlicerTarget(context).machines(supervisor)
      return try Response.json(storage)
    }
    routes.get("api/v1/info") { _, context in
      let machine = try await SlicerTarget(context).shown(supervisor)
      let name = machine?.record.name ?? "Fabline"
      return try Response.json(
        ["name": .text(name), "hostname": .text(name), "serial": "", "min_extrusion_temp": 170] as JSONValue)
    }
    routes.get("api/v1/status") { _, context in
      try Response.json(LinkStatus(try await SlicerTarget(context).shown(supervisor)))
    }
    routes.get("api/v1/job") { _, context in
      guard let job = LinkJob(try await SlicerTarget(context).shown(supervisor)) else {
        return Response.noContent
      }
      return try Response.json(job)
    }
    routes.put("api/v1/files/local/**") { request, context in try await put(request, context) }
    routes.get("api/v1/files/local/**") { _, context in
      let file = try await uploads.newest(named: try context.lastName())
      return try Response.json(
        [
          "name": .text(file.name), "display_name": .text(file.name), "type": "PRINT_FILE",
          "size": .number(Int(file.size)),
          "m_timestamp": .number(Int(file.createdAt / 1000)), "read_only": false,
        ] as JSONValue)
    }
    routes.head("api/v1/files/local/**") { _, context in
      let file = try await uploads.newest(named: try context.lastName())
      return Response(
        status: .ok, headers: [.contentType: "application/json", .contentLength: "\(file.size)"])
    }
  }

  /// One place, which can be written to; `storage_list` has to be the first member.
  private var storage: JSONValue {
    [
      "storage_list": [
        [
          "name": "Fabline", "path": "/local", "type": "LOCAL", "available": true, "read_only": false,
          "ro": false,
          "free_space": .number(Int(supervisor.store.freeBytes)),
        ]
      ]
    ]
  }

  /// The body is the file. Files are named by their content, so that nothing is ever overwritten and `Overwrite` asks for nothing.
  private func put(_ request: Request, _ context: APIContext) async throws -> Response {
    let name = try context.lastName()
    let wish = request.header("Print-After-Upload")?.trimmingCharacters(in: .whitespaces) ?? ""
    let result = try await uploads.body(
      request, context, name: name, prints: ["?1", "1", "true"].contains(wish.lowercased()))
    let file = result.file.name
    return try Response.json(
      [
        "name": .text(file), "display_name": .text(file), "type": "PRINT_FILE",
        "size": .number(Int(result.file.size)),
        "job": result.job.map { .number(Int($0.id)) } ?? .null,
      ] as JSONValue, status: .created)
  }
}

/// `GET /api/v1/status`.
struct LinkStatus: Encodable {
  struct Printer: Encodable {
    var state: String
    var nozzle: OctoPrinter.Reading?
    var bed: OctoPrinter.Reading?

    private enum Key: String, CodingKey {
      case state
      case nozzle = "temp_nozzle"
      case nozzleTarget = "target_nozzle"
      case bed = "temp_bed"
      case bedTarget = "target_bed"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(state, forKey: .state)
      try container.encodeIfPresent(nozzle?.actual, forKey: .nozzle)
      try container.encodeIfPresent(nozzle?.target, forKey: .nozzleTarget)
      try container.encodeIfPresent(bed?.actual, forKey: .bed)
      try container.encodeIfPresent(bed?.target, forKey: .bedTarget)
    }
  }
  var printer: Printer
  var job: LinkJob?

  init(_ machine: MachineView?) {
    let octo = OctoPrinter(machine)
    printer = Printer(
      state: LinkStatus.word(octo.state), nozzle: octo.temperature["tool0"], bed: octo.temperature["bed"])
    job = LinkJob(machine)
  }

  static func word(_ state: OctoState) -> String {
    switch state.text {
    case "Operational": "IDLE"
    case "Printing", "Pausing": "PRINTING"
    case "Paused": "PAUSED"
    case "Cancelling", "Connecting": "BUSY"
    default: "ERROR"
    }
  }
}

/// `GET /api/v1/job`.
struct LinkJob: Encodable {
  var id: Int64
  var state: String
  var progress: Double
  var elapsed: Int64
  var remaining: Int64?
  var file: [String: String]

  private enum CodingKeys: String, CodingKey {
    case id, state, progress, file
    case elapsed = "time_printing"
    case remaining = "time_remaining"
  }

  init?(_ machine: MachineView?) {
    guard let running = machine?.status?.running else { return nil }
    id = running.job
    state = LinkStatus.word(OctoState(machine))
    progress = running.size > 0 ? Double(running.byteOffset) * 100 / Double(running.size) : 0
    elapsed = running.elapsed
    remaining = running.remaining
    file = ["name": running.name, "display_name": running.name]
  }
}
