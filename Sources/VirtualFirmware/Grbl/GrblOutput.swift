/// What the spindle's pin is made to show: settings, override, and the value that a report shows.
struct GrblOutput: Sendable {
  var isLaser = false
  var lowest = 0.0
  var highest = 1000.0
  /// Percent.
  var override = 100
  /// As in the `FS:` field.
  var shown = 0.0

  /// The output for a programmed `S`, and what is shown for it.
  mutating func power(_ speed: Double) -> Double {
    let wanted = speed * Double(override) * 0.01
    if lowest >= highest || wanted >= highest {
      shown = highest
    } else if wanted <= lowest {
      shown = wanted == 0 ? 0 : lowest
    } else {
      shown = wanted
    }
    return shown
  }
}
