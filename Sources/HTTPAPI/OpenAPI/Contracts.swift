import APIModel
import JobStore
import Supervisor

/// The contract of every route of `/api/v1`, by method and template; a test holds it against the route table.
enum Contracts {
  static var all: [String: Contract] {
    [system, people, files, jobs, machines].reduce(into: [:]) {
      $0.merge($1, uniquingKeysWith: { _, last in last })
    }
  }

  private static var system: [String: Contract] {
    [
      "GET /api/v1/status": .reads(StatusModel.self),
      "GET /api/v1/openapi.json": Contract(answer: .bytes("application/json")),
      "GET /api/v1/grafana.json": Contract(answer: .bytes("application/json")),
      "POST /api/v1/drain": .takes(DrainRequest.self, StatusModel.self),
      "POST /api/v1/backup": .takes(BackupRequest.self, BackupModel.self),
      "GET /api/v1/events": Contract(query: events, answer: .bytes("text/event-stream")),
      "GET /api/v1/logs": .page(of: EventModel.self, logs, after: .integer),
      "GET /api/v1/devices": .page(of: DeviceModel.self),
      "GET /api/v1/profiles": .page(of: ProfileModel.self),
      "GET /api/v1/profiles/{fingerprint}": .reads(ProfileModel.self),
      "PUT /api/v1/profiles/{fingerprint}": .takes(ProfileModel.self, ProfileModel.self),
      "POST /api/v1/estop": Contract(answer: .json(ItemPage<StopModel>.self)),
    ]
  }

  private static var people: [String: Contract] {
    [
      "POST /api/v1/session": .takes(SessionRequest.self, SessionModel.self),
      "GET /api/v1/session": .reads(SessionModel.self),
      "DELETE /api/v1/session": Contract(status: 204),
      "GET /api/v1/users": .page(of: AccountModel.self),
      "POST /api/v1/users": .takes(AccountRequest.self, AccountModel.self, status: 201),
      "PATCH /api/v1/users/{name}": .takes(AccountChange.self, AccountModel.self),
      "DELETE /api/v1/users/{name}": Contract(status: 204),
      "GET /api/v1/tokens": .page(of: TokenModel.self, after: .integer),
      "POST /api/v1/tokens": .takes(TokenRequest.self, TokenModel.self, status: 201),
      "GET /api/v1/tokens/requests": Contract(answer: .json(ItemPage<KeyRequestModel>.self)),
      "POST /api/v1/tokens/requests/{id}": .takes(KeyDecision.self, KeyRequestModel.self),
      "DELETE /api/v1/tokens/{id}": Contract(status: 204),
      "GET /api/v1/audit": .page(
        of: AuditModel.self,
        [
          .init(name: "user", schema: .string, summary: "only what this person did"),
          .init(
            name: "since", schema: .string, summary: "from then on: an ISO 8601 time, or 10m, 2h, 3d back"),
        ], after: .integer),
    ]
  }

  private static var files: [String: Contract] {
    [
      "GET /api/v1/files": .page(of: FileModel.self),
      "POST /api/v1/files": Contract(
        query: [.init(name: "name", schema: .string, summary: "the file's name", isRequired: true)],
        body: .bytes("text/x.gcode"), status: 201, answer: .json(FileModel.self)),
      "GET /api/v1/files/{hash}": .reads(FileModel.self),
      "DELETE /api/v1/files/{hash}": Contract(status: 204),
      "GET /api/v1/files/{hash}/thumbnail": Contract(
        query: [
          .init(name: "size", schema: .integer, summary: "at least so many pixels wide, if there is one")
        ],
        answer: .bytes("image/png")),
      "GET /api/v1/files/{hash}/picture": Contract(answer: .bytes("image/svg+xml")),
      "GET /api/v1/files/{hash}/layers": .reads(LayersModel.self),
      "GET /api/v1/files/{hash}/layers/{number}": .reads(
        LayerPathModel.self,
        [
          .init(
            name: "format", schema: .choice(LayerFormat.allCases.map(\.rawValue)),
            summary: "json, or a drawing"),
          .init(name: "points", schema: .integer, summary: "at most so many, 100 to 50000; 20000 else"),
        ], otherForm: "image/svg+xml"),
    ]
  }

