import APIModel

/// The supervisor's API, a function a route. Errors are `Failure`s with the problem document's sentence.
struct SupervisorAPI: Sendable {
  let client: APIClient

  func status() async throws -> StatusModel { try await get("/status") }

  func drain(_ on: Bool) async throws -> StatusModel {
    try await send("POST", "/drain", try JSONText.encode(DrainRequest(on: on), pretty: false))
  }

  // Files.

  func files() async throws -> ItemPage<FileModel> { try await all("/files", []) }

  func file(_ hash: String) async throws -> FileModel { try await get("/files/" + Query.escaped(hash)) }

  func upload(_ path: String, name: String, size: Int64) async throws -> FileModel {
    let request = APIRequest(
      method: "POST", path: Query.path("/files", [("name", name)]), seconds: 24 * 3600)
    let bytes = try await client.upload(request, pieces: FilePieces(path: path), size: size)
    return try JSONText.decode(FileModel.self, bytes)
  }

  func removeFile(_ hash: String) async throws {
    _ = try await client.send(APIRequest(method: "DELETE", path: "/files/" + Query.escaped(hash)))
  }

  // Jobs.

  func submit(_ job: JobRequest, key: String) async throws -> JobModel {
    try await send(
      "POST", "/jobs", try JSONText.encode(job, pretty: false), headers: [("idempotency-key", key)])
  }

  func jobs(states: [JobState], machine: String? = nil, submitter: String? = nil) async throws
    -> ItemPage<JobModel>
  {
    let names = states.isEmpty ? nil : states.map(\.rawValue).joined(separator: ",")
    return try await all("/jobs", [("state", names), ("machine", machine), ("submitter", submitter)])
  }

  func job(_ id: Int64) async throws -> JobModel { try await get("/jobs/\(id)") }

  func change(_ id: Int64, _ change: JobChange) async throws -> JobModel {
    try await send("PATCH", "/jobs/\(id)", try JSONText.encode(change, pretty: false))
  }

  func history(_ id: Int64) async throws -> ItemPage<HistoryModel> {
    try await all("/jobs/\(id)/history", [])
  }

  func why(_ id: Int64) async throws -> WhyModel { try await get("/jobs/\(id)/why") }

  /// `hold`, `release`, `cancel`, `pause`, `resume`, `retry`.
  func order(_ id: Int64, _ verb: String, reason: String?) async throws -> JobModel {
    try await send(
      "POST", "/jobs/\(id)/\(verb)", try JSONText.encode(ReasonRequest(reason: reason), pretty: false))
  }

  func recovery(_ id: Int64, line: Int64?, layer: Int?, height: String?) async throws -> RecoveryModel {
    let pairs = [("line", line.map { "\($0)" }), ("layer", layer.map { "\($0)" }), ("height", height)]
    return try await get(Query.path("/jobs/\(id)/recovery", pairs))
  }

  func recover(_ id: Int64, _ request: RecoverRequest) async throws -> JobModel {
    try await send("POST", "/jobs/\(id)/recover", try JSONText.encode(request, pretty: false), seconds: 600)
  }

  func decide(_ id: Int64, _ request: UncertainRequest) async throws -> JobModel {
    // To go on is a recovery: the file is read and its rest written.
    try await send(
      "POST", "/jobs/\(id)/uncertain", try JSONText.encode(request, pretty: false),
      seconds: request.decision == "goOn" ? 600 : 60)
  }

  // Machines.

  func machines() async throws -> ItemPage<MachineModel> { try await all("/machines", []) }

  func machine(_ name: String) async throws -> MachineModel { try await get("/machines/" + name) }

  /// Whether a machine melts filament; true for one that is unknown.
  func isPrinter(_ name: String) async throws -> Bool {
    let machine = try await machines().items.first { $0.settings.name == name }
    return machine.map { $0.settings.machineClass == .printer } ?? true
  }

  func add(_ settings: MachineSettings) async throws -> MachineModel {
    try await send("POST", "/machines", try JSONText.encode(settings, pretty: false))
  }

  /// `binds`: a person named the port, and means the device that is there now.
  func set(_ settings: MachineSettings, binds: Bool = false) async throws -> MachineModel {
    let path = Query.path("/machines/" + settings.name, [("bind", binds ? "yes" : nil)])
    return try await send("PATCH", path, try JSONText.encode(settings, pretty: false))
  }

  func devices() async throws -> ItemPage<DeviceModel> { try await all("/devices", []) }

  /// Makes the machine beep or move a little; only after a person's yes.
  func identify(_ name: String) async throws -> ActResult {
    let body = try JSONText.encode(IdentifyRequest(confirm: true), pretty: false)
    return try await send("POST", "/machines/\(name)/identify", body, seconds: 120)
  }

  func remove(_ name: String) async throws {
    _ = try await client.send(APIRequest(method: "DELETE", path: "/machines/" + name))
  }

  func disable(_ name: String, reason: String) async throws -> MachineModel {
    try await send(
      "POST", "/machines/\(name)/disable", try JSONText.encode(ReasonRequest(reason: reason), pretty: false))
  }

