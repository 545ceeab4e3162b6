import GCode

/// Whether opening the port resets the board.
public enum ResetsOnOpen: UInt8, Sendable {
  /// It does not: the firmware is greeted at once.
  case no = 0
  /// It does: the banner is waited for.
  case yes = 1
  /// Not known: a banner is waited for a short while.
  case unknown = 2
}

/// What the session has to know of a machine. Times in ns, lengths in mm, feedrates in mm/min, temperatures in °C.
public struct SessionConfiguration: Equatable, Sendable {
  /// The firmware's quirks.
  public var dialect = Dialect.marlin
  /// Whether opening resets the board; also whether a DTR pulse does.
  public var resetsOnOpen = ResetsOnOpen.unknown
  /// The wire's speed in bits a second, for the shortest time in which an answer can come; 0 where unknown.
  public var baud: Int64 = 0
  /// Bytes of the firmware's receive buffer; nil where not known.
  public var receiveBuffer: Int?
  /// Lines of the firmware's command queue (Marlin's BUFSIZE); nil where not known.
  public var queueLines: Int?
  /// How the axes are driven.
  public var kinematics = Kinematics.cartesian
  /// The number of hot ends.
  public var tools: Int32 = 1
  /// The travel from 0 in X, Y and Z; nil where unknown, and then nothing is clamped or parked.
  public var volume: Volume?
  /// The highest target of a hot end.
  public var maximumTool: Double = 300
  /// The highest target of the bed.
  public var maximumBed: Double = 120
  /// The highest target of the chamber.
  public var maximumChamber: Double = 80
  /// Below this a hot end must not extrude (safety rule 13).
  public var coldExtrusion: Double = 170
  /// Whether Z stays where it is without power, so that motors may be released after a cancel.
  public var zHoldsUnpowered = false
  /// Sends heaters off as the first act after the first greeting: for a driver that was restarted after a death (rule 3).
  public var coolsOnConnect = false
  /// Whether it prints, burns or cuts: a laser and a spindle have rules of their own.
  public var machineClass = MachineClass.printer
  /// Lets M3 be sent: a laser under M3 burns on when motion stops, under M4 it goes dark (rule 17).
  public var allowsM3 = false
  /// What a laser or a CNC machine needs besides.
  public var grbl = GrblOptions()
  /// How often temperatures are asked for, or reported by themselves.
  public var pollInterval: Int64 = 2_000_000_000
  /// Lets files send M302 and M997.
  public var allowsDangerousInFiles = false
  /// Lets files send M500 and M502 without asking a person.
  public var allowsSettingsInFiles = false
  /// The lines and distances of pause, resume and cancel.
  public var scripts = SessionScripts()
  /// How long the session waits for what.
  public var patience = SessionPatience()
  /// The most lines in flight, questions aside: 0 as many as certainly fit, 1 send-response.
  public var windowLines: Int = 0

  /// Makes the defaults for a Marlin printer.
  public init() {}
}

/// How a machine's axes are driven.
public enum Kinematics: String, Sendable {
  /// Each axis by its own motor.
  case cartesian
  /// X and Y by two motors together; for a host the same as cartesian.
  case corexy
  /// Three arms, 0 in the middle of a round bed, homed at the top.
  case delta
}

/// The travel of a machine from 0, in mm.
public struct Volume: Equatable, Sendable {
  /// Along X.
  public var x: Double
  /// Along Y.
  public var y: Double
  /// Along Z.
  public var z: Double

  /// Makes a volume.
  public init(x: Double, y: Double, z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }
}

/// What pause, resume and cancel do; a script given here replaces the built-in middle part.
///
/// M400, M114 and `M84 S0` around a pause, and the restoring of modes after a resume, are always the session's own.
public struct SessionScripts: Equatable, Sendable {
  /// Lines before the first line of a job; nil for none.
  public var start: [String]?
  /// Lines behind the last line of a job that was printed to its end; nil for none.
  public var end: [String]?
  /// Lines instead of retract, lift and park; nil for the built-in ones.
  public var pause: [String]?
  /// Lines instead of prime, return and unretract; nil for the built-in ones.
  public var resume: [String]?
  /// Lines instead of heaters off, lift and park; nil for the built-in ones.
  public var cancel: [String]?
  /// How far filament is drawn back before parking.
  public var retract: Double = 2
  /// How much more than that is pushed out before going back.
  public var prime: Double = 1
  /// How far Z is lifted, clamped to the travel.
  public var lift: Double = 10
  /// Where to park in X; nil does not park.
  public var parkX: Double? = 0
  /// Where to park in Y; nil does not park.
  public var parkY: Double? = 0
  /// The feedrate of travels.
  public var travelFeedrate: Double = 6000
  /// The feedrate of the lift.
  public var liftFeedrate: Double = 600
  /// The feedrate of filament moves.
  public var filamentFeedrate: Double = 1800
  /// The motors' timeout that a resume restores, in seconds.
  public var stepperTimeout: Int32 = 120

  /// Makes the defaults.
  public init() {}
}

/// How long the session waits, in ns. Each is a setting; the reason stands beside the default.
public struct SessionPatience: Equatable, Sendable {
  /// For the banner after opening a port that resets the board: bootloaders take up to 8 s.
  public var banner: Int64 = 8_000_000_000
  /// For a banner where it is not known whether opening resets: AVR bootloaders listen for 1 to 2 s.
  public var possibleBanner: Int64 = 2_000_000_000
  /// For quiet after the last line of a banner, since boards read SD and settings then.
  public var bannerQuiet: Int64 = 500_000_000
  /// For an answer to a line of the greeting.
  public var greeting: Int64 = 3_000_000_000
  /// How many times a line of the greeting is tried.
  public var greetings: Int = 5
  /// Of quiet on the line after a resend request before anything is sent again.
  public var quiet: Int64 = 100_000_000
  /// Beyond a command's own expected time before its silence begins to count.
  public var margin: Int64 = 1_500_000_000
  /// The least time after which a missing answer is asked about; how long answers take is learned beyond it.
  public var soonest: Int64 = 80_000_000
  /// For an answer to a question, before the next one.
  public var question: Int64 = 1_000_000_000
  /// How many questions stay without any answer before the link counts as silent.
  public var questions: Int = 6
  /// How many times the firmware may ask for one line again.
  public var resendLimit: Int = 20
  /// After which a hot end that does not rise by 2 °C counts as unpowered.
  public var noRise: Int64 = 60_000_000_000
  /// For the hot end to stay on in a pause before it goes to standby: it would cook the filament.
  public var pausedTool: Int64 = 900_000_000_000
  /// The hot end's standby temperature in a long pause.
  public var standby: Double = 0
  /// For the hot end to stay on after an uncertain end or a lost link.
  public var uncertainTool: Int64 = 300_000_000_000
  /// For the bed to stay on after an uncertain end or a lost link, so that the part stays stuck meanwhile.
  public var uncertainBed: Int64 = 3_600_000_000_000
  /// For a lost link to come back so that the job goes on by itself (rule 14): nothing has cooled or moved by then.
  public var gap: Int64 = 30_000_000_000
  /// How far below its target, in °C, a hot end counts as still at temperature after a lost link: a fan and a pause of some
  /// seconds take a few degrees.
  public var cooling: Double = 10
  /// For a kill reply or a banner after an emergency stop.
  public var stop: Int64 = 1_000_000_000
  /// Between two questions about a print from SD that is not ours.
  public var sdPoll: Int64 = 5_000_000_000

  /// Makes the defaults.
  public init() {}
}
