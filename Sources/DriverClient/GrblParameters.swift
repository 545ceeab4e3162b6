/// What a GRBL machine says of its settings and offsets, read from its answers to `$$`, `$#` and `$G`.
///
/// The supervisor and the command line show it to a person before a laser or a mill starts (safety rule 8).
public struct GrblParameters: Equatable, Sendable {
  /// What an idle machine is asked.
  public static let questions = ["$$", "$#", "$G"]

  private var settings: [Int: Double] = [:]
  private var offsets: [String: [Double]] = [:]
  private var active = "G54"

  /// Reads the answers' lines, in any order; what is neither setting nor offset is passed over.
  public init(_ lines: [String]) {
    for line in lines { read(line) }
  }

  /// `$N`; nil where it was not said.
  public func setting(_ number: Int) -> Double? { settings[number] }

  /// `$30`: the highest spindle speed or beam power.
  public var maximumPower: Double? { setting(30) }

  /// `$32`: laser mode.
  public var laserMode: Bool? { setting(32).map { $0 == 1 } }

  /// `$130` to `$132`: the travel of X, Y and Z in mm; empty where it was not said of all three.
  public var travel: [Double] {
    let axes = [130, 131, 132].compactMap { settings[$0] }
    return axes.count == 3 ? axes : []
  }

  /// Where the file's zero lies in the machine: the work offset in force and G92, in mm; nil where it was not said.
  public var workOffset: [Double]? {
    guard let base = offsets[active] else { return nil }
    return zip(base, offsets["G92"] ?? [0, 0, 0]).map { $0 + $1 }
  }

  private mutating func read(_ line: String) {
    if line.hasPrefix("$"), let equals = line.firstIndex(of: "=") {
      let value = line[line.index(after: equals)...].prefix { $0 != " " && $0 != "(" }
      guard let number = Int(line.dropFirst()[..<equals]), let value = Double(value) else { return }
      settings[number] = value
    } else if line.hasPrefix("[GC:") {
      let words = line.dropFirst(4).split(whereSeparator: { $0 == " " || $0 == "]" })
      if let word = words.first(where: { Self.coordinateSystems.contains(String($0)) }) {
        active = String(word)
      }
    } else if line.hasPrefix("["), line.hasSuffix("]"), let colon = line.firstIndex(of: ":") {
      let name = String(line.dropFirst()[..<colon])
      guard name == "G92" || Self.coordinateSystems.contains(name) else { return }
      // A fourth axis may follow.
      let values = line[line.index(after: colon)...].dropLast().split(separator: ",").prefix(3).map {
        Double($0)
      }
      let point = values.compactMap { $0 }
      if point.count == 3 { offsets[name] = point }
    }
  }

  private static let coordinateSystems: Set = [
    "G54", "G55", "G56", "G57", "G58", "G59", "G59.1", "G59.2", "G59.3",
  ]
}
