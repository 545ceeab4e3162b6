import PrinterProtocol
import VirtualFirmware

/// Where a laser or mill has come to rest behind a stop, and what is still on there.
extension PrintedWorld {
  /// What is wrong with how the machine stands; nil where all is well, and for printers.
  func restlessness(whileWaiting: Bool) -> String? {
    guard let grbl, !whileWaiting else { return nil }
    // Nobody can act on a machine whose cable is out or whose controller hangs: it works off what it has.
    let isWithinReach = ![.linkLost, .disconnected].contains(session.phase)
    if isWithinReach, !grbl.isStandingStill { return "it still moves" }
    if isWithinReach, grbl.beam.power > 0 { return "its spindle still turns" }
    let place = grbl.machinePosition
    if nothingWasDamaged, grbl.record.resets + grbl.record.kills == 0,
      !Path(of: log).leadsBy(place, within: 0.1)
    {
      return "it rests at X\(place.x) Y\(place.y) Z\(place.z), where no line of the file leads"
    }
    return nil
  }
}

/// The moves of a mill's file as straight lines from corner to corner.
private struct Path {
  private var corners: [(x: Double, y: Double, z: Double)] = [(0, 0, 0)]

  init(of log: [ExecutedLine]) {
    for line in log where line.number == nil {
      guard let first = line.text.first, first == UInt8(ascii: "G") || first == UInt8(ascii: "X") else {
        continue
      }
      var place = corners[corners.count - 1]
      var moves = false
      for (letter, value) in Self.words(of: line.text) {
        switch letter {
        case UInt8(ascii: "X"): place.x = value
        case UInt8(ascii: "Y"): place.y = value
        case UInt8(ascii: "Z"): place.z = value
        default: continue
        }
        moves = true
      }
      if moves { corners.append(place) }
    }
  }

  /// Letters with their numbers, blanks between them or none.
  private static func words(of text: [UInt8]) -> [(UInt8, Double)] {
    var words: [(UInt8, Double)] = []
    var rest = text.filter { $0 != 32 && $0 != 9 }[...]
    while let letter = rest.popFirst() {
      let digits = rest.prefix { $0 < UInt8(ascii: "A") }
      rest = rest.dropFirst(digits.count)
      if let value = Double(String(decoding: digits, as: UTF8.self)) { words.append((letter, value)) }
    }
    return words
  }

  /// Whether a place lies on the way.
  func leadsBy(_ place: (x: Double, y: Double, z: Double), within tolerance: Double) -> Bool {
    if corners.count == 1 { return Self.distance(place, corners[0], corners[0]) <= tolerance }
    return zip(corners, corners.dropFirst()).contains { Self.distance(place, $0, $1) <= tolerance }
  }

  private typealias Place = (x: Double, y: Double, z: Double)

  private static func distance(_ place: Place, _ from: Place, _ to: Place) -> Double {
    let way = (x: to.x - from.x, y: to.y - from.y, z: to.z - from.z)
    let off = (x: place.x - from.x, y: place.y - from.y, z: place.z - from.z)
    let square = way.x * way.x + way.y * way.y + way.z * way.z
    let dot = way.x * off.x + way.y * off.y + way.z * off.z
    let part = square > 0 ? max(0, min(1, dot / square)) : 0
    let gap = (x: off.x - part * way.x, y: off.y - part * way.y, z: off.z - part * way.z)
    return (gap.x * gap.x + gap.y * gap.y + gap.z * gap.z).squareRoot()
  }
}
