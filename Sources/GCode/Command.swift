/// One G-code command: a letter, a number and parameters, such as `G1 X10 Y5 F3000`.
///
/// Read from a cleaned line, with or without spaces (`G1X10Y5F3000`), letters in either case. A leading `N42` and a
/// `*cs` at the end are skipped. Only the first command of a line counts, as in Marlin: a second `G` or `M` is a
/// parameter. A plain value without heap storage: reading one allocates nothing.
public struct Command: Sendable {
  /// The upper-case letter: `G`, `M`, `T` and so on.
  public internal(set) var letter: UInt8 = 0
  /// The number, such as 28 in `G28`; -1 for `Tx`, `Tc` and `T?`.
  public private(set) var number: Int32 = -1
  /// The number behind the point, such as 1 in `G28.1`; nil where there is none.
  public private(set) var subcode: Int32?
  /// Where the words of M117, M118, M23 and the like start, in bytes from the line's start; nil for other commands.
  public private(set) var textOffset: Int?
  /// Whether the line had a line number in front or a checksum behind.
  public private(set) var carriesNumber = false
  // What stands for each letter is read by other modules for each line: `@inlinable` reads it where it lies, in this value,
  // which is too large to be copied for a call.
  @usableFromInline var present: UInt32 = 0
  @usableFromInline var valued: UInt32 = 0
  @usableFromInline var values = InlineArray<26, Double>(repeating: 0)

  /// Reads a command; nil where the line has none: empty, or words such as Klipper's `PRINT_START`.
  public init?(_ line: ArraySlice<UInt8>) {
    let isCommand = line.withUnsafeBufferPointer { read($0) }
    if !isCommand { return nil }
  }

  /// An unread command, to be filled by `read` again and again.
  public init() {}

  /// Reads a cleaned line into this value, which is no command where the line holds none.
  ///
  /// For those who read one after the other: an optional of a value as large as this one is copied wherever it goes.
  public mutating func read(_ line: Span<UInt8>) {
    let isCommand = line.withUnsafeBufferPointer { read($0) }
    if !isCommand { letter = 0 }
  }

  /// Whether nothing was read, or a line without a command.
  @inlinable
  public var isNone: Bool { letter == 0 }

  /// The value of a parameter: 10 for `X` in `X10`; nil where it is missing or stands without a number.
  ///
  /// The letter is upper case.
  @inlinable
  public subscript(_ letter: Unicode.Scalar) -> Double? {
    let index = Int(letter.value) &- 65
    guard index >= 0, index < 26, valued & (1 << UInt32(truncatingIfNeeded: index)) != 0 else { return nil }
    return values[index]
  }

  /// The same as the subscript. (`mutating`, so that the value is read where it lies: the subscript copies all 26 for it.)
  @inline(__always)
  mutating func word(_ letter: Unicode.Scalar) -> Double? {
    let index = Int(letter.value) &- 65
    guard index >= 0, index < 26, valued & (1 << UInt32(truncatingIfNeeded: index)) != 0 else { return nil }
    return values.mutableSpan[unchecked: index]
  }

  /// Whether a parameter is there, with a number or without: `X` in `G28 X`.
  @inlinable
  public func has(_ letter: Unicode.Scalar) -> Bool {
    let index = letter.value &- 65
    return index < 26 && present & (1 << index) != 0
  }

  /// Whether there is no parameter at all.
  public var isBare: Bool { present == 0 }

  /// Whether the letter is one that a printer's file has: G, M, T, and D, which Prusa's firmware knows.
  var isKnownLetter: Bool {
    letter == ASCII.upperG || letter == ASCII.upperM || letter == ASCII.upperT || letter == UInt8(ascii: "D")
  }

  /// Whether a second G or M with a number stands behind the command; of words and strings that is no sign.
  @inline(__always)
  var carriesCommand: Bool {
    // Bits 6 and 12: the letters G and M.
    valued & (1 << 6 | 1 << 12) != 0
  }

  /// Whether its parameters may be words for people, names or file names: M0 and M1, M486, M862, M115 U and the like.
  var takesWords: Bool {
    guard letter == ASCII.upperM else { return false }
    return switch number {
    case 0, 1, 16, 36, 115, 486, 550, 551, 552, 587, 588, 589, 862: true
    default: number >= 900
    }
  }

  /// Whether it is this command: `command.matches("G", 28)`; a subcode does not count.
  @inlinable
  public func matches(_ letter: Unicode.Scalar, _ number: Int32) -> Bool {
    UInt32(self.letter) == letter.value && self.number == number
  }

