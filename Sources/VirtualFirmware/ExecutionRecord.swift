/// What the firmware did, for judges: executed lines, their hash, and everything that went wrong.
public struct ExecutionRecord: Sendable {
  /// Executed lines that enter the hash.
  public internal(set) var lines: Int64 = 0
  /// FNV-1a 64 over those lines, each followed by a line feed.
  public internal(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  /// All executed lines, a host's own questions included.
  public internal(set) var executed: Int64 = 0
  /// `Resend` lines sent for a rejected line.
  public internal(set) var resendsAsked: Int64 = 0
  /// Lines rejected for their checksum.
  public internal(set) var checksumErrors: Int64 = 0
  /// Lines rejected for their number.
  public internal(set) var lineNumberErrors: Int64 = 0
  /// Lines dropped without a word because their number had been seen.
  public internal(set) var repeatsDropped: Int64 = 0
  /// Bytes that found the receive ring full.
  public internal(set) var overruns: Int64 = 0
  /// Times the planner ran dry in mid-print: the next move came less than a second after the last had ended.
  public internal(set) var underruns: Int64 = 0
  /// How long the motors stood in those times, ns.
  public internal(set) var starved: Int64 = 0
  /// The most bytes that ever lay in the receive ring; a host that knows the ring's size keeps below it.
  public internal(set) var fullestRing: Int64 = 0
  /// `ok` lines that a fault kept back.
  public internal(set) var okLost: Int64 = 0
  /// `ok` lines that a fault sent twice.
  public internal(set) var okDoubled: Int64 = 0
  /// Bytes that a fault changed or took away, either way.
  public internal(set) var bytesDamaged: Int64 = 0
  /// Each fault that befell a byte or a reply, by its kind.
  public internal(set) var faults = FaultCounts()
  /// Lines that were damaged on their way and executed all the same: the checksum held, or there was none left.
  public internal(set) var damagedExecuted: Int64 = 0
  /// Lines that enter the hash and came without a number.
  public internal(set) var unnumberedExecuted: Int64 = 0
  /// Unknown commands.
  public internal(set) var unknownCommands: Int64 = 0
  /// Extruder moves refused because the hot end was cold.
  public internal(set) var coldExtrusionsPrevented: Int64 = 0
  /// An extruder moved below the cold-extrusion limit, because `M302` allowed it.
  public internal(set) var extrudedCold = false
  /// Resets since power-on, the first not counted.
  public internal(set) var resets: Int64 = 0
  /// The firmware has been killed (`M112`, heater fault) and not been reset since.
  public internal(set) var killed = false
  /// Kills since power-on.
  public internal(set) var kills: Int64 = 0
  /// A heater fault stopped the firmware.
  public internal(set) var heaterFault = false
  /// Time with a heater's target above zero while no host had the port open, ns.
  public internal(set) var heatersOnAfterHostGone: Int64 = 0
  /// The motors were let go after a while without commands.
  public internal(set) var steppersTimedOut = false
  /// Highest temperature that the hot end has shown, °C.
  public internal(set) var highestHotEnd = 0.0
  /// Highest temperature that the bed has shown, °C.
  public internal(set) var highestBed = 0.0

  /// Nothing has happened yet.
  public init() {}

  var keepsLog = false
  private var log: [ExecutedLine] = []

  /// The hash as 16 lower-case hexadecimal digits.
  public var hashText: String {
    var digits: [UInt8] = []
    for shift in stride(from: 60, through: 0, by: -4) {
      let nibble = UInt8(truncatingIfNeeded: hash >> UInt64(shift)) & 15
      digits.append(nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a"))
    }
    return String(decoding: digits, as: UTF8.self)
  }

  mutating func takeLog() -> [ExecutedLine] {
    let taken = log
    log = []
    return taken
  }

  /// Notes one executed line and lets it enter the hash unless it is a question that hosts ask by themselves.
  mutating func execute(
    _ text: ArraySlice<UInt8>, number: Int32?, isHostQuestion: Bool, isDamaged: Bool = false
  ) {
    executed += 1
    if isDamaged { damagedExecuted += 1 }
    if !isHostQuestion {
      if number == nil { unnumberedExecuted += 1 }
      lines += 1
      for byte in text { mix(byte) }
      mix(10)
    }
    if keepsLog { log.append(ExecutedLine(number: number, text: Array(text), isDamaged: isDamaged)) }
  }

  /// Notes a number that was taken although no command came with it: nothing ran under it.
  mutating func noteCounted(_ number: Int32, isDamaged: Bool) {
    if keepsLog { log.append(ExecutedLine(number: number, text: [], isDamaged: isDamaged)) }
  }

  private mutating func mix(_ byte: UInt8) {
    hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }
}

/// A line as the firmware executed it, without number, checksum and outer blanks.
public struct ExecutedLine: Sendable, Equatable {
  /// The line's number, nil for one that came without.
  public var number: Int32?
  /// The command's bytes.
  public var text: [UInt8]
  /// Something was changed or lost between the host and here, in this line or with the end of the one before.
  public var isDamaged = false

  /// A line as executed.
  public init(number: Int32?, text: [UInt8], isDamaged: Bool = false) {
    self.number = number
    self.text = text
    self.isDamaged = isDamaged
  }
}

/// Numbers of the M-codes that a host sends by itself and that are no part of a file.
func isHostQuestion(letter: UInt8, number: Int32) -> Bool {
  guard letter == UInt8(ascii: "M") else { return false }
  switch number {
  case 20, 27, 31, 105, 110, 113, 114, 115, 119, 154, 155, 400, 503: return true
  default: return false
  }
}
