/// What differs between one firmware build and another, as data: buffers, texts, costs, features.
///
/// The three profiles are those whose behaviour was recorded; nothing outside this file tests for a profile's name.
public struct FirmwareProfile: Sendable {
  /// How a line is read, which decides what an `N`, a `*`, a `;` and a long line do.
  public enum LineRules: Sendable, Equatable {
    /// Marlin 2.1: `N` only at the start, last `*` counts, comments stripped, long lines cut.
    case marlin2
    /// Marlin 1.0: `N` and `*` anywhere, a comment eats its line and the next, `:` and length split lines.
    case marlin1
  }

  /// Short name, as on the command line of the virtual printer.
  public var name: StaticString
  /// Rules of the line reader.
  public var lineRules: LineRules
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

  /// Marlin bugfix-2.1.x of 2024-10, near stock.
  public static var marlin21: FirmwareProfile {
    FirmwareProfile(
      name: "marlin21", lineRules: .marlin2, queueSlots: 4, receiveBuffer: 128, transmitBuffer: 0,
      maxCommandSize: 96, plannerBlocks: 16, emergencyParser: false, advancedOk: false, hostActions: false,
      userWaits: false,
      positionReports: false, keepaliveSeconds: 2, thermalProtection: true, sdCard: false, baud: 115_200,
      byteCost: 34_000, commandCost: 320_000, axisCost: 760_000, motionCost: 20_000,
      lookaheadCost: 470_000, stepCost: 60_000, loopCost: 20_000, advancedOkCost: 600_000,
      reportCost: 4_200_000, rejectionCost: 420_000,
      bootTime: 500_000_000,
      firstBlockDelay: 100_000_000, stepperTimeoutSeconds: 120,
      stepsPerUnit: Axes(80, 80, 400, 500), maxFeedrate: Axes(300, 300, 5, 25),
      maxAcceleration: Axes(3000, 3000, 100, 10000), hotEnd: .recordedHotEnd, bed: .slowBed)
  }

  /// The same with `EMERGENCY_PARSER`, `ADVANCED_OK`, larger buffers and host actions.
  public static var marlin21full: FirmwareProfile {
    var profile = marlin21
    profile.name = "marlin21full"
    profile.queueSlots = 16
    profile.receiveBuffer = 1024
    profile.transmitBuffer = 64
    profile.emergencyParser = true
    profile.advancedOk = true
    profile.hostActions = true
    profile.userWaits = true
    profile.positionReports = true
    return profile
  }

  /// Marlin 1.0.0 of 2015.
  public static var marlin10: FirmwareProfile {
    var profile = marlin21
    profile.name = "marlin10"
    profile.lineRules = .marlin1
    profile.rejectionCost = 0
    profile.keepaliveSeconds = 0
    profile.thermalProtection = false
    profile.firstBlockDelay = 0
    profile.stepperTimeoutSeconds = 60
    profile.reportCost = 600_000
    profile.stepsPerUnit = Axes(78.74, 78.74, 533.33, 836)
    profile.maxFeedrate = Axes(500, 500, 5, 25)
    profile.maxAcceleration = Axes(9000, 9000, 100, 10000)
    return profile
  }

  /// Bad lines that one turn of the main loop reads: Marlin 1.0 stops at one, but reads twice a turn.
  var badLinesATurn: Int { lineRules == .marlin1 ? 2 : .max }

  /// The profile of that name, or nil.
  public static func named(_ name: String) -> FirmwareProfile? {
    switch name {
    case "marlin21": marlin21
    case "marlin21full": marlin21full
    case "marlin10": marlin10
    default: nil
    }
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