  func enable(_ name: String) async throws -> MachineModel {
    try await send("POST", "/machines/\(name)/enable", "{}")
  }

  func ready(_ name: String, _ request: ReadyRequest) async throws -> MachineModel {
    try await send("POST", "/machines/\(name)/ready", try JSONText.encode(request, pretty: false))
  }

  /// Waits for a machine that is being connected, for as long as a firmware may take to greet.
  func connected(_ name: String, seconds: Double = 30) async throws -> MachineModel {
    let connecting = ["noDriver", "opening", "handshaking"]
    let found = try await Polling.until(seconds: seconds) { () async throws -> MachineModel? in
      let machine = try await self.machine(name)
      return connecting.contains(machine.phase) && machine.disabled == nil ? nil : machine
    }
    // Still connecting is for the supervisor to say: it knows why.
    guard let found else { return try await machine(name) }
    return found
  }

  func act(_ name: String, _ act: ActRequest, seconds: Int64 = 600) async throws -> ActResult {
    try await send(
      "POST", "/machines/\(name)/acts", try JSONText.encode(act, pretty: false), seconds: seconds)
  }

  /// Stops every machine.
  func stopAll() async throws -> [StopModel] {
    let page: ItemPage<StopModel> = try await send("POST", "/estop", "{}", seconds: 3)
    return page.items
  }

  func recorder(_ name: String) async throws -> RecorderModel { try await get("/machines/\(name)/recorder") }

  func wireLog(_ name: String, on: Bool) async throws {
    let body = try JSONText.encode(WireLogRequest(on: on), pretty: false)
    _ = try await client.send(APIRequest(method: "PUT", path: "/machines/\(name)/wire-log", body: body))
  }

  // The link, what was measured, attended starts.

  func link(_ name: String) async throws -> LinkModel { try await get("/machines/\(name)/link") }

  func profiles() async throws -> ItemPage<ProfileModel> { try await all("/profiles", []) }

  func profile(_ fingerprint: String) async throws -> ProfileModel {
    try await get("/profiles/" + Query.escaped(fingerprint))
  }

  func store(_ profile: ProfileModel) async throws -> ProfileModel {
    try await send(
      "PUT", "/profiles/" + Query.escaped(profile.fingerprint), try JSONText.encode(profile, pretty: false))
  }

  func bounds(_ job: Int64, machine: String) async throws -> BoundsModel {
    try await get(Query.path("/jobs/\(job)/bounds", [("machine", machine)]))
  }

  func start(_ job: Int64, machine: String) async throws -> BoundsModel {
    let body = try JSONText.encode(AttendRequest(machine: machine), pretty: false)
    return try await send("POST", "/jobs/\(job)/start", body)
  }

  func frame(_ job: Int64, machine: String?) async throws -> BoundsModel {
    let body = try JSONText.encode(AttendRequest(machine: machine), pretty: false)
    return try await send("POST", "/jobs/\(job)/frame", body, seconds: 600)
  }

  // Logs, events, backup.

  func logs(_ filter: LogFilter) async throws -> ItemPage<EventModel> { try await all("/logs", filter.pairs) }

  func backup(_ path: String) async throws -> BackupModel {
    try await send(
      "POST", "/backup", try JSONText.encode(BackupRequest(path: path), pretty: false), seconds: 24 * 3600)
  }

  /// Follows events from `after` on (the last id seen); ends when `receive` says false.
  func events(
    machine: String? = nil, job: Int64? = nil, kinds: [String] = [], after: String? = nil,
    _ receive: (EventModel) async throws -> Bool
  ) async throws {
    let path = Query.path(
      "/events",
      [
        ("machine", machine), ("job", job.map { "\($0)" }),
        ("kind", kinds.isEmpty ? nil : kinds.joined(separator: ",")),
      ])
    let headers = after.map { [("last-event-id", $0)] } ?? []
    try await client.events(APIRequest(path: path, headers: headers)) { event in
      guard event.data.hasPrefix("{") else { return true }
      return try await receive(try JSONText.decode(EventModel.self, Array(event.data.utf8)))
    }
  }

  // Ways to send.

  func get<Value: Decodable>(_ path: String) async throws -> Value {
    try JSONText.decode(Value.self, try await client.send(APIRequest(path: path)))
  }

  func send<Value: Decodable>(
    _ method: String, _ path: String, _ body: String, headers: [(String, String)] = [], seconds: Int64 = 60
  ) async throws -> Value {
    let request = APIRequest(method: method, path: path, body: body, headers: headers, seconds: seconds)
    return try JSONText.decode(Value.self, try await client.send(request))
  }

  /// Every page of a list, as one.
  func all<Item>(_ path: String, _ pairs: [(String, String?)]) async throws -> ItemPage<Item> {
    var page: ItemPage<Item> = try await get(Query.path(path, pairs))
    var items = page.items
    while let next = page.next {
      page = try await get(Query.path(path, pairs + [("after", next)]))
      items += page.items
    }
    return ItemPage(items: items)
  }
}
