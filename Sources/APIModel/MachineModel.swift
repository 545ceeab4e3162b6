/// The classes of machines. Lasers and mills start attended only (safety.md rule 8).
public enum MachineClass: String, Codable, Sendable, CaseIterable {
  /// A 3D printer.
  case printer
  /// A laser cutter or engraver.
  case laser
  /// A mill or router.
  case cnc
}

/// Whether a part lies on the bed.
public enum BedState: String, Codable, Sendable, CaseIterable {
  /// Nobody said.
  case unknown
  /// Something may lie there.
  case occupied
  /// A person said that it is free.
  case clear
}

/// What a person configures of a machine.
public struct MachineSettings: Codable, Equatable, Sendable {
  /// Its name: letters, digits, `-` and `_`, never all digits.
  public var name: String
  /// Its class.
  public var machineClass: MachineClass
  /// The pool whose members its owner declared interchangeable.
  public var pool: String?
  /// The port's path, best a by-id or by-path link.
  public var port: String
  /// Speed in baud.
  public var baud: Int
  /// `marlin`, `marlin1`, `prusa`, `rrf`, `repetier`, `smoothie`, `grbl`, `grblhal`; `auto` or nil to find out.
  public var dialect: String?
  /// Bytes that the firmware's receive buffer holds, where known; overrides a measured profile.
  public var receiveBuffer: Int?
  /// Lines that the firmware's command queue holds (`BUFSIZE`), where known; overrides a measured profile.
  public var queueLines: Int?
  /// At most this many lines in flight: 1 waits for each `ok`; 0 or nil for as many as certainly fit.
  public var window: Int?
  /// `cartesian`, `corexy`, `delta`.
  public var kinematics: String
  /// Travel in mm: X, Y, Z.
  public var volume: [Double]
  /// Its tools, T0 first.
  public var tools: [ToolModel]
  /// The model's name as slicers write it in `printer_model`.
  public var model: String?
  /// Highest hot-end temperature, °C.
  public var maxTool: Double
  /// Highest bed temperature, °C.
  public var maxBed: Double
  /// Whether Z stays where it is without power.
  public var holdsZ: Bool
  /// Whether X and Y can be homed without touching Z (safety.md rule 15); nil where nobody said.
  public var homesXY: Bool?
  /// What the firmware does in Z when X and Y are homed: `none`, `r0` or `always`; nil to go by its dialect.
  public var homeRaise: String?
  /// Whether opening the port resets the board.
  public var resetsOnOpen: Bool?
  /// Nothing but this host prints on it: its port is opened at the start although opening resets it (safety.md rule 16).
  public var hostOnly: Bool
  /// A laser's job may use M3, which keeps the beam on while the machine stands still (safety.md rule 17).
  public var allowM3: Bool
  /// Seconds after which a hot end that an uncertain end or a lost link left on goes off, 10 to 3600 (safety.md rule 3); nil for 300.
  public var hotEndOffAfter: Int?
  /// The same of the bed, 10 to 14400; nil for 3600.
  public var bedOffAfter: Int?
  /// Seconds after which the hot end of a paused print goes to standby, 10 to 7200; nil for 900.
  public var standbyAfter: Int?
  /// Starts its next job after power-on without a person's word (safety.md rule 6).
  public var startsAlone: Bool
  /// Where a single picture of its camera is, `http` or `https`, with name and password where it wants them; told to admins only.
  public var camera: String?
  /// Where its camera gives pictures without end (`multipart/x-mixed-replace`); told to admins only.
  public var cameraStream: String?
  /// Named macros: lines of G-code.
  public var macros: [String: [String]]
  /// G-code before each job, after each, after a cancel, on pause, on resume; keys `start`, `end`, `cancel`, `pause`, `resume`.
  public var scripts: [String: [String]]

  /// Makes the settings of a printer with the usual values.
  public init(name: String, port: String, baud: Int = 115_200) {
    self.name = name
    self.machineClass = .printer
    self.port = port
    self.baud = baud
    self.kinematics = "cartesian"
    self.volume = [200, 200, 200]
    self.tools = [ToolModel()]
    self.maxTool = 285
    self.maxBed = 120
    self.holdsZ = false
    self.hostOnly = false
    self.allowM3 = false
    self.startsAlone = false
    self.macros = [:]
    self.scripts = [:]
  }

