/// What differs between one firmware build and another, as data: buffers, texts, costs, features.
///
/// Marlin's profiles and Klipper's are those whose behaviour was recorded, the others' comes from their sources, cited at
/// each. Nothing tests for a profile's name; `lineRules` alone tells families apart where they differ in more than data.
public struct FirmwareProfile: Sendable {
  /// How a line is read, which decides what an `N`, a `*`, a `;` and a long line do.
  public enum LineRules: Sendable, Equatable {
    /// Marlin 2.1: `N` only at the start, last `*` counts, comments stripped, long lines cut.
    case marlin2
    /// Marlin 1.0: `N` and `*` anywhere, a comment eats its line and the next, `:` and length split lines.
    case marlin1
    /// Prusa's 3.x: `N` only at the start, first `*` counts, a comment eats its line and the next, length splits lines.
    case prusa
    /// RepRapFirmware 3: a bad checksum drops the line without a word, numbers are not compared, 5 digits are a CRC-16.
    case repRapFirmware
    /// Repetier 1.0: letters anywhere, numbers compared modulo 65536, seen ones skipped with an `ok`.
    case repetier
    /// Smoothieware: an `ok` for each command of a line and for empty lines, `rs N…` without `ok`.
    case smoothie
    /// Klipper's pseudo terminal: number and checksum are cut off and not looked at.
    case klipper
  }

  /// When a line gets its `ok`.
  public enum Acknowledgement: Sendable, Equatable {
    /// Once it is executed; a move once it is planned.
    case whenDone
    /// Once it is in the queue, before any reply to it.
    case whenTaken
    /// A straight move before it is planned, all else once it is executed.
    case movesFirst
  }

  /// What becomes of a firmware that was killed.
  public enum AfterKill: Sendable, Equatable {
    /// Not a word until a reset.
    case silence
    /// It resets itself and boots.
    case restart
    /// It resets itself, boots, and waits for somebody to press its button.
    case restartAndWait
    /// It goes on reading and refuses nearly everything until `M999`.
    case refusal
  }

  /// What becomes of a firmware whose heater does not obey.
  public enum AfterHeaterFault: Sendable, Equatable {
    /// The same as after `M112`.
    case kill
    /// It drops every line without a word, says that it is paused, and waits for a person.
    case stop
    /// It answers every line with its fault, until `M999`.
    case fatal
    /// Its heaters are off, nothing else.
    case heatersOff
  }

