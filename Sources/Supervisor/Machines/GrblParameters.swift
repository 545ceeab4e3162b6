/// What a GRBL machine said of its settings and offsets, read from the answers to `$$`, `$#` and `$G`.
struct GrblParameters: Equatable, Sendable {
  /// Where the file's zero lies in the machine: the work offset in force and G92, in mm; nil where it was not said.
  var workOffset: [Double]? {
    guard let base = offsets[active ?? "G54"] else { return nil }
    let shift = offsets["G92"] ?? [0, 0, 0]
    return zip(base, shift).map { $0 + $1 }
  }
  /// `$30`: the highest spindle speed or beam power.
  private(set) var maximumPower: Double?
  /// `$32`: laser mode.
  private(set) var laserMode: Bool?

  private var offsets: [String: [Double]] = [:]
  private var active: String?

  /// Reads the answers' lines, in any order; what is neither setting nor offset is passed over.
  init(_ lines: [String]) {
    for line in lines { read(line) }
  }

  private mutating func read(_ line: String) {
    if line.hasPrefix("$30=") {
      maximumPower = Double(line.dropFirst(4).prefix { $0 != " " })
    } else if line.hasPrefix("$32=") {
      laserMode = Double(line.dropFirst(4).prefix { $0 != " " }).map { $0 == 1 }
    } else if line.hasPrefix("[GC:") {
      let words = line.dropFirst(4).split(whereSeparator: { $0 == " " || $0 == "]" })
      active = words.first { Self.coordinateSystems.contains(String($0)) }.map(String.init)
    } else if line.hasPrefix("["), line.hasSuffix("]"), let colon = line.firstIndex(of: ":") {
      let name = String(line[line.index(after: line.startIndex)..<colon])
      guard name == "G92" || Self.coordinateSystems.contains(name) else { return }
      let values = line[line.index(after: colon)...].dropLast().split(separator: ",").map { Double($0) }
      guard values.count >= 3, let x = values[0], let y = values[1], let z = values[2] else { return }
      offsets[name] = [x, y, z]
    }
  }

  private static let coordinateSystems: Set = [
    "G54", "G55", "G56", "G57", "G58", "G59", "G59.1", "G59.2", "G59.3",
  ]
}
