/// What goes wrong, how often and where; together with a seed it is reproducible.
///
/// Line numbers count the executed lines that enter the hash, so that a host's polls do not move a fault.
public struct FaultPlan: Sendable, Equatable {
  /// Chance for each byte from the host that one of its bits flips.
  public var flipIn = 0.0
  /// Chance for each byte to the host that one of its bits flips.
  public var flipOut = 0.0
  /// Chance for each byte from the host to vanish.
  public var loseByteIn = 0.0
  /// Chance for each byte to the host to vanish.
  public var loseByteOut = 0.0
  /// Chance for each line end from the host to vanish: two lines become one.
  public var loseLineEndIn = 0.0
  /// Chance for each line end to the host to vanish: two replies become one.
  public var loseLineEndOut = 0.0
  /// Chance for each line from the host to lose 1 to 20 bytes in a row, as a receiver does that is read too late.
  public var overrun = 0.0
  /// Chance for each reply to lose its end, line end included.
  public var cut = 0.0
  /// Chance for each number of a `Resend` to gain, lose or change a digit.
  public var damageResend = 0.0
  /// Chance for each `ok` line not to be sent.
  public var loseOk = 0.0
  /// Chance for each `ok` line to be sent twice.
  public var doubleOk = 0.0
  /// Chance for each reply to leave in two pieces, 5 to 50 ms apart.
  public var split = 0.0
  /// Chance for each reply to come 0.2 to 3 s late, the firmware standing still meanwhile.
  public var stall = 0.0
  /// The controller resets before it executes this line.
  public var resetAt: Int64?
  /// The cable is pulled before this line is executed.
  public var unplugAt: Int64?
  /// How long the cable stays out, ns.
  public var unplugFor: Int64 = 2_000_000_000
  /// The wire of the hot end breaks before this line is executed.
  public var heaterFaultAt: Int64?
  /// The wire of the bed breaks before this line is executed.
  public var bedFaultAt: Int64?
  /// The board runs from USB alone: no heater ever rises.
  public var noPower = false
  /// The filament ends before this line is executed.
  public var runoutAt: Int64?
  /// The firmware starts a filament change by itself before this line is executed.
  public var filamentChangeAt: Int64?
  /// Somebody presses pause at the machine's display before this line is executed: the firmware asks the host to.
  public var pauseAt: Int64?
  /// The firmware asks a question with two buttons before this line is executed, and waits for the answer.
  public var promptAt: Int64?
  /// The firmware hangs before this line is executed: nothing more is read, done or said.
  public var silentAt: Int64?
  /// `M112` is executed by somebody else (a button at the machine) before this line is executed.
  public var killAt: Int64?

  /// Nothing goes wrong.
  public init() {}

  /// Reads a comma list such as `flip-in=0.001,lose-ok=0.001,reset@500,unplug@700:2s,no-power`.
  ///
  /// Throws the item that it does not understand.
  public init(specification: String) throws(FaultSpecificationError) {
    var item: [UInt8] = []
    for byte in specification.utf8 {
      if byte == UInt8(ascii: ",") {
        try take(item)
        item.removeAll(keepingCapacity: true)
      } else if byte != UInt8(ascii: " ") {
        item.append(byte)
      }
    }
    try take(item)
  }

  private mutating func take(_ item: [UInt8]) throws(FaultSpecificationError) {
    if item.isEmpty { return }
    let mark = item.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "@") } ?? item.endIndex
    let value = item[mark...].dropFirst()
    let isRate = mark < item.endIndex && item[mark] == UInt8(ascii: "=")
    let understood: Bool
    if mark == item.endIndex {
      understood = takeSwitch(item)
    } else if isRate {
      understood = takeRate(item[..<mark], decimal(value))
    } else {
      understood = takePlace(item[..<mark], value)
    }
    if !understood { throw FaultSpecificationError(item: String(decoding: item, as: UTF8.self)) }
  }

  private mutating func takeSwitch(_ name: [UInt8]) -> Bool {
    guard name.spells("no-power") else { return false }
    noPower = true
    return true
  }

  private mutating func takeRate(_ name: ArraySlice<UInt8>, _ rate: Double?) -> Bool {
    guard let rate, rate >= 0, rate <= 1 else { return false }
    if name.spells("flip-in") {
      flipIn = rate
    } else if name.spells("flip-out") {
      flipOut = rate
    } else if name.spells("lose-byte-in") {
      loseByteIn = rate
    } else if name.spells("lose-byte-out") {
      loseByteOut = rate
    } else if name.spells("lose-lf-in") {
      loseLineEndIn = rate
    } else if name.spells("lose-lf-out") {
      loseLineEndOut = rate
    } else if name.spells("overrun") {
      overrun = rate
    } else if name.spells("cut") {
      cut = rate
    } else if name.spells("damage-resend") {
      damageResend = rate
    } else if name.spells("lose-ok") {
      loseOk = rate
    } else if name.spells("double-ok") {
      doubleOk = rate
    } else if name.spells("split") {
      split = rate
    } else if name.spells("stall") {
      stall = rate
    } else {
      return false
    }
    return true
  }

  private mutating func takePlace(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
    let colon = value.firstIndex(of: UInt8(ascii: ":")) ?? value.endIndex
    guard let number = decimal(value[..<colon]), number >= 0, number < 1e15 else { return false }
    let line = Int64(number)
    if name.spells("reset") {
      resetAt = line
    } else if name.spells("unplug") {
      unplugAt = line
      if colon < value.endIndex {
        guard let duration = nanoseconds(value[colon...].dropFirst()) else { return false }
        unplugFor = duration
      }
    } else if name.spells("heater-fault") {
      heaterFaultAt = line
    } else if name.spells("bed-fault") {
      bedFaultAt = line
    } else if name.spells("runout") {
      runoutAt = line
    } else if name.spells("m600") {
      filamentChangeAt = line
    } else if name.spells("lcd-pause") {
      pauseAt = line
    } else if name.spells("prompt") {
      promptAt = line
    } else if name.spells("silent") {
      silentAt = line
    } else if name.spells("kill") {
      killAt = line
    } else {
      return false
    }
    return true
  }
}

/// A part of a fault specification that means nothing.
public struct FaultSpecificationError: Error, Sendable, Equatable {
  /// The item as written.
  public var item: String
}

extension Collection<UInt8> {
  /// True when the bytes are exactly those of the text.
  func spells(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { wanted in
      var position = 0
      for byte in self {
        if byte != wanted[position] { return false }
        position += 1
      }
      return true
    }
  }
}

/// Reads `12` or `0.001`; nil for anything else, exponents included.
private func decimal(_ bytes: ArraySlice<UInt8>) -> Double? {
  var value = 0.0
  var scale = 0.0
  if bytes.isEmpty { return nil }
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let digit = Double(byte - UInt8(ascii: "0"))
      if scale == 0 {
        value = value * 10 + digit
      } else {
        value += digit * scale
        scale /= 10
      }
    case UInt8(ascii: ".") where scale == 0: scale = 0.1
    default: return nil
    }
  }
  return value
}

/// Reads `2s`, `500ms` or bare seconds.
private func nanoseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
  let digits = bytes.prefix {
    $0 == UInt8(ascii: ".") || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
  }
  let unit = bytes.dropFirst(digits.count)
  guard let number = decimal(digits), number < 1e6 else { return nil }
  if unit.isEmpty || unit.spells("s") { return Int64(number * 1e9) }
  if unit.spells("ms") { return Int64(number * 1e6) }
  return nil
}
