import APIModel
import DriverInterface
import JobStore
import Supervisor

extension MachineModel {
  /// A machine as `who` may see it.
  init(_ view: MachineView, for who: Principal) {
    self.init(view)
    guard who.seesAddresses else { return }
    settings.camera = view.record.settings.camera
    settings.cameraStream = view.record.settings.cameraStream
  }

  /// A machine as everybody may see it.
  private init(_ view: MachineView) {
    self.init(settings: MachineSettings(view.record.settings))
    camera = view.record.settings.cameraPlace.map { CameraModel(stream: $0.stream != nil) }
    disabled = view.record.disabled
    phase = view.phase
    reason = view.reason
    bed = BedState(view.record.bed.state)
    bedJob = view.record.bed.job
    ready = view.record.mayStart
    resetsLearned = view.record.resetsLearned
    fingerprint = view.record.fingerprint
    identity = view.port.map { IdentityModel(view.record.identity, $0) }
    guard let status = view.status else { return }
    job = status.running.flatMap { $0.job == 0 ? nil : $0.job }
    progress = status.running.map { ProgressModel($0) }
    heaters = status.heaters.map(HeaterModel.init)
    position = status.position
    firmware = status.firmware.isEmpty ? nil : status.firmware
    prompt = status.prompt.map { PromptModel(text: $0.text, choices: $0.choices) }
    baudGranted = status.baudGranted > 0 ? Int(status.baudGranted) : nil
    driverPid = status.identity.pid
    resends = status.counters.resends
    cardPercent = status.sdPercent.map { Int($0) }
  }
}

extension HeaterModel {
  /// A driver's reading.
  init(_ heater: HeaterReading) {
    self.init(name: heater.name, current: heater.current, target: heater.target)
  }
}

extension BedState {
  /// The store's bed has the same cases.
  init(_ state: MachineRecord.Bed.State) {
    self =
      switch state {
      case .unknown: .unknown
      case .occupied: .occupied
      case .clear: .clear
      }
  }
}

extension Principal {
  /// Whether it is told addresses that may hold a password: whoever may set them, and no token that is for something else.
  fileprivate var seesAddresses: Bool {
    if case .token(_, _, let scopes) = signIn, !scopes.isEmpty { return false }
    return role >= .admin
  }
}

extension MachineSettings {
  /// The stored settings, without what only admins are told.
  init(_ stored: MachineRecord.Settings) {
    self.init(name: stored.name, port: stored.port, baud: stored.baud)
    machineClass =
      switch stored.kind {
      case .printer: .printer
      case .laser: .laser
      case .cnc: .cnc
      }
    pool = stored.pool
    dialect = stored.dialect
    receiveBuffer = stored.receiveBuffer
    queueLines = stored.queueLines
    window = stored.window
    kinematics = stored.kinematics
    volume = stored.volume
    tools = stored.tools.map { ToolModel(nozzle: $0.nozzle, material: $0.material, colour: $0.colour) }
    model = stored.model
    maxTool = stored.maxTool
    maxBed = stored.maxBed
    holdsZ = stored.holdsZ
    homesXY = stored.homesXY
    homeRaise = stored.homeRaise
    resetsOnOpen = stored.resetsOnOpen
    hostOnly = stored.hostOnly
    allowM3 = stored.allowM3
    hotEndOffAfter = stored.hotEndOffAfter
    bedOffAfter = stored.bedOffAfter
    standbyAfter = stored.standbyAfter
    startsAlone = stored.startsAlone
    macros = stored.macros
    scripts = stored.scripts
  }

  /// As the store keeps them; it judges them.
  var stored: MachineRecord.Settings {
    var settings = MachineRecord.Settings(name: name, port: port, baud: baud)
    settings.kind =
      switch machineClass {
      case .printer: .printer
      case .laser: .laser
      case .cnc: .cnc
      }
    settings.pool = pool
    settings.dialect = dialect
    settings.receiveBuffer = receiveBuffer
    settings.queueLines = queueLines
    settings.window = window
    settings.kinematics = kinematics
    settings.volume = volume
    settings.tools = tools.map {
      MachineRecord.Tool(nozzle: $0.nozzle, material: $0.material, colour: $0.colour)
    }
    settings.model = model
    settings.maxTool = maxTool
    settings.maxBed = maxBed
    settings.holdsZ = holdsZ
    settings.homesXY = homesXY
    settings.homeRaise = homeRaise
    settings.resetsOnOpen = resetsOnOpen
    settings.hostOnly = hostOnly
    settings.allowM3 = allowM3
    settings.hotEndOffAfter = hotEndOffAfter
    settings.bedOffAfter = bedOffAfter
    settings.standbyAfter = standbyAfter
    settings.startsAlone = startsAlone
    settings.camera = camera
    settings.cameraStream = cameraStream
    settings.macros = macros
    settings.scripts = scripts
    return settings
  }
}
