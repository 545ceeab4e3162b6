/// One line of G-code taken apart: which words it has, of which modal groups, and what they say.
struct GrblBlock: Sendable {
  /// What uses the line's axis words.
  enum AxisCommand: Sendable { case none, nonModal, motion, toolLength }

  /// A command that holds for its line alone.
  enum NonModal: Sendable, Equatable {
    case none, dwell, setOffset, goHome(Int), setHome(Int), machineCoordinates, setExtraOffset,
      clearExtraOffset
  }

  var modes: GrblModes
  var axisCommand = AxisCommand.none
  var nonModal = NonModal.none
  /// Bits of modal groups seen.
  var groups: UInt16 = 0
  /// Bits of letters seen, A the lowest.
  var words: UInt32 = 0
  var values = InlineArray<26, Double>(repeating: 0)
  var isJog: Bool
  /// grblHAL knows some words more.
  var isHAL: Bool
  /// The line had axis words, whoever has used them since.
  private(set) var hadAxes = false

  init(modes: GrblModes, isJog: Bool, isHAL: Bool) {
    self.modes = modes
    self.isHAL = isHAL
    self.isJog = isJog
    if isJog {
      self.modes.motion = .linear
      self.modes.inverseTime = false
    }
  }

  func has(_ letter: Unicode.Scalar) -> Bool { words & bit(letter) != 0 }

  subscript(letter: Unicode.Scalar) -> Double {
    get { values[Int(letter.value) - 65] }
    set { values[Int(letter.value) - 65] = newValue }
  }

  mutating func used(_ letter: Unicode.Scalar) { words &= ~bit(letter) }

  private func bit(_ letter: Unicode.Scalar) -> UInt32 { 1 << (letter.value - 65) }

  func hasAxis(_ axis: Int) -> Bool { words & (1 << UInt32(23 + axis)) != 0 }
  var hasAxes: Bool { words & (7 << 23) != 0 }

  /// The axis words' values.
  var axes: GrblVector {
    get { GrblVector(values[23], values[24], values[25]) }
    set {
      values[23] = newValue.x
      values[24] = newValue.y
      values[25] = newValue.z
    }
  }

  // MARK: Reading

  /// Reads all words from `position` on; returns the code of the error or 0.
  mutating func read(_ line: [UInt8], from position: Int) -> UInt8 {
    var position = position
    while position < line.count {
      let letter = line[position]
      guard letter >= 65, letter <= 90 else { return 1 }
      position += 1
      guard let value = grblNumber(line, &position) else { return 2 }
      // The controller has a byte for the whole part and sixteen bits for the hundredths.
      let whole = Int(Int64(value) & 255)
      let hundredths = Int((100 * (value - Double(whole))).rounded()) & 0xffff
      let code: UInt8
      switch letter {
      case UInt8(ascii: "G"): code = takeG(whole, hundredths)
      case UInt8(ascii: "M"): code = takeM(whole, hundredths)
      default: code = takeValue(letter, value)
      }
      if code != 0 { return code }
    }
    return 0
  }

  private mutating func takeG(_ number: Int, _ hundredths: Int) -> UInt8 {
    var hundredths = hundredths
    let group: UInt16
    switch number {
    case 4, 10, 28, 30, 53, 92:
      if let code = takeNonModal(number, &hundredths) { return code }
      group = 0
    case 0...3, 38, 80:
      if let code = takeMotion(number, &hundredths) { return code }
      group = 1
    case 17...19:
      modes.plane = number - 17
      group = 2
    case 90, 91:
      if hundredths == 0 {
        modes.incremental = number == 91
        group = 3
      } else {
        if hundredths != 10 || number == 90 { return 20 }
        hundredths = 0
        group = 4
      }
    case 93, 94:
      modes.inverseTime = number == 93
      group = 5
    case 20, 21:
      modes.inches = number == 20
      group = 6
    case 40: group = 7
    case 43, 49:
      if axisCommand != .none { return 24 }
      axisCommand = .toolLength
      if number == 43, hundredths != 10 { return 20 }
      modes.hasToolLength = number == 43
      hundredths = 0
      group = 8
    case 54...59:
      modes.coordinates = number - 54
      if isHAL, number == 59, hundredths == 10 || hundredths == 20 || hundredths == 30 {
        modes.coordinates = 7 + hundredths / 10
        hundredths = 0
      }
      group = 9
    case 61:
      if hundredths != 0 { return 20 }
      group = 10
    case 50, 98, 99:
      if !isHAL { return 20 }
      group = number == 50 ? 14 : 15
    default: return 20
    }
    if hundredths > 0 { return 23 }
    return note(group)
  }

