import GCode

/// The printers' dialects. What each value rests on stands in `firmware-notes`.
extension Dialect {
  private static func made(_ name: String, _ change: (inout Dialect) -> Void) -> Dialect {
    var dialect = Dialect(name: name)
    change(&dialect)
    return dialect
  }

  /// Marlin 2.x and 1.1.
  public static let marlin = made("marlin") {
    $0.breaksWaits = true
    $0.busyInterval = 2_000_000_000
    $0.holdsSteppers = true
    $0.isWindowed = true
    $0.dropsRepeats = true
    $0.revival = "M999"
  }

  /// Marlin 1.0: 128 bytes of receive buffer in every build.
  public static let marlin1 = made("marlin1") {
    $0.colonEndsLine = true
    $0.extruderRule = .relativeIfEither
    $0.holdsSteppers = true
    $0.isWindowed = true
    $0.receiveBuffer = 128
    $0.revival = "M999"
    $0.limits =
      "a heat-up cannot be ended from here: it goes on until the target is reached or the board is reset"
  }

  /// Prusa's firmware for 8-bit boards: 128 bytes of receive buffer, emptied when it is ever full.
  public static let prusa = made("prusa") {
    $0.breaksWaits = true
    $0.busyInterval = 2_000_000_000
    $0.extruderRule = .relativeIfEither
    $0.holdsSteppers = true
    $0.isWindowed = true
    $0.receiveBuffer = 128
  }

  /// RepRapFirmware over USB: checksums are looked at, line numbers are not counted.
  public static let rrf = made("rrf") {
    $0.longestLine = 200
    $0.extruderRule = .relativeIfEither
    $0.okAfterResend = false
    $0.flushesOnError = false
    $0.countsLines = false
    $0.complainsInWords = false
    $0.revival = "M999"
    $0.limits =
      "line numbers are not counted by this firmware: a line that vanishes whole is known only by its missing answer"
  }

  /// Repetier: `ok` comes when a line is taken, not when it is done; `:` ends a line.
  public static let repetier = made("repetier") {
    $0.colonEndsLine = true
    $0.acknowledgesOnReceipt = true
    $0.complainsInWords = false
    $0.saysWait = true
    $0.limits = "an emergency stop waits while this firmware's queue is full"
  }

  /// Smoothie: an `ok` for each command of a line, `rs N` without one; halted it answers `!!` to everything.
  public static let smoothie = made("smoothie") {
    $0.longestLine = 128
    $0.extruderRule = .setByG90
    $0.okAfterResend = false
    $0.flushesOnError = false
    $0.complainsInWords = false
    $0.revival = "M999"
    $0.limits = "after a halt it has lost its position: home it first"
  }

  /// The dialect that a firmware's own words name; nil where they name none that is known.
  static func recognised(in words: ArraySlice<UInt8>) -> Dialect? {
    func has(_ text: StaticString) -> Bool { words.holds(text) }
    if has("Repetier") { return .repetier }
    if has("Smoothie") { return .smoothie }
    if has("RepRapFirmware") { return .rrf }
    if has("Prusa-Firmware-Buddy") { return .marlin }
    if has("Prusa-Firmware") { return .prusa }
    if has("Marlin V1") || has("Marlin1.0") || has("Marlin 1.0") || has("Marlin Ver 1.0") { return .marlin1 }
    return has("Marlin") ? .marlin : nil
  }
}

extension ArraySlice<UInt8> {
  /// Whether `text` stands somewhere in it.
  func holds(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard length <= count else { return false }
    for start in startIndex...(endIndex - length) {
      var index = 0
      while index < length, self[start + index] == text.utf8Start[index] { index += 1 }
      if index == length { return true }
    }
    return false
  }
}