  private static var jobs: [String: Contract] {
    var contracts: [String: Contract] = [
      "GET /api/v1/jobs": .page(
        of: JobModel.self,
        [
          .init(name: "state", schema: .string, summary: "only these states, separated by commas"),
          .init(name: "machine", schema: .string, summary: "only jobs for this machine"),
          .init(name: "submitter", schema: .string, summary: "only this person's"),
          .init(name: "places", schema: .choice(["yes"]), summary: "with the place of each that waits"),
        ], after: .integer),
      "POST /api/v1/jobs": .takes(JobRequest.self, JobModel.self, status: 201),
      "GET /api/v1/jobs/{id}": .reads(JobModel.self),
      "PATCH /api/v1/jobs/{id}": .takes(JobChange.self, JobModel.self),
      "GET /api/v1/jobs/{id}/history": .page(of: HistoryModel.self, after: .integer),
      "GET /api/v1/jobs/{id}/why": .reads(WhyModel.self),
      "GET /api/v1/jobs/{id}/bounds": .reads(
        BoundsModel.self, [.init(name: "machine", schema: .string, summary: "the machine meant")]),
      "POST /api/v1/jobs/{id}/start": .takes(AttendRequest.self, BoundsModel.self),
      "POST /api/v1/jobs/{id}/frame": .takes(AttendRequest.self, BoundsModel.self),
      "GET /api/v1/jobs/{id}/recovery": .reads(
        RecoveryModel.self,
        [
          .init(name: "line", schema: .integer, summary: "go on with this line of the file"),
          .init(name: "layer", schema: .integer, summary: "go on with this layer"),
          .init(name: "height", schema: .number, summary: "the nozzle's height now, mm"),
        ]),
      "POST /api/v1/jobs/{id}/recover": .takes(RecoverRequest.self, JobModel.self),
      "POST /api/v1/jobs/{id}/uncertain": .takes(UncertainRequest.self, JobModel.self),
    ]
    for order in ["hold", "release", "cancel", "pause", "resume", "retry"] {
      contracts["POST /api/v1/jobs/{id}/\(order)"] = .takes(ReasonRequest.self, JobModel.self)
    }
    return contracts
  }

  private static let binding = Contract.Parameter(
    name: "bind", schema: .choice(["yes"]), summary: "bind the machine to what is plugged in at its port now")

  private static var machines: [String: Contract] {
    [
      "GET /api/v1/machines": .page(of: MachineModel.self),
      "POST /api/v1/machines": .takes(MachineSettings.self, MachineModel.self, status: 201),
      "GET /api/v1/machines/{name}": .reads(MachineModel.self),
      "PATCH /api/v1/machines/{name}": .takes(MachineSettings.self, MachineModel.self, [binding]),
      "PUT /api/v1/machines/{name}": .takes(MachineSettings.self, MachineModel.self, [binding]),
      "DELETE /api/v1/machines/{name}": Contract(status: 204),
      "POST /api/v1/machines/{name}/ready": .takes(ReadyRequest.self, MachineModel.self),
      "POST /api/v1/machines/{name}/disable": .takes(ReasonRequest.self, MachineModel.self),
      "POST /api/v1/machines/{name}/enable": Contract(answer: .json(MachineModel.self)),
      "POST /api/v1/machines/{name}/acts": .takes(ActRequest.self, ActResult.self),
      "GET /api/v1/machines/{name}/recorder": .reads(RecorderModel.self),
      "GET /api/v1/machines/{name}/camera": Contract(answer: .bytes("image/*")),
      "GET /api/v1/machines/{name}/camera/stream": Contract(answer: .bytes("multipart/x-mixed-replace")),
      "GET /api/v1/machines/{name}/temperatures": .reads(ItemPage<PastTemperatures>.self),
      "GET /api/v1/machines/{name}/link": .reads(LinkModel.self),
      "GET /api/v1/machines/{name}/history": .page(of: HistoryModel.self, after: .integer),
      "PUT /api/v1/machines/{name}/wire-log": Contract(body: .json(WireLogRequest.self), status: 204),
      "POST /api/v1/machines/{name}/identify": .takes(IdentifyRequest.self, ActResult.self),
    ]
  }

  private static let events: [Contract.Parameter] = [
    .init(name: "machine", schema: .string, summary: "only this machine's"),
    .init(name: "job", schema: .integer, summary: "only this job's"),
    .init(name: "kind", schema: .string, summary: "only these kinds, separated by commas"),
    .init(
      name: "level", schema: .choice(LogLevel.allCases.map(\.rawValue)), summary: "only log lines from here"),
    .init(name: "after", schema: .integer, summary: "what came after this id, as `Last-Event-ID` says it"),
  ]

  private static let logs: [Contract.Parameter] = [
    .init(name: "machine", schema: .string, summary: "only this machine's"),
    .init(name: "job", schema: .integer, summary: "only this job's"),
    .init(name: "level", schema: .choice(LogLevel.allCases.map(\.rawValue)), summary: "only from this level"),
    .init(name: "since", schema: .string, summary: "from then on: an ISO 8601 time, or 10m, 2h, 3d back"),
  ]
}
