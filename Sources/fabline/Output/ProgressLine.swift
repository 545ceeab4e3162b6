/// What is shown of a running print, wherever it comes from.
struct PrintView: Equatable, Sendable {
  /// The file's name.
  var name: String
  /// What the machine does: `printing`, `paused`, …
  var phase: String
  /// Why, where it needs a reason.
  var reason: String = ""
  /// 0 to 1.
  var fraction: Double = 0
  /// 1-based; 0 before the first.
  var layer: Int = 0
  /// In all, where known.
  var layers: Int?
  /// Seconds since the start.
  var elapsed: Int64 = 0
  /// Seconds left, where known.
  var remaining: Int64?
  /// Lines sent again.
  var resends: Int64 = 0
  /// Last readings.
  var heaters: [Heater] = []

  /// One heater.
  struct Heater: Equatable, Sendable {
    var name: String
    var current: Double
    var target: Double
  }
}

/// The progress as one line: a bar for a terminal, words for a pipe.
enum ProgressLine {
  /// At most `width` cells: the bar first shrinks, then the least important parts go.
  static func bar(_ view: PrintView, width: Int, colour: Bool, unicode: Bool) -> String {
    let percent = "\(Int((clamped(view.fraction) * 100).rounded(.down)))%"
    var parts = [percent] + parts(view, unicode: unicode)
    let phase = view.phase == "printing" ? "" : view.phase
    if !phase.isEmpty { parts.insert(phase, at: 1) }
    let shortest = 8
    let longest = 30
    let name = TextWidth.harmless(view.name)
    var nameWidth = min(TextWidth.cells(name), 24)
    while true {
      let rest = parts.joined(separator: "  ")
      let free = width - 1 - nameWidth - (nameWidth > 0 ? 2 : 0) - 1 - TextWidth.cells(rest)
      if free >= shortest + 2 {
        let size = min(longest, free - 2)
        let head = nameWidth > 0 ? TextWidth.truncated(name, to: nameWidth) + "  " : ""
        return head + gauge(view.fraction, cells: size, colour: colour, unicode: unicode) + " " + rest
      }
      if nameWidth > 12 {
        nameWidth = 12
      } else if parts.count > 2 {
        parts.removeLast()
      } else if nameWidth > 0 {
        nameWidth = 0
      } else {
        return TextWidth.truncated(rest, to: max(1, width - 1))
      }
    }
  }

  /// The line for a pipe: `43%, layer 12 of 70, T0 215/215 B 60/60, 12 min left`.
  static func words(_ view: PrintView) -> String {
    let percent = "\(Int((clamped(view.fraction) * 100).rounded(.down)))%"
    let phase = view.phase == "printing" ? [] : [view.phase]
    return (phase + [percent] + parts(view, unicode: true)).joined(separator: ", ")
  }

  /// What stands behind the percentage, most important first.
  private static func parts(_ view: PrintView, unicode: Bool) -> [String] {
    var parts: [String] = []
    if view.layer > 0 {
      parts.append("layer \(view.layer)" + (view.layers.map { "/\($0)" } ?? ""))
    }
    if let remaining = view.remaining, view.fraction < 1 {
      parts.append(DurationText.short(remaining) + " left")
    }
    if !view.heaters.isEmpty {
      parts.append(view.heaters.map { heater($0, unicode: unicode) }.joined(separator: " "))
    }
    if view.resends > 0 { parts.append(NumberText.count(view.resends, "resend")) }
    return parts
  }

  /// `T0 215/215°`; without the target where the heater is off.
  static func heater(_ heater: PrintView.Heater, unicode: Bool) -> String {
    let degree = unicode ? "°" : ""
    let current = NumberText.decimal(heater.current, digits: 0)
    let target = heater.target > 0 ? "/" + NumberText.decimal(heater.target, digits: 0) : ""
    return "\(TextWidth.harmless(heater.name)) \(current)\(target)\(degree)"
  }

  private static func gauge(_ fraction: Double, cells: Int, colour: Bool, unicode: Bool) -> String {
    let full = Int((clamped(fraction) * Double(cells)).rounded(.down))
    let done = String(repeating: unicode ? "█" : "#", count: full)
    let open = String(repeating: unicode ? "░" : "-", count: cells - full)
    let inner = Colour.green.paint(done, on: colour) + Colour.dim.paint(open, on: colour)
    return unicode ? inner : "[" + inner + "]"
  }

  private static func clamped(_ fraction: Double) -> Double {
    fraction.isFinite ? min(1, max(0, fraction)) : 0
  }
}