  /// The name without parameters, as people write it: `G28`, `M109`, `G29.1`, `Tx`.
  public var name: String {
    let head = String(Character(Unicode.Scalar(letter)))
    guard number >= 0 else { return head + "x" }
    guard let subcode else { return head + String(number) }
    return head + String(number) + "." + String(subcode)
  }

  /// Reads a cleaned line into this value; false where it holds no command.
  @inline(__always)
  mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    present = 0
    valued = 0
    subcode = nil
    textOffset = nil
    var position = Self.skipNumber(line)
    carriesNumber = position > 0
    guard position < line.count else { return false }
    letter = ASCII.upper(line[position])
    guard letter >= ASCII.upperA, letter <= ASCII.upperZ else { return false }
    position &+= 1
    guard readNumber(line, &position) else { return false }
    if Self.takesText(letter, number) {
      while position < line.count, ASCII.isBlank(line[position]) { position &+= 1 }
      textOffset = position
    } else {
      readParameters(line, position)
    }
    return true
  }

  /// Reads `28` or `28.1`; false where what follows the letter makes it no command.
  @inline(__always)
  private mutating func readNumber(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
    guard let number = Self.smallNumber(line, &position) else { return readToolWord(line, &position) }
    self.number = number
    if position < line.count, line[position] == ASCII.point {
      position &+= 1
      subcode = Self.smallNumber(line, &position) ?? 0
    }
    return true
  }

  /// Reads the rest of `Tx`, `Tc` and `T?`, which ask the printer or its user for the tool.
  private mutating func readToolWord(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
    number = -1
    guard letter == ASCII.upperT else { return false }
    guard position < line.count else { return true }
    let next = ASCII.upper(line[position])
    guard next == UInt8(ascii: "X") || next == UInt8(ascii: "C") || next == UInt8(ascii: "?") else {
      return false
    }
    position &+= 1
    return position == line.count || ASCII.isBlank(line[position])
  }

  @inline(__always)
  private mutating func readParameters(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) {
    var position = start
    while position < line.count {
      let byte = line[position]
      position &+= 1
      if byte == ASCII.star {
        carriesNumber = true
        return
      }
      if byte == ASCII.quote { Self.skipQuoted(line, &position) }
      let index = ASCII.upper(byte) &- ASCII.upperA
      guard index < 26 else { continue }
      let bit: UInt32 = 1 << UInt32(index)
      present |= bit
      while position < line.count, ASCII.isBlank(line[position]) { position &+= 1 }
      if let value = DecimalNumber.read(line, &position) {
        values[Int(index)] = value
        valued |= bit
      } else {
        valued &= ~bit
      }
    }
  }

  /// Moves behind the closing quote of a text such as `P"bed.cfg"`.
  private static func skipQuoted(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) {
    while position < line.count, line[position] != ASCII.quote { position &+= 1 }
    position &+= 1
  }

  /// Digits as a number; nil, with `position` unmoved, where there are none or more than a command can have.
  @inline(__always)
  private static func smallNumber(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int32? {
    var index = position
    var value: Int32 = 0
    while index < line.count, ASCII.isDigit(line[index]) {
      guard value < 100_000_000 else { return nil }
      value = value &* 10 &+ Int32(line[index] &- ASCII.zero)
      index &+= 1
    }
    guard index > position else { return nil }
    position = index
    return value
  }

  /// Where the command starts: at 0, or behind a line number such as `N42 `.
  @inline(__always)
  private static func skipNumber(_ line: UnsafeBufferPointer<UInt8>) -> Int {
    guard let first = line.first, ASCII.upper(first) == ASCII.upperN else { return 0 }
    var index = 1
    if index < line.count, line[index] == ASCII.minus { index &+= 1 }
    let digits = index
    while index < line.count, ASCII.isDigit(line[index]) { index &+= 1 }
    guard index > digits else { return 0 }
    while index < line.count, ASCII.isBlank(line[index]) { index &+= 1 }
    return index
  }

  /// Whether it is one of the M commands.
  @inlinable
  public var isM: Bool { letter == UInt8(ascii: "M") }

  /// Whether the rest of the line is words or a file name rather than parameters.
  ///
  /// M23, M28, M30, M32, M33 and M928 name files; M117 and M118 are messages, M16 a machine's name.
  @inline(__always)
  static func takesText(_ letter: UInt8, _ number: Int32) -> Bool {
    guard letter == ASCII.upperM else { return false }
    switch number {
    case 16, 23, 28, 30, 32, 33, 117, 118, 928: return true
    default: return false
    }
  }

  /// Whether a line is a command that takes text.
  static func takesText(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    var command = Command()
    return command.read(line) && command.textOffset != nil
  }
}
