/// The numbered settings of a GRBL controller, as they lie in its EEPROM.
struct GrblSettings: Sendable, Equatable {
  var pulseMicroseconds = 10.0
  /// Milliseconds that the motors are held after a move; 255 for ever.
  var idleLock = 25.0
  var stepInvert = 0.0
  var directionInvert = 0.0
  var enableInvert = false
  var limitInvert = false
  var probeInvert = false
  /// Bit 0: machine position in reports; bit 1: buffers as well.
  var reportMask = 1.0
  /// mm.
  var junctionDeviation = 0.01
  /// mm.
  var arcTolerance = 0.002
  var reportsInches = false
  var softLimits = false
  var hardLimits = false
  var homing = false
  var homingDirections = 0.0
  /// mm/min.
  var homingFeed = 25.0
  var homingSeek = 500.0
  /// ms.
  var homingDebounce = 250.0
  /// mm.
  var homingPullOff = 1.0
  var spindleHighest = 1000.0
  var spindleLowest = 0.0
  var laser = false
  var stepsPerMillimetre = GrblVector(250, 250, 250)
  /// mm/min.
  var maxRate = GrblVector(500, 500, 500)
  /// mm/s².
  var acceleration = GrblVector(10, 10, 10)
  /// mm.
  var travel = GrblVector(200, 200, 200)

  var reportsMachinePosition: Bool { Int(reportMask) & 1 != 0 }
  var reportsBuffers: Bool { Int(reportMask) & 2 != 0 }

  /// What a setting holds, nil where there is none of that number.
  func value(_ number: Int) -> Double? {
    switch number {
    case 0: pulseMicroseconds
    case 1: idleLock
    case 2: stepInvert
    case 3: directionInvert
    case 4: enableInvert ? 1 : 0
    case 5: limitInvert ? 1 : 0
    case 6: probeInvert ? 1 : 0
    case 10: reportMask
    case 11: junctionDeviation
    case 12: arcTolerance
    case 13: reportsInches ? 1 : 0
    case 20: softLimits ? 1 : 0
    case 21: hardLimits ? 1 : 0
    case 22: homing ? 1 : 0
    case 23: homingDirections
    case 24: homingFeed
    case 25: homingSeek
    case 26: homingDebounce
    case 27: homingPullOff
    case 30: spindleHighest
    case 31: spindleLowest
    case 32: laser ? 1 : 0
    case 100...102: stepsPerMillimetre[number - 100]
    case 110...112: maxRate[number - 110]
    case 120...122: acceleration[number - 120]
    case 130...132: travel[number - 130]
    default: nil
    }
  }

  /// Decimals with which a setting is printed.
  static func decimals(_ number: Int) -> Int {
    switch number {
    case 11, 12, 24, 25, 27, 100...: 3
    default: 0
    }
  }

  /// The numbers in the order of `$$`.
  static let numbers = [
    0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 100, 101, 102, 110, 111,
    112, 120, 121, 122, 130, 131, 132,
  ]

  /// Takes a new value; returns the code of the error or 0.
  mutating func set(_ number: Int, _ value: Double) -> UInt8 {
    if value < 0 { return 4 }
    // A byte holds most of them.
    let byte = Double(Int64(min(value, 1e15)) & 255)
    let isOn = byte != 0
    switch number {
    case 0:
      if byte < 3 { return 6 }
      pulseMicroseconds = byte
    case 1: idleLock = byte
    case 2: stepInvert = byte
    case 3: directionInvert = byte
    case 4: enableInvert = isOn
    case 5: limitInvert = isOn
    case 6: probeInvert = isOn
    case 10: reportMask = byte
    case 11: junctionDeviation = value
    case 12: arcTolerance = value
    case 13: reportsInches = isOn
    case 20:
      if isOn, !homing { return 10 }
      softLimits = isOn
    case 21: hardLimits = isOn
    case 22:
      homing = isOn
      if !isOn { softLimits = false }
    case 23: homingDirections = byte
    case 24: homingFeed = value
    case 25: homingSeek = value
    case 26: homingDebounce = byte
    case 27: homingPullOff = value
    case 30: spindleHighest = value
    case 31: spindleLowest = value
    case 32: laser = isOn
    case 100...102: stepsPerMillimetre[number - 100] = value
    case 110...112: maxRate[number - 110] = value
    case 120...122: acceleration[number - 120] = value
    case 130...132: travel[number - 130] = value
    default: return 3
    }
    return 0
  }

  /// How many bytes of the EEPROM change from one set of settings to another.
  func bytesChanged(from old: GrblSettings) -> Int {
    var count = 0
    for number in Self.numbers {
      guard let new = value(number), let before = old.value(number), new != before else { continue }
      switch number {
      case 11, 12, 24, 25, 27, 30, 31, 100...: count += eepromBytesChanged(before, new)
      default: count += 1
      }
    }
    return count
  }
}

/// Bytes that differ between two numbers as the EEPROM keeps them.
func eepromBytesChanged(_ one: Double, _ other: Double) -> Int {
  var difference = Float(one).bitPattern ^ Float(other).bitPattern
  var count = 0
  while difference != 0 {
    if difference & 255 != 0 { count += 1 }
    difference >>= 8
  }
  return count
}

/// What survives a power cut: settings, work offsets, start-up lines, the owner's note.
struct GrblMemory: Sendable {
  var settings: GrblSettings
  /// grblHAL's own settings.
  var more = GrblHALSettings()
  /// Offsets of G54 to G59, the places of G28 and G30, and grblHAL's G59.1 to G59.3; mm.
  var offsets = [GrblVector](repeating: .zero, count: 11)
  var startupLines: [[UInt8]] = [[], []]
  var note: [UInt8] = []
  /// Never written: the first start finds no settings.
  var isBlank = false
  /// The start-up lines were never written.
  var startupIsBlank = false
}