  /// Reads settings; members that are missing have their usual values, but for `name` and `port`.
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try members.decode(String.self, forKey: .name),
      port: try members.decode(String.self, forKey: .port))
    func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
      if let there = try members.decodeIfPresent(Value.self, forKey: key) { value = there }
    }
    try read(.machineClass, into: &machineClass)
    pool = try members.decodeIfPresent(String.self, forKey: .pool)
    try read(.baud, into: &baud)
    dialect = try members.decodeIfPresent(String.self, forKey: .dialect)
    receiveBuffer = try members.decodeIfPresent(Int.self, forKey: .receiveBuffer)
    queueLines = try members.decodeIfPresent(Int.self, forKey: .queueLines)
    window = try members.decodeIfPresent(Int.self, forKey: .window)
    try read(.kinematics, into: &kinematics)
    try read(.volume, into: &volume)
    try read(.tools, into: &tools)
    model = try members.decodeIfPresent(String.self, forKey: .model)
    try read(.maxTool, into: &maxTool)
    try read(.maxBed, into: &maxBed)
    try read(.holdsZ, into: &holdsZ)
    homesXY = try members.decodeIfPresent(Bool.self, forKey: .homesXY)
    homeRaise = try members.decodeIfPresent(String.self, forKey: .homeRaise)
    resetsOnOpen = try members.decodeIfPresent(Bool.self, forKey: .resetsOnOpen)
    try read(.hostOnly, into: &hostOnly)
    try read(.allowM3, into: &allowM3)
    hotEndOffAfter = try members.decodeIfPresent(Int.self, forKey: .hotEndOffAfter)
    bedOffAfter = try members.decodeIfPresent(Int.self, forKey: .bedOffAfter)
    standbyAfter = try members.decodeIfPresent(Int.self, forKey: .standbyAfter)
    try read(.startsAlone, into: &startsAlone)
    camera = try members.decodeIfPresent(String.self, forKey: .camera)
    cameraStream = try members.decodeIfPresent(String.self, forKey: .cameraStream)
    try read(.macros, into: &macros)
    try read(.scripts, into: &scripts)
  }
}

/// One tool of a machine.
public struct ToolModel: Codable, Equatable, Sendable {
  /// Nozzle diameter, mm.
  public var nozzle: Double?
  /// The loaded material (`PLA`, `PETG`).
  public var material: String?
  /// Its colour.
  public var colour: String?
  /// Makes a tool with nothing known.
  public init(nozzle: Double? = nil, material: String? = nil, colour: String? = nil) {
    self.nozzle = nozzle
    self.material = material
    self.colour = colour
  }
}

/// A machine: what is configured, and what it does now.
public struct MachineModel: Codable, Equatable, Sendable {
  /// The configuration.
  public var settings: MachineSettings
  /// Why it takes no jobs, where a person disabled it.
  public var disabled: String?
  /// `disconnected`, `opening`, `handshaking`, `idle`, `printing`, … : the driver's phase, or `noDriver`.
  public var phase: String
  /// Why it is in that phase, where there is a reason.
  public var reason: String?
  /// The bed.
  public var bed: BedState
  /// The job whose part lies there, where known.
  public var bedJob: Int64?
  /// A person said that it may start (safety.md rule 6).
  public var ready: Bool
  /// What it prints.
  public var job: Int64?
  /// How far.
  public var progress: ProgressModel?
  /// Temperatures.
  public var heaters: [HeaterModel]
  /// X, Y, Z, E in mm, where known.
  public var position: [Double]
  /// What the firmware calls itself.
  public var firmware: String?
  /// The question that waits for `answer`.
  public var prompt: PromptModel?
  /// Asked and granted speed.
  public var baudGranted: Int?
  /// The driver's process.
  public var driverPid: Int32?
  /// Resends since the driver started.
  public var resends: Int64
  /// Whether opening its port was seen to reset the board; nil where it was never opened.
  public var resetsLearned: Bool?
  /// The fingerprint of the firmware that answered last; the key of its quirk profile.
  public var fingerprint: String?
  /// Which device it is bound to, and whether that is plugged in.
  public var identity: IdentityModel?
  /// How far a print from the machine's own card is, in percent, where it tells.
  public var cardPercent: Int?
  /// What its camera gives; nil where it has none.
  public var camera: CameraModel?
  /// Makes a machine that nothing is known of.
  public init(settings: MachineSettings) {
    self.settings = settings
    self.phase = "noDriver"
    self.bed = .unknown
    self.ready = false
    self.heaters = []
    self.position = []
    self.resends = 0
  }
}

