/// One line as GRBL reads it: any number of words in any order, spaces and `(…)` of no account.
///
/// A plain value without heap storage. What it does not understand makes it unreadable: such a line is sent all the same, since
/// the firmware judges it, but nothing is concluded from it.
struct GrblBlock: Sendable {
  /// How a tool or a beam turns.
  enum Spindle: UInt8, Sendable {
    /// M5.
    case off = 5
    /// M3: for a laser full power whatever the speed, also at a standstill.
    case constant = 3
    /// M4: for a laser power in proportion to the speed, dark at a standstill.
    case dynamic = 4
  }

  /// A command that acts once and is not kept.
  enum Once: UInt8, Sendable {
    /// G4.
    case dwell
    /// G10.
    case setOffset
    /// G28 and G30.
    case goStored
    /// G28.1 and G30.1.
    case store
    /// G53.
    case machineCoordinates
    /// G92.
    case shift
    /// G92.1, G92.2, G92.3.
    case unshift
    /// G43, G43.1, G43.2, G49.
    case toolLength
  }

  /// Whether every word was understood.
  var isReadable = true
  /// Characters without spaces and comments.
  var length = 0
  /// How many words.
  var words = 0
  /// The letters other than G, M and N, one bit each.
  var letters: UInt32 = 0
  /// Values by letter, A to Z; nan where missing.
  var values = InlineArray<26, Double>(repeating: .nan)
  /// G0 to G3 as 0 to 3, G38.x as 38, G80 as 80.
  var motion: UInt8?
  var plane: UInt8?
  var isInch: Bool?
  var isRelative: Bool?
  /// G54 to G59 as 54 to 59; grblHAL's G59.x as 59.
  var system: UInt8?
  var once: Once?
  var spindle: Spindle?
  /// M7 and M8 as 7 and 8, M9 as 0.
  var coolant: UInt8?
  /// M6.
  var changesTool = false
  /// M0.
  var stops = false
  /// M2 and M30.
  var ends = false
  /// A `$` line.
  var isSystemLine = false

  /// A word's value; nil where it is missing.
  func value(_ letter: StaticString) -> Double? {
    let index = Int(letter.utf8Start[0]) - 65
    let value = values[index]
    return value.isNaN ? nil : value
  }

  /// Whether X, Y or Z is named.
  var hasAxes: Bool { letters & Self.axes != 0 }

  /// Whether it must be alone on the wire: it reads or writes the EEPROM, while which GRBL loses bytes that arrive.
  var isAlone: Bool {
    if isSystemLine || system != nil { return true }
    switch once {
    case .setOffset, .store, .goStored: return true
    case .dwell, .machineCoordinates, .shift, .unshift, .toolLength, nil: return false
    }
  }

  /// Whether this line joined to the next one by a lost line feed would be taken, and do something else than the two.
  ///
  /// A word that stands twice, or two commands of one group, are refused. Modes in front of a move act before it either way.
  func mergesUnnoticed(with next: GrblBlock) -> Bool {
    guard isReadable, next.isReadable else { return true }
    let collides =
      letters & next.letters != 0 || (motion != nil && next.motion != nil)
      || (spindle != nil && next.spindle != nil) || (once != nil && next.once != nil)
      || (system != nil && next.system != nil) || (isInch != nil && next.isInch != nil)
      || (isRelative != nil && next.isRelative != nil) || (plane != nil && next.plane != nil)
    return !collides && (hasAxes || once != nil || ends || stops)
  }

  private static let axes: UInt32 = 1 << 23 | 1 << 24 | 1 << 25

