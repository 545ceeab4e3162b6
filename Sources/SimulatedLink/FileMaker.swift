/// Files as slicers write them, small and random; the same seed gives the same file.
public enum FileMaker {
  /// A file of `lines` lines; with `relative` the extruder is relative, so that no move can be repeated.
  public static func file(lines: Int, relative: Bool, seed: UInt64) -> [String] {
    var random = SplitMix(seed: seed)
    var file = ["G21", "G90", relative ? "M83" : "M82", "G92 E0", "M107"]
    var e = 0.0
    var x = 50.0
    var y = 50.0
    while file.count < lines {
      switch Int.random(in: 0..<40, using: &random) {
      case 0: file.append("M106 S\(Int.random(in: 0...255, using: &random))")
      case 1: file.append("G4 P\(Int.random(in: 1...40, using: &random))")
      case 2: file.append("M117 Layer \(file.count) of \(lines)")
      case 3: file.append("M204 S\(Int.random(in: 500...1500, using: &random))")
      case 4: file.append("G0 F6000 X\(number(x)) Y\(number(y))")
      case 5: file.append("M220 S100")
      default:
        x += Double.random(in: -2...2, using: &random)
        y += Double.random(in: -2...2, using: &random)
        e += 0.05
        let filament = relative ? 0.05 : e
        file.append("G1 X\(number(x)) Y\(number(y)) E\(number(filament)) F3000")
      }
    }
    return file
  }

  /// The same behind a heat-up and homing, as a whole print has them, and with the heater off at its end.
  public static func heatedFile(lines: Int, relative: Bool, seed: UInt64) -> [String] {
    ["M104 S190", "G28", "M109 S190"] + file(lines: max(lines - 4, 6), relative: relative, seed: seed)
      + ["M104 S0"]
  }

  /// A small job of a mill, modal as CAM programs write it.
  public static func millFile(lines: Int, seed: UInt64) -> [String] {
    var random = SplitMix(seed: seed)
    var file = ["G21", "G90", "G17", "G94", "G0 Z2", "M3 S8000"]
    var x = 0.0
    var y = 0.0
    while file.count < lines - 2 {
      switch Int.random(in: 0..<24, using: &random) {
      case 0: file.append("S\(Int.random(in: 1000...9000, using: &random))")
      case 1: file.append("G4 P0.\(Int.random(in: 1...3, using: &random))")
      case 2: file.append("G0 Z2")
      case 3: file.append("G1 Z-0.\(Int.random(in: 1...9, using: &random)) F300")
      case 4: file.append("G0 X\(number(x)) Y\(number(y))")
      case 5: file.append("F\(Int.random(in: 600...2000, using: &random))")
      default:
        x += Double.random(in: -2...2, using: &random)
        y += Double.random(in: -2...2, using: &random)
        file.append("G1 X\(number(x)) Y\(number(y)) F1500")
      }
    }
    return file + ["M5", "G0 X0 Y0"]
  }

  /// A number with three decimals.
  static func number(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let sign = thousandths < 0 ? "-" : ""
    let magnitude = abs(thousandths)
    let fraction = String(magnitude % 1000)
    return "\(sign)\(magnitude / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }
}