  private mutating func takeNonModal(_ number: Int, _ hundredths: inout Int) -> UInt8? {
    if number != 4, number != 53, hundredths == 0 {
      if axisCommand != .none { return 24 }
      axisCommand = .nonModal
    }
    if number == 28 || number == 30 || number == 92 {
      if hundredths != 0, hundredths != 10 { return 20 }
    }
    let isTenth = hundredths == 10
    switch number {
    case 4: nonModal = .dwell
    case 10: nonModal = .setOffset
    case 28, 30: nonModal = isTenth ? .setHome(number) : .goHome(number)
    case 53: nonModal = .machineCoordinates
    default: nonModal = isTenth ? .clearExtraOffset : .setExtraOffset
    }
    if number == 28 || number == 30 || number == 92 { hundredths = 0 }
    return nil
  }

  private mutating func takeMotion(_ number: Int, _ hundredths: inout Int) -> UInt8? {
    if number == 80 {
      modes.motion = .none
      return nil
    }
    if axisCommand != .none { return 24 }
    axisCommand = .motion
    switch number {
    case 0: modes.motion = .rapid
    case 1: modes.motion = .linear
    case 2: modes.motion = .clockwiseArc
    case 3: modes.motion = .counterclockwiseArc
    default:
      guard hundredths == 20 || hundredths == 30 || hundredths == 40 || hundredths == 50 else { return 20 }
      modes.motion = .probe(hundredths / 10)
      hundredths = 0
    }
    return nil
  }

  private mutating func takeM(_ number: Int, _ hundredths: Int) -> UInt8 {
    if hundredths > 0 { return 23 }
    switch number {
    case 0: modes.flow = .paused
    case 1: break
    case 2, 30: modes.flow = .completed
    case 3: modes.spindle = .clockwise
    case 4: modes.spindle = .counterclockwise
    case 5: modes.spindle = .off
    case 6: if isHAL { modes.flow = .paused } else { return 20 }
    case 7, 48, 49: if !isHAL { return 20 }
    case 8: modes.flood = true
    case 9: modes.flood = false
    default: return 20
    }
    switch number {
    case 0...2, 6, 30: return note(11)
    case 3...5: return note(12)
    default: return note(13)
    }
  }

  private mutating func note(_ group: UInt16) -> UInt8 {
    if groups & (1 << group) != 0 { return 21 }
    groups |= 1 << group
    return 0
  }

  private mutating func takeValue(_ letter: UInt8, _ value: Double) -> UInt8 {
    switch letter {
    case UInt8(ascii: "F"), UInt8(ascii: "I"), UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "L"),
      UInt8(ascii: "N"), UInt8(ascii: "P"), UInt8(ascii: "R"), UInt8(ascii: "S"), UInt8(ascii: "X"),
      UInt8(ascii: "Y"), UInt8(ascii: "Z"):
      break
    case UInt8(ascii: "T"):
      if value > 255 { return 38 }
    default: return 20
    }
    let place = UInt32(letter - 65)
    if words & (1 << place) != 0 { return 25 }
    switch letter {
    case UInt8(ascii: "F"), UInt8(ascii: "N"), UInt8(ascii: "P"), UInt8(ascii: "T"), UInt8(ascii: "S"):
      if value < 0 { return 4 }
    default: break
    }
    values[Int(place)] = value
    words |= 1 << place
    if place >= 23 { hadAxes = true }
    return 0
  }
}

/// Reads a number as the controller does: sign, digits, one point; more than eight digits are dropped, no exponent.
func grblNumber(_ line: [UInt8], _ position: inout Int) -> Double? {
  var index = position
  var isNegative = false
  if index < line.count, line[index] == UInt8(ascii: "-") || line[index] == UInt8(ascii: "+") {
    isNegative = line[index] == UInt8(ascii: "-")
    index += 1
  }
  var mantissa = 0.0
  var scale = 1.0
  var digits = 0
  var hasPoint = false
  while index < line.count {
    let byte = line[index]
    if byte >= 48, byte <= 57 {
      digits += 1
      if digits <= 8 {
        mantissa = mantissa * 10 + Double(byte - 48)
        if hasPoint { scale *= 10 }
      } else if !hasPoint {
        scale /= 10
      }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      break
    }
    index += 1
  }
  if digits == 0 { return nil }
  position = index
  // Beyond a thousand kilometres there is nothing to be right about.
  let value = min(mantissa / scale, 1e9)
  return isNegative ? -value : value
}
