/// What a host has to know of a command before it sends it, whatever its parameters.
///
/// The table is Marlin's; commands that it does not know have no traits.
public struct CommandTraits: OptionSet, Sendable {
  /// The set as bits.
  public let rawValue: UInt32

  /// Makes a set from its bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Moves an axis: G0 to G3, G5, homing, probing, parking, filament changes.
  public static let motion = CommandTraits(rawValue: 1 << 0)
  /// A move that goes through the planner: G0, G1, G2, G3, G5.
  public static let planned = CommandTraits(rawValue: 1 << 1)
  /// Holds up every command behind it until it is done; nothing may be in flight behind it.
  public static let blocking = CommandTraits(rawValue: 1 << 2)
  /// Its answer waits until the planner has run empty, besides whatever it does itself.
  public static let drainsPlanner = CommandTraits(rawValue: 1 << 3)
  /// Waits for a temperature: M109, M190, M191, M192, M116.
  public static let waitsForHeat = CommandTraits(rawValue: 1 << 4)
  /// Sets or starts a heater: M104, M109, M140, M190, M141, M191, M303 and others.
  public static let setsHeat = CommandTraits(rawValue: 1 << 5)
  /// Waits for a person: M0, M1, M25 from the file, M226, M600, M125 and others.
  public static let waitsForPerson = CommandTraits(rawValue: 1 << 6)
  /// Changes how later lines are read: G20, G21, G90, G91, M82, M83, planes.
  public static let changesModes = CommandTraits(rawValue: 1 << 7)
  /// Changes where the firmware believes it is: G92, G28, G54 to G59.
  public static let changesPosition = CommandTraits(rawValue: 1 << 8)
  /// Selects a tool.
  public static let changesTool = CommandTraits(rawValue: 1 << 9)
  /// Acted on when its bytes arrive, before its turn, by firmware with an emergency parser: M108, M112, M410, M524, M876.
  public static let emergency = CommandTraits(rawValue: 1 << 10)
  /// Sets the line number: M110.
  public static let setsLineNumber = CommandTraits(rawValue: 1 << 11)
  /// Writes, erases or reads the firmware's stored settings: M500, M501, M502.
  public static let storedSettings = CommandTraits(rawValue: 1 << 12)
  /// Lifts a protection or replaces the firmware: M302, M997; refused from files unless allowed.
  public static let dangerous = CommandTraits(rawValue: 1 << 13)
  /// Uses the SD card: M20 to M34, M524, M928.
  public static let sdCard = CommandTraits(rawValue: 1 << 14)
  /// Releases the motors: M18, M84, M80 and M81 (power).
  public static let releasesMotors = CommandTraits(rawValue: 1 << 15)
  /// Only asks or reports and changes nothing: M105, M114, M115, M119, M27, M503 and others.
  public static let reports = CommandTraits(rawValue: 1 << 16)
  /// Homes, probes or levels, and takes as long as the machine needs.
  public static let homing = CommandTraits(rawValue: 1 << 17)
  /// Sending it again after a piece of it may have run puts everything right: M104, M106, M220, reports and others.
  ///
  /// Not here: moves, since only the modal state tells an absolute from a relative one; modes (a piece of M83 may be another
  /// command, and what follows is read by the mode); G28 and G92, a piece of which may concern other axes.
  public static let idempotent = CommandTraits(rawValue: 1 << 18)
  /// Ends or resets the firmware: M112, M999, M997.
  public static let stopsFirmware = CommandTraits(rawValue: 1 << 19)
  /// Turns a laser or spindle on or off: M3, M4, M5.
  public static let spindle = CommandTraits(rawValue: 1 << 20)

  /// The traits of a command.
  public static func of(_ command: Command) -> CommandTraits { of(command.letter, command.number) }

  /// The traits of the command with this letter and number.
  public static func of(_ letter: UInt8, _ number: Int32) -> CommandTraits {
    switch letter {
    case ASCII.upperG: ofG(number)
    case ASCII.upperM: ofM(number)
    case ASCII.upperT: [.changesTool, .motion, .blocking, .drainsPlanner]
    default: []
    }
  }

  /// Whether a G command with this number is a move through the planner that `ModalState` follows.
  @inline(__always)
  static func isPlannedMove(_ number: Int32) -> Bool { (0...3).contains(number) || number == 5 }

  private static func ofG(_ number: Int32) -> CommandTraits {
    switch number {
    case 0, 1, 2, 3, 5: [.motion, .planned]
    case 4: [.blocking, .drainsPlanner]
    case 10, 11: [.motion, .planned]
    case 12, 26, 27, 42, 60, 61: [.motion, .blocking, .drainsPlanner]
    case 17, 18, 19, 20, 21, 90, 91: [.changesModes]
    case 28: [.motion, .blocking, .drainsPlanner, .homing, .changesPosition]
    case 29, 30, 32, 33, 34, 35, 38, 76, 80: [.motion, .blocking, .drainsPlanner, .homing]
    case 53, 54, 55, 56, 57, 58, 59: [.changesPosition, .changesModes]
    case 92: [.changesPosition, .drainsPlanner]
    default: []
    }
  }

  private static func ofM(_ number: Int32) -> CommandTraits {
    switch number {
    case 82, 83: [.changesModes]
    case 104, 140, 141, 143: [.setsHeat, .idempotent]
    case 105: [.reports, .idempotent]
    case 106, 107, 117, 118, 73, 75, 76, 77, 155, 154, 113, 220, 221, 201, 203, 204, 205, 900, 851:
      [.idempotent]
    case 109, 190, 191, 192: [.setsHeat, .waitsForHeat, .blocking, .drainsPlanner, .idempotent]
    case 116: [.waitsForHeat, .blocking, .drainsPlanner, .idempotent]
    case 27, 31, 115, 119, 360, 503, 504: [.reports, .idempotent]
    case 114: [.reports, .idempotent, .drainsPlanner]
    default: ofRareM(number)
    }
  }

  private static func ofRareM(_ number: Int32) -> CommandTraits {
    switch number {
    case 0, 1, 226, 125, 601: [.waitsForPerson, .blocking, .drainsPlanner]
    case 600: [.waitsForPerson, .blocking, .drainsPlanner, .motion]
    case 701, 702, 603: [.motion, .blocking, .drainsPlanner]
    case 400: [.blocking, .drainsPlanner, .idempotent]
    case 3, 4, 5: [.spindle, .drainsPlanner, .idempotent]
    case 17: [.idempotent]
    case 18, 84: [.releasesMotors, .drainsPlanner, .idempotent]
    case 80: [.idempotent]
    case 81: [.releasesMotors, .drainsPlanner, .idempotent]
    case 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 32, 33, 34, 928: [.sdCard]
    case 524: [.sdCard, .emergency]
    case 48, 303, 306: ofTuning(number)
    case 108, 410, 876: [.emergency]
    case 110: [.setsLineNumber]
    case 112: [.emergency, .stopsFirmware]
    case 500, 501, 502: [.storedSettings]
    case 302: [.dangerous]
    case 997: [.dangerous, .stopsFirmware]
    case 999: [.stopsFirmware]
    case 280, 282, 401, 402: [.drainsPlanner]
    case 290: [.motion]
    default: []
    }
  }

  /// Probe repeatability and heater tuning: minutes of work in one command.
  private static func ofTuning(_ number: Int32) -> CommandTraits {
    number == 48
      ? [.motion, .blocking, .drainsPlanner, .homing] : [.setsHeat, .blocking, .drainsPlanner]
  }
}
