/// A machine as the store knows it: its settings, and what people and attempts made of it.
public struct MachineRecord: Equatable, Sendable {
  /// What a person configured.
  public var settings: Settings
  /// Why it takes no jobs, where a person disabled it.
  public var disabled: String?
  /// Whether a part lies on the bed.
  public var bed: Bed
  /// A person said, since the last power-on, reset or replug, that it may start (safety.md rule 6).
  public var ready: Bool
  /// Who disconnected it, where a person did and nobody connected it since: its port stays free, also for a new driver.
  public var disconnectedBy: String?
  /// Whether opening its port was seen to reset the board; nil where nobody saw.
  public var resetsLearned: Bool?
  /// What its firmware said of itself last.
  public var firmware: String?
  /// Which hardware it is bound to; nil where its port is a path and no device that can be known again.
  public var identity: MachineIdentity?
  /// The start that a person gave and that was not carried out yet (safety.md rule 8).
  public var attendance: Attendance?
  /// When it was added, in milliseconds since 1970.
  public var createdAt: Int64

  /// Makes a new machine: bed unknown, not ready.
  public init(settings: Settings, createdAt: Int64) {
    self.settings = settings
    self.disabled = nil
    self.bed = Bed()
    self.ready = false
    self.createdAt = createdAt
  }

  /// The settings' name.
  public var name: String { settings.name }
  /// Whether opening its port resets the board: as configured, else as learned.
  public var resetsOnOpen: Bool? { settings.resetsOnOpen ?? resetsLearned }
  /// The fingerprint of its firmware, where one answered.
  public var fingerprint: String? { firmware.flatMap(FirmwareFingerprint.init)?.text }
  /// A person said that it may start, or it starts alone; lasers and mills never do (safety.md rule 8).
  public var mayStart: Bool { ready || (settings.startsAlone && settings.kind == .printer) }
}

extension MachineRecord {
  /// What a machine is; all but printers start attended only (safety.md rule 8).
  public enum Kind: String, Sendable, CaseIterable {
    /// A 3D printer.
    case printer
    /// A laser cutter or engraver.
    case laser
    /// A mill or router.
    case cnc
  }

  /// What a person configures.
  public struct Settings: Equatable, Sendable {
    /// Letters, digits, `-`, `_`, `.`; at most 64; begins with a letter or digit and is never all digits.
    public var name: String
    /// The class.
    public var kind: Kind
    /// The pool whose members its owner declared interchangeable (safety.md rule 7).
    public var pool: String?
    /// The port's path.
    public var port: String
    /// Speed, baud.
    public var baud: Int
    /// `marlin`, `grbl`, ...; nil or `auto` to find out.
    public var dialect: String?
    /// Bytes of the firmware's receive buffer; nil to use its profile.
    public var receiveBuffer: Int?
    /// Lines of the firmware's command queue; nil to use its profile.
    public var queueLines: Int?
    /// At most this many lines in flight; nil or 0 for as many as certainly fit.
    public var window: Int?
    /// `cartesian`, `corexy`, `delta`, ...
    public var kinematics: String
    /// Travel in mm: X, Y, Z, each above 0.
    public var volume: [Double]
    /// Its tools, T0 first; at least one.
    public var tools: [Tool]
    /// The model's name as slicers write it.
    public var model: String?
    /// Highest hot-end temperature, °C.
    public var maxTool: Double
    /// Highest bed temperature, °C.
    public var maxBed: Double
    /// Whether Z stays where it is without power.
    public var holdsZ: Bool
    /// Whether X and Y can be homed without touching Z (safety.md rule 15); nil where nobody said.
    public var homesXY: Bool?
    /// What the firmware does in Z when X and Y are homed: `none`, `r0` (raises unless told R0) or `always`; nil to go by its
    /// dialect.
    public var homeRaise: String?
    /// Whether opening the port resets the board; nil where not learned.
    public var resetsOnOpen: Bool?
    /// Nothing but this host prints on it (safety.md rule 16).
    public var hostOnly: Bool
    /// Jobs of a laser may use M3 (safety.md rule 17).
    public var allowM3: Bool
    /// Seconds after which a hot end that an uncertain end or a lost link left on goes off (safety.md rule 3); nil for 300.
    public var hotEndOffAfter: Int?
    /// The same of the bed; nil for 3600.
    public var bedOffAfter: Int?
    /// Seconds after which the hot end of a paused print goes to standby; nil for 900.
    public var standbyAfter: Int?
    /// Starts after power-on without a person's word (safety.md rule 6).
    public var startsAlone: Bool
    /// Where a single picture of it is, `http` or `https`; may hold a name and a password.
    public var camera: String?
    /// Where its camera gives pictures without end (`multipart/x-mixed-replace`).
    public var cameraStream: String?
    /// Lines of G-code by name.
    public var macros: [String: [String]]
    /// Lines of G-code by occasion: `start`, `end`, `cancel`, `pause`, `resume`.
    public var scripts: [String: [String]]

    /// Makes the settings of a printer with the usual values.
    public init(name: String, port: String, baud: Int = 115_200) {
      self.name = name
      self.kind = .printer
      self.port = port
      self.baud = baud
      self.kinematics = "cartesian"
      self.volume = [200, 200, 200]
      self.tools = [Tool()]
      self.maxTool = 285
      self.maxBed = 120
      self.holdsZ = false
      self.hostOnly = false
      self.allowM3 = false
      self.startsAlone = false
      self.macros = [:]
      self.scripts = [:]
    }
  }

  /// One tool; nil means that nobody said, and is never a mismatch.
  public struct Tool: Equatable, Sendable {
    /// Nozzle diameter, mm.
    public var nozzle: Double?
    /// The loaded material.
    public var material: String?
    /// Its colour.
    public var colour: String?

    /// Makes a tool.
    public init(nozzle: Double? = nil, material: String? = nil, colour: String? = nil) {
      self.nozzle = nozzle
      self.material = material
      self.colour = colour
    }
  }

  /// The bed, with who said so (safety.md rule 5).
  public struct Bed: Equatable, Sendable {
    /// Whether a part lies on it.
    public enum State: String, Sendable, CaseIterable {
      /// Nobody said.
      case unknown
      /// Something may lie there.
      case occupied
      /// A person said that it is free, or nothing was extruded since.
      case clear
    }
    /// Whether a part lies on it.
    public var state: State
    /// The job whose part lies there; nil where it is none of the queue's (a direct print, SD).
    public var job: Int64?
    /// Why it is occupied or unknown; a short sentence.
    public var reason: String?
    /// Who cleared it last.
    public var clearedBy: String?
    /// When, in milliseconds since 1970.
    public var clearedAt: Int64?
    /// The job whose part was taken off then.
    public var clearedJob: Int64?

    /// Makes a bed that nobody said anything of.
    public init(state: State = .unknown, job: Int64? = nil, reason: String? = nil) {
      self.state = state
      self.job = job
      self.reason = reason
    }
  }
}
