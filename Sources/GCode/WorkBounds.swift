/// The box in which a file of a laser or mill works: what G1, G2 and G3 reach, in mm of the file's own coordinates.
///
/// Reads words as GRBL does: several commands in one line, the last motion command stays in force. Rapid moves (G0) are not
/// counted: a beam is off there. Memory stays flat.
public struct WorkBounds: Equatable, Sendable {
  /// The least X, Y, Z; nil for an axis that no working move names.
  public private(set) var least: [Double?] = [nil, nil, nil]
  /// The greatest X, Y, Z.
  public private(set) var most: [Double?] = [nil, nil, nil]
  /// It moves relatively or sets its own zero (G91, G92) or works in the machine's coordinates (G53): the box may be elsewhere.
  public private(set) var isUncertain = false
  /// It uses M3, which keeps a beam on while the machine stands still.
  public private(set) var usesM3 = false

  private var position = [0.0, 0.0, 0.0]
  private var isNamed = [false, false, false]
  private var motion = Motion.rapid
  private var unit = 1.0
  private var isRelative = false

  private enum Motion { case rapid, line, clockwise, counterclockwise, other }

  /// Makes bounds of nothing.
  public init() {}

  /// Reads one line without its ending.
  public mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
    var words = GCodeWords(line)
    var target: (Double?, Double?, Double?) = (nil, nil, nil)
    var centre: (Double?, Double?) = (nil, nil)
    var radius: Double?
    var sets = false
    while let (letter, value) = words.next() {
      switch letter {
      case UInt8(ascii: "G"): if !apply(value) { sets = true }
      case UInt8(ascii: "M"): if value == 3 { usesM3 = true }
      case UInt8(ascii: "X"): target.0 = value * unit
      case UInt8(ascii: "Y"): target.1 = value * unit
      case UInt8(ascii: "Z"): target.2 = value * unit
      case UInt8(ascii: "I"): centre.0 = value * unit
      case UInt8(ascii: "J"): centre.1 = value * unit
      case UInt8(ascii: "R"): radius = value * unit
      default: break
      }
    }
    guard !sets, target.0 != nil || target.1 != nil || target.2 != nil || centre.0 != nil || centre.1 != nil
    else { return }
    move([target.0, target.1, target.2], centre, radius)
  }

  /// Follows a G word; false where the coordinates in its line are no target.
  private mutating func apply(_ number: Double) -> Bool {
    switch number {
    case 0: motion = .rapid
    case 1: motion = .line
    case 2: motion = .clockwise
    case 3: motion = .counterclockwise
    case 20: unit = 25.4
    case 21: unit = 1
    case 90: isRelative = false
    case 91:
      isRelative = true
      isUncertain = true
    case 38.2, 38.3, 38.4, 38.5, 80: motion = .other
    case 53: isUncertain = true
    case 4, 10, 28, 28.1, 30, 30.1, 92, 92.1:
      if number == 92 { isUncertain = true }
      return false
    default: break
    }
    return true
  }

  private mutating func move(_ target: [Double?], _ centre: (Double?, Double?), _ radius: Double?) {
    let start = position
    for axis in 0..<3 {
      guard let value = target[axis] else { continue }
      position[axis] = isRelative ? position[axis] + value : value
    }
    let knew = isNamed
    for axis in 0..<3 where target[axis] != nil { isNamed[axis] = true }
    guard motion != .rapid, motion != .other else { return }
    for axis in 0..<3 where isNamed[axis] {
      include(axis, position[axis])
      if knew[axis] { include(axis, start[axis]) }
    }
    guard motion == .clockwise || motion == .counterclockwise else { return }
    // The whole circle is taken: a box that is too large is shown, never one that is too small.
    if let radius {
      for axis in 0..<2 {
        let middle = (start[axis] + position[axis]) / 2
        include(axis, middle - 2 * abs(radius))
        include(axis, middle + 2 * abs(radius))
      }
    } else {
      let i = centre.0 ?? 0
      let j = centre.1 ?? 0
      let reach = (i * i + j * j).squareRoot()
      for (axis, offset) in [i, j].enumerated() {
        include(axis, start[axis] + offset - reach)
        include(axis, start[axis] + offset + reach)
      }
    }
  }

  private mutating func include(_ axis: Int, _ value: Double) {
    guard value.isFinite else { return }
    least[axis] = min(least[axis] ?? value, value)
    most[axis] = max(most[axis] ?? value, value)
  }
}

/// The words of a line, letter and number, without comments and blanks.
private struct GCodeWords {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> (letter: UInt8, value: Double)? {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: ";") { return nil }
      if byte == UInt8(ascii: "(") {
        skipComment()
        continue
      }
      let letter = byte & 0xDF
      guard letter >= 0x41, letter <= 0x5A else { continue }
      if let value = number() { return (letter, value) }
    }
    return nil
  }

  private mutating func skipComment() {
    while position < bytes.count, bytes[position] != UInt8(ascii: ")") { position += 1 }
    position += 1
  }

  private mutating func number() -> Double? {
    var value = 0.0
    var scale = 1.0
    var isNegative = false
    var isFraction = false
    var digits = 0
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case 0x20, 0x09: break
      case UInt8(ascii: "-") where digits == 0: isNegative = true
      case UInt8(ascii: "+") where digits == 0: break
      case UInt8(ascii: ".") where !isFraction: isFraction = true
      case 0x30...0x39:
        digits += 1
        if isFraction { scale /= 10 }
        value = isFraction ? value + Double(byte - 0x30) * scale : value * 10 + Double(byte - 0x30)
      default: return digits > 0 ? (isNegative ? -value : value) : nil
      }
      position += 1
    }
    return digits > 0 ? (isNegative ? -value : value) : nil
  }
}