  /// Short name, as on the command line of the virtual printer.
  public var name: StaticString
  /// Rules of the line reader.
  public var lineRules: LineRules
  /// The words that it uses.
  public var wording = Wording.marlin
  /// When a line gets its `ok`.
  public var acknowledgement = Acknowledgement.whenDone
  /// `ok 12` with the number of the line (`ACK_WITH_LINENUMBER`).
  public var numberedOk = false
  /// The receive ring is emptied before a resend is asked for.
  public var flushesOnError = true
  /// A `Resend` is followed by `ok`.
  public var okAfterResend = true
  /// A checksum without a number asks for a resend as well.
  public var resendsUnnumbered = false
  /// Lines out of turn that are skipped with an `ok` after a resend, as what was on the wire already; 0 for none.
  public var staleLines = 0
  /// Seconds without a byte and without work after which it says `wait`; 0 for never.
  public var waitSeconds: Int64 = 0
  /// A line that does not go on for so long is given up, ns; 0 for never.
  public var halfLineLimit: Int64 = 0
  /// A full ring is emptied with `Full RX Buffer` once there is room in the queue.
  public var emptiesFullRing = false
  /// Nothing can be lost on the way in: USB, whose sender waits.
  public var flowControl = false
  /// Bytes in which the queue's lines must fit one behind the other; 0 where each has a slot of its own.
  public var queueBytes = 0
  /// What becomes of it after `M112` or a heater fault.
  public var afterKill = AfterKill.silence
  /// A line is only read when the one before is done.
  public var readsOneByOne = false
  /// What becomes of it after a heater fault.
  public var afterHeaterFault = AfterHeaterFault.kill
  /// Commands the queue holds, the one being executed included (`BUFSIZE`).
  public var queueSlots: Int
  /// Size of the receive ring in bytes; it holds one less (`RX_BUFFER_SIZE`).
  public var receiveBuffer: Int
  /// Bytes that may wait in the transmitter while the CPU goes on; 0 where it waits for each (`TX_BUFFER_SIZE`).
  public var transmitBuffer: Int
  /// Bytes of a line that are kept, one less than this (`MAX_CMD_SIZE`).
  public var maxCommandSize: Int
  /// Blocks in the planner's ring; it holds one less (`BLOCK_BUFFER_SIZE`).
  public var plannerBlocks: Int
  /// `M108`, `M112`, `M410` and `M876` are seen as their bytes arrive (`EMERGENCY_PARSER`).
  public var emergencyParser: Bool
  /// `ok N1 P14 B15` instead of a bare `ok` (`ADVANCED_OK`).
  public var advancedOk: Bool
  /// `//action:` lines, prompts and notifications.
  public var hostActions: Bool
  /// `M600`, `M0` and `M1` are known and wait for a person.
  public var userWaits: Bool
  /// `M154` is known (`AUTO_REPORT_POSITION`).
  public var positionReports: Bool
  /// Seconds between `busy` lines at boot; 0 where the firmware has none.
  public var keepaliveSeconds: Int64
  /// Stops when a heater does not follow (`THERMAL_PROTECTION_HOTENDS`).
  public var thermalProtection: Bool
  /// An SD card is present and `M20` to `M30` are known.
  public var sdCard: Bool
  /// Speed of the serial line, bits/s.
  public var baud: Int64
  /// Time to take one byte from the receive ring and look at it, ns.
  public var byteCost: Int64
  /// Time to parse and dispatch any command, ns.
  public var commandCost: Int64
  /// Further time for each axis that a move names, ns.
  public var axisCost: Int64
  /// Further time to plan a move, ns.
  public var motionCost: Int64
  /// Further time for each planned block whose speeds change when a move is added, ns.
  public var lookaheadCost: Int64
  /// What the stepper interrupt takes from the CPU for each step, ns: fast moves slow everything else down.
  public var stepCost: Int64
  /// One turn of the main loop behind each command: heaters, display, timers, ns.
  public var loopCost: Int64
  /// Further time to write number, planner and queue behind an `ok`, ns.
  public var advancedOkCost: Int64
  /// Further time to put a temperature report together, ns.
  public var reportCost: Int64
  /// Time from finding a bad line to emptying the receive ring, ns.
  public var rejectionCost: Int64
  /// Time from reset to the first byte of the banner, ns.
  public var bootTime: Int64
  /// A first lone block waits this long for company before it starts, ns.
  public var firstBlockDelay: Int64
  /// Seconds without a command after which the motors are let go; 0 for never.
  public var stepperTimeoutSeconds: Int64
  /// Steps per millimetre for X, Y, Z, E.
  public var stepsPerUnit: Axes
  /// Highest feedrates for X, Y, Z, E, mm/s.
  public var maxFeedrate: Axes
  /// Highest accelerations for X, Y, Z, E, mm/s².
  public var maxAcceleration: Axes
  /// Acceleration for prints, travels and retractions until a command sets another, mm/s².
  public var acceleration = 3000.0
  /// Multiplies every acceleration: what the machine's owner changed and no host knows.
  public var accelerationFactor = 1.0
  /// Junction deviation, mm: how sharply a corner may be taken.
  public var junctionDeviation = 0.013
  /// Multiplies every feedrate: the knob at the machine.
  public var feedrateFactor = 1.0
  /// A move of fewer steps is not planned but added to the next (`MIN_STEPS_PER_SEGMENT`, `dropsegments`).
  public var fewestSteps = 6.0
  /// Thermal model of the hot end.
  public var hotEnd: HeaterModel
  /// Thermal model of the bed.
  public var bed: HeaterModel

  /// Prompts with buttons, answered with `M876`.
  var prompts: Bool { hostActions && lineRules == .marlin2 }

  /// Bad lines that one turn of the main loop reads: Marlin 1.0 stops at one, but reads twice a turn.
  var badLinesATurn: Int {
    switch lineRules {
    case .marlin1: 2
    case .prusa, .repetier: 1
    case .marlin2, .repRapFirmware, .smoothie, .klipper: .max
    }
  }

  /// The profile of that name, or nil.
  public static func named(_ name: String) -> FirmwareProfile? {
    switch name {
    case "marlin21": marlin21
    case "marlin21full": marlin21full
    case "marlin10": marlin10
    case "prusa": prusa
    case "rrf": repRapFirmware
    case "repetier": repetier
    case "smoothie": smoothie
    case "klipper": klipper
    default: nil
    }
  }

  /// The same machine as its owner may have tuned it: accelerations, corners and feedrates between 0.3 and 3 times what
  /// the profile says, by seed; nothing on the wire tells.
  public func tuned(seed: UInt64) -> FirmwareProfile {
    var random = Randomness(seed: seed ^ 0x7475_6e65)
    var profile = self
    profile.accelerationFactor *= random.factor(from: 0.3)
    profile.junctionDeviation *= random.factor(from: 0.3)
    profile.feedrateFactor *= random.factor(from: 0.3)
    return profile
  }
}

/// One number for each of X, Y, Z and E.
public struct Axes: Sendable, Equatable {
  /// X, millimetres or what the context says.
  public var x: Double
  /// Y.
  public var y: Double
  /// Z.
  public var z: Double
  /// The extruder.
  public var e: Double

  /// All four at once.
  public init(_ x: Double, _ y: Double, _ z: Double, _ e: Double) {
    self.x = x
    self.y = y
    self.z = z
    self.e = e
  }

  /// All at zero.
  public static var zero: Axes { Axes(0, 0, 0, 0) }

  static func - (left: Axes, right: Axes) -> Axes {
    Axes(left.x - right.x, left.y - right.y, left.z - right.z, left.e - right.e)
  }

  static func + (left: Axes, right: Axes) -> Axes {
    Axes(left.x + right.x, left.y + right.y, left.z + right.z, left.e + right.e)
  }
}
