/// What differs between one build of GRBL and another, as data.
public struct GrblProfile: Sendable {
  /// Short name, as on the command line of the virtual printer.
  public var name: StaticString
  /// The banner's text, without the line ends around it.
  public var banner: StaticString
  /// Bytes that the receive ring holds (`RX_BUFFER_SIZE`).
  public var receiveBuffer: Int
  /// Bytes that wait in the transmitter while the CPU goes on (`TX_BUFFER_SIZE`).
  public var transmitBuffer: Int
  /// Characters of a line, blanks and comments not counted, that are too many (`LINE_BUFFER_SIZE`).
  public var lineBuffer: Int
  /// Moves that the planner holds (`BLOCK_BUFFER_SIZE` less one).
  public var plannerBlocks: Int
  /// The dialect of grblHAL: sticky errors, more realtime bytes, more settings and report fields.
  public var isHAL: Bool
  /// Speed of the serial line, bits/s.
  public var baud: Int64
  /// Time to take a line in, ns.
  public var lineCost: Int64
  /// Further time to plan a move, ns.
  public var motionCost: Int64
  /// Time from reset to the first byte of the banner: the boot loader's, ns.
  public var bootTime: Int64
  /// Time that writing one byte to the EEPROM takes, ns; 0 where settings are kept otherwise.
  public var eepromByteTime: Int64
  /// Distance from where the machine is switched on to its limit switches, mm.
  public var homingDistance: Double
  /// Limit switches are there.
  public var hasLimitSwitches: Bool
  /// The settings with which it leaves the factory.
  var settings: GrblSettings

  /// GRBL 1.1h on an ATmega328P, built as it comes.
  public static var grbl11: GrblProfile {
    GrblProfile(
      name: "grbl11", banner: "Grbl 1.1h ['$' for help]", receiveBuffer: 128, transmitBuffer: 104,
      lineBuffer: 80, plannerBlocks: 15, isHAL: false, baud: 115_200, lineCost: 300_000, motionCost: 900_000,
      bootTime: 500_000_000, eepromByteTime: 3_400_000, homingDistance: 55, hasLimitSwitches: true,
      settings: GrblSettings())
  }

  /// grblHAL with its large buffers.
  public static var grblhal: GrblProfile {
    var profile = grbl11
    profile.name = "grblhal"
    profile.banner = "GrblHAL 1.1f ['$' or '$HELP' for help]"
    profile.receiveBuffer = 1023
    profile.transmitBuffer = 1024
    profile.lineBuffer = 257
    profile.plannerBlocks = 100
    profile.isHAL = true
    profile.lineCost = 30_000
    profile.motionCost = 50_000
    profile.bootTime = 300_000_000
    profile.eepromByteTime = 0
    profile.settings.reportMask = 511
    return profile
  }

  /// The profile of that name, or nil.
  public static func named(_ name: String) -> GrblProfile? {
    switch name {
    case "grbl11": grbl11
    case "grblhal": grblhal
    default: nil
    }
  }

  /// Changes one of the numbered settings; false where there is none of that number or the value is wrong.
  public mutating func set(_ number: Int, _ value: Double) -> Bool { settings.set(number, value) == 0 }

  /// A laser machine: `$32=1`, quick axes.
  public var asLaser: GrblProfile {
    var profile = self
    profile.settings.laser = true
    profile.settings.stepsPerMillimetre = GrblVector(80, 80, 80)
    profile.settings.maxRate = GrblVector(10_000, 10_000, 1000)
    profile.settings.acceleration = GrblVector(1000, 1000, 100)
    profile.settings.travel = GrblVector(400, 400, 50)
    return profile
  }
}
