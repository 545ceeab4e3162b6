/// How long a command may keep its `ok` back, beyond the time that what was sent before it needs.
public enum Expectation: Equatable, Sendable {
  /// Why an answer may take any time.
  public enum OpenReason: UInt8, Sendable {
    /// A heater warms up or cools down: as long as the temperature moves the right way.
    case heating = 0
    /// A person is asked or has to act: M0, M600.
    case person = 1
    /// The firmware replaces or stops itself, or works on its card for a time that nothing tells.
    case firmware = 2
  }

  /// Answered as soon as it is read: settings, reports, fans.
  case quick
  /// Goes into the planner; answered once there is room for it.
  case motion(MoveEstimate)
  /// Answered when the planner has run empty and these seconds have passed: G4.
  case dwell(seconds: Double)
  /// Answered when the planner has run empty: M400, G92, M84.
  case drain
  /// Answered when the planner has run empty and a procedure is over, at most these seconds later: homing, probing.
  case procedure(seconds: Double)
  /// Answered when something happened that no clock tells.
  case open(OpenReason)

  /// What to expect of a command in the state before it is applied.
  public static func of(
    _ command: Command, in state: ModalState, settings: MotionSettings = .slowMachine
  ) -> Expectation {
    if let move = state.move(of: command) { return of(move, in: state, settings: settings) }
    return ofUnplanned(command, settings)
  }

  /// What to expect of a move that `ModalState.apply` returned; `state` may be the one before or after it.
  public static func of(
    _ move: Move, in state: ModalState, settings: MotionSettings = .slowMachine
  ) -> Expectation {
    .motion(
      MoveEstimate(
        move, speedFactor: state.speedFactor, acceleration: state.acceleration.slowest, settings: settings))
  }

  /// What to expect of a command that is no planned move.
  static func ofUnplanned(_ command: Command, _ settings: MotionSettings) -> Expectation {
    switch command.letter {
    case ASCII.upperG: ofG(command, settings)
    case ASCII.upperM: ofM(command, settings)
    case ASCII.upperT: .procedure(seconds: settings.toolChange)
    default: .quick
    }
  }

  /// Whether the answer comes only when the planner has run empty.
  public var drainsPlanner: Bool {
    switch self {
    case .quick, .motion: false
    case .dwell, .drain, .procedure, .open: true
    }
  }

  /// The command's own seconds from above; nil for an open end.
  public var mostSeconds: Double? {
    switch self {
    case .quick, .drain: 0
    case .motion(let estimate): estimate.most
    case .dwell(let seconds), .procedure(let seconds): seconds
    case .open: nil
    }
  }

  private static func ofG(_ command: Command, _ settings: MotionSettings) -> Expectation {
    switch command.number {
    case 4: return .dwell(seconds: dwell(command))
    case 10, 11: return .procedure(seconds: 10)
    case 28: return .procedure(seconds: homing(command, settings))
    case 12, 26, 27, 42, 60, 61: return .procedure(seconds: 120)
    case 29, 30, 32, 33, 34, 35, 38, 76, 80: return .procedure(seconds: settings.probing)
    case 92: return .drain
    default: return .quick
    }
  }

  private static func ofM(_ command: Command, _ settings: MotionSettings) -> Expectation {
    switch command.number {
    case 109, 190, 191, 192, 116, 303: .open(.heating)
    case 0, 1, 226, 125, 600, 601: .open(.person)
    case 112, 997, 999: .open(.firmware)
    case 20, 21, 28, 29, 30, 500, 501, 502: .procedure(seconds: 30)
    case 48: .procedure(seconds: settings.probing)
    case 701, 702, 603: .procedure(seconds: 180)
    case 280, 282, 401, 402, 80: .procedure(seconds: 10)
    default: CommandTraits.of(command).contains(.drainsPlanner) ? .drain : .quick
    }
  }

  /// G4's time: P in milliseconds, S in seconds, of which S counts where both are there; never below 0.
  private static func dwell(_ command: Command) -> Double {
    let seconds = command["S"] ?? command["P"].map { $0 / 1000 } ?? 0
    return max(0, min(seconds, 1e9))
  }

  /// Each homed axis crosses its travel and approaches its end twice.
  private static func homing(_ command: Command, _ settings: MotionSettings) -> Double {
    var axes = Axes(namedBy: command).intersection(.xyz)
    if axes.isEmpty { axes = .xyz }
    var seconds: Double = 15
    if axes.contains(.x) { seconds += settings.travel.x / max(settings.homingXY, 0.1) + 5 }
    if axes.contains(.y) { seconds += settings.travel.y / max(settings.homingXY, 0.1) + 5 }
    if axes.contains(.z) { seconds += settings.travel.z / max(settings.homingZ, 0.1) + 15 }
    return seconds
  }
}