/// What a machine's camera gives, at `/api/v1/machines/NAME/camera` and `/camera/stream`.
public struct CameraModel: Codable, Equatable, Sendable {
  /// There is a stream.
  public var stream: Bool
  /// Makes it.
  public init(stream: Bool) { self.stream = stream }
}

/// One heater.
public struct HeaterModel: Codable, Equatable, Sendable {
  /// `T0`, `B`, …
  public var name: String
  /// °C now.
  public var current: Double
  /// °C asked for, 0 is off.
  public var target: Double
  /// Makes a heater.
  public init(name: String, current: Double, target: Double) {
    self.name = name
    self.current = current
    self.target = target
  }
}

/// What a machine's heaters measured some time ago: `GET /api/v1/machines/NAME/temperatures` has a list of them.
public struct PastTemperatures: Codable, Equatable, Sendable {
  /// Seconds ago.
  public var age: Int64
  /// All heaters.
  public var heaters: [HeaterModel]
  /// Makes one.
  public init(age: Int64, heaters: [HeaterModel]) {
    self.age = age
    self.heaters = heaters
  }
}

/// What the firmware asks.
public struct PromptModel: Codable, Equatable, Sendable {
  /// Its words.
  public var text: String
  /// Its choices.
  public var choices: [String]
  /// Makes a prompt.
  public init(text: String, choices: [String]) {
    self.text = text
    self.choices = choices
  }
}

/// A manual act on a machine: `POST /api/v1/machines/NAME/acts`.
public struct ActRequest: Codable, Sendable {
  /// `home`, `jog`, `heat`, `cool`, `tune`, `load`, `unload`, `run`, `send`, `answer`, `pauseSD`, `resumeSD`, `stopSD`,
  /// `connect`, `disconnect`, `reset`, `stop`, `estop`, `measure`, `zero`, `unlock`, `homeCycle`.
  public var act: String
  /// Axes to home or to zero; empty or absent for all.
  public var axes: String?
  /// Millimetres to jog, per letter `x`, `y`, `z`, `e`; Z for baby-steps.
  public var move: [String: Double]?
  /// mm/min.
  public var feedrate: Double?
  /// Jog although not homed.
  public var unhomed: Bool?
  /// Tool number.
  public var tool: Int?
  /// °C for the tool.
  public var toolTarget: Double?
  /// °C for the bed.
  public var bedTarget: Double?
  /// Millimetres of filament.
  public var length: Double?
  /// Tune: speed percent, flow percent, fan 0 to 255.
  public var speed: Int?
  /// Tune: flow percent.
  public var flow: Int?
  /// Tune: fan.
  public var fan: Int?
  /// Tune: baby-step in mm.
  public var babystep: Double?
  /// The macro's name for `run`, the line for `send`.
  public var text: String?
  /// The choice for `answer`.
  public var choice: Int?
  /// Makes an act.
  public init(act: String) { self.act = act }
}

/// The answer to an act: the firmware's words, or whether a stop was confirmed.
public struct ActResult: Codable, Sendable {
  /// Lines the firmware answered.
  public var lines: [String]
  /// One sentence.
  public var message: String?
  /// For `estop`: whether the machine was seen to stop.
  public var confirmed: Bool?
  /// For `measure`: what was measured, as it was stored.
  public var profile: ProfileModel?
  /// Makes a result.
  public init(lines: [String] = [], message: String? = nil, confirmed: Bool? = nil) {
    self.lines = lines
    self.message = message
    self.confirmed = confirmed
  }
}

/// `POST /api/v1/machines/NAME/ready`.
public struct ReadyRequest: Codable, Sendable {
  /// The job whose part was taken off, so that a stale click cannot clear the next one; nil where the bed was unknown.
  public var job: Int64?
  /// Makes a request.
  public init(job: Int64? = nil) { self.job = job }
}