  /// Reads a line.
  init(_ line: ArraySlice<UInt8>) {
    line.withUnsafeBufferPointer { read($0) }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    var index = 0
    var isComment = false
    while index < bytes.count {
      let byte = bytes[index]
      if isComment {
        isComment = byte != UInt8(ascii: ")")
        index += 1
        continue
      }
      switch byte {
      case ASCII.space, ASCII.tab, ASCII.carriageReturn: index += 1
      case UInt8(ascii: "("):
        isComment = true
        index += 1
      case UInt8(ascii: ";"): return
      case UInt8(ascii: "$") where words == 0:
        isSystemLine = true
        words = 1
        length = bytes.count
        return
      // A block delete mark means nothing to GRBL.
      case ASCII.slash: index += 1
      default: readWord(bytes, &index)
      }
      if !isReadable { return finishUnreadable(bytes) }
    }
  }

  private mutating func finishUnreadable(_ bytes: UnsafeBufferPointer<UInt8>) {
    length = bytes.count
    words = max(1, words)
  }

  private mutating func readWord(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    let letter = ASCII.lower(bytes[index]) &- 32
    guard letter >= 65, letter <= 90 else {
      isReadable = false
      return
    }
    length += 1
    index += 1
    guard let value = number(bytes, &index) else {
      isReadable = false
      return
    }
    words += 1
    switch letter {
    case UInt8(ascii: "G"): takeG(value)
    case UInt8(ascii: "M"): takeM(value)
    case UInt8(ascii: "N"): break
    default:
      letters |= 1 << UInt32(letter - 65)
      values[Int(letter) - 65] = value
    }
  }

  /// A number, whose digits may stand apart.
  private mutating func number(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Double? {
    var mantissa: Double = 0
    var divisor: Double = 1
    var digits = 0
    var isNegative = false
    var isFraction = false
    var isFirst = true
    while index < bytes.count {
      let byte = bytes[index]
      if byte == ASCII.space || byte == ASCII.tab {
        index += 1
        continue
      }
      if isFirst, byte == ASCII.minus || byte == UInt8(ascii: "+") {
        isNegative = byte == ASCII.minus
      } else if byte == ASCII.point, !isFraction {
        isFraction = true
      } else if ASCII.isDigit(byte), digits < 18 {
        mantissa = mantissa * 10 + Double(byte - ASCII.zero)
        if isFraction { divisor *= 10 }
        digits += 1
      } else {
        break
      }
      isFirst = false
      length += 1
      index += 1
    }
    guard digits > 0 else { return nil }
    return (isNegative ? -mantissa : mantissa) / divisor
  }

  private mutating func takeG(_ value: Double) {
    guard value >= 0, value < 1000 else {
      isReadable = false
      return
    }
    switch Int((value * 10).rounded()) {
    case 0: motion = 0
    case 10: motion = 1
    case 20: motion = 2
    case 30: motion = 3
    case 382, 383, 384, 385: motion = 38
    case 800: motion = 80
    case 170: plane = 17
    case 180: plane = 18
    case 190: plane = 19
    case 200: isInch = true
    case 210: isInch = false
    case 900: isRelative = false
    case 910: isRelative = true
    case 540...590: system = UInt8(Int(value))
    case 591, 592, 593: system = 59
    case 40: once = .dwell
    case 100: once = .setOffset
    case 280, 300: once = .goStored
    case 281, 301: once = .store
    case 530: once = .machineCoordinates
    case 920: once = .shift
    case 921, 922, 923: once = .unshift
    case 430, 431, 432, 490: once = .toolLength
    // Feed modes, arc distance, cutter compensation, path modes: nothing that is followed here.
    case 930, 940, 950, 911, 400, 610, 980, 990, 500: break
    default: isReadable = false
    }
  }

  private mutating func takeM(_ value: Double) {
    switch Int((max(-1, min(10_000, value)) * 10).rounded()) {
    case 0: stops = true
    case 20, 300: ends = true
    case 30: spindle = .constant
    case 40: spindle = .dynamic
    case 50: spindle = .off
    case 60: changesTool = true
    case 70, 80: coolant = UInt8(value)
    case 90: coolant = 0
    case 10, 490, 500, 510, 530, 560: break
    default: isReadable = false
    }
  }
}
