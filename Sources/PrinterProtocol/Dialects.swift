import GCode

/// The printers' dialects. What each value rests on stands in `firmware-notes`.
extension Dialect {
  private static func made(_ name: String, _ change: (inout Dialect) -> Void) -> Dialect {
    var dialect = Dialect(name: name)
    change(&dialect)
    return dialect
  }

  /// Marlin 2.x.
  public static let marlin = made("marlin") {
    $0.breaksWaits = true
    $0.busyInterval = 2_000_000_000
    $0.holdsSteppers = true
    $0.isWindowed = true
    $0.dropsRepeats = true
    $0.revival = "M999"
  }

  /// Marlin 1.0.
  public static let marlin1 = made("marlin1") {
    $0.colonEndsLine = true
    $0.extruderRule = .relativeIfEither
    $0.holdsSteppers = true
    $0.isWindowed = true
    $0.revival = "M999"
    $0.limits =
      "a heat-up cannot be ended from here: it goes on until the target is reached or the board is reset"
  }

  /// Prusa's firmware for 8-bit boards.
  public static let prusa = made("prusa") {
    $0.breaksWaits = true
    $0.busyInterval = 2_000_000_000
    $0.isWindowed = true
  }

  /// RepRapFirmware.
  public static let rrf = made("rrf") {
    $0.longestLine = 200
    $0.extruderRule = .relativeIfEither
  }

  /// Repetier.
  public static let repetier = made("repetier") {
    $0.busyInterval = nil
    $0.saysWait = true
  }

  /// Smoothie.
  public static let smoothie = made("smoothie") {
    $0.longestLine = 128
  }
}
