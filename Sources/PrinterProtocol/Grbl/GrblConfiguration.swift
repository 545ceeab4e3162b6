/// What kind of machine it is, as far as safety asks.
public enum MachineClass: UInt8, Sendable {
  /// Melts filament.
  case printer = 0
  /// Burns: a beam that must never stand still while on.
  case laser = 1
  /// Cuts with a spindle.
  case cnc = 2
}

/// What a session has to know of a laser or a CNC machine. Lengths in mm, feedrates in mm/min, times in ns.
public struct GrblOptions: Equatable, Sendable {
  /// Between two status reports while a job runs: GRBL's documents ask for no more than 5 Hz.
  public var statusInterval: Int64 = 200_000_000
  /// For a hold to be complete and the beam to be dark before the machine is reset instead.
  public var hold: Int64 = 2_000_000_000
  /// The machine has a hold button of its own: a hold that nobody asked for is a pause then, and else a damaged byte.
  public var hasHoldButton = false
  /// Without a supervisor before a laser pauses: nobody watches over it any more.
  public var supervisor: Int64 = 10_000_000_000
  /// Without a byte from the machine, although it is asked, before the link counts as silent.
  public var silence: Int64 = 5_000_000_000
  /// For homing, which answers nothing until it is done.
  public var homing: Int64 = 600_000_000_000
  /// For the spindle to reach its speed, in seconds.
  public var spinUp: Double = 4
  /// How far Z is raised while a tool is changed or a person looks.
  public var lift: Double = 10
  /// The feedrate of frames and jogs without one of their own.
  public var travelFeedrate: Double = 3000
  /// The feedrate at which a spindle goes back down.
  public var plungeFeedrate: Double = 100
  /// How far a reported position may lie from the one that the lines lead to.
  public var tolerance: Double = 0.05

  /// Makes the defaults.
  public init() {}
}

/// What distinguishes the firmwares of the GRBL family, as data.
public struct GrblDialect: Equatable, Sendable {
  /// The name a configuration knows it by.
  public var name: String
  /// The longest line the firmware takes, spaces and comments not counted, the line feed not either.
  public var longestLine: Int
  /// How many bytes may be in flight where the machine's buffer was neither configured nor reported by `$I`.
  public var window: Int
  /// The most that is used of a larger buffer: what is in flight runs on after an error.
  public var widestWindow: Int
  /// An error locks the parser: every later line is answered by the same error until a reset (`transcripts/grblhal`).
  public var repeatsErrors: Bool

  /// GRBL 1.1: 128 bytes of receive buffer (`grbl/serial.h`), lines of 80 with the terminator (`grbl/protocol.h`).
  public static let grbl = GrblDialect(
    name: "grbl", longestLine: 79, window: 127, widestWindow: 127, repeatsErrors: false)
  /// grblHAL: 1024 bytes and lines of 256, by its `$I` and its recording.
  public static let grblHAL = GrblDialect(
    name: "grblhal", longestLine: 255, window: 127, widestWindow: 255, repeatsErrors: true)
}

extension Dialect {
  /// Recognised from the banner, from `FIRMWARE_NAME` or from the kind of complaint; a printer until then.
  public static let auto = Dialect.named("auto", longestLine: Dialect.marlin.longestLine)
  /// GRBL 1.1.
  public static let grbl = Dialect.named("grbl", longestLine: GrblDialect.grbl.longestLine)
  /// grblHAL.
  public static let grblHAL = Dialect.named("grblhal", longestLine: GrblDialect.grblHAL.longestLine)
  /// Klipper's pseudo-terminal, which is declined: its own host drives the machine.
  public static let klipper = Dialect.named("klipper", longestLine: 4095)

  private static func named(_ name: String, longestLine: Int) -> Dialect {
    var dialect = Dialect.marlin
    dialect.name = name
    dialect.longestLine = longestLine
    return dialect
  }
}
