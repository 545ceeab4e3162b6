import GCode

@testable import Recovery

/// A small sliced part: layers of a square, with travel, retractions and what slicers write besides.
struct Part {
  var layers = 6
  var isExtruderRelative = false
  /// Height of the hop before travel; 0 for none.
  var hop: Double = 0
  /// Firmware retraction instead of moves.
  var usesG10 = false
  /// Lines that stand after homing.
  var settings = [
    "M201 X500 Y500", "M203 X200 Y200 Z12", "M205 X8 Y8", "M900 K0.05", "M204 P800 R1000 T1200",
  ]
  /// The machine's levelling is turned on.
  var levels = false
  /// X of the part's left edge.
  var left: Double = 80
  /// Lines that stand before layer n, by number from 1.
  var extra: [Int: [String]] = [:]

  /// Another object, finished and much higher than the part.
  static let tower = ["G1 X20 Y20 F9000", "G1 Z20 F600", "G1 X30 Y20 E0.5 F1800", "G1 X20 Y20 E0.5"]

  var lines: [String] {
    var lines = ["; generated for a test", "M140 S60", "M104 S210", "G28", "M190 S60", "M109 S210", "G90"]
    lines += [isExtruderRelative ? "M83" : "M82", "G92 E0", "G21"] + settings
    if levels { lines.append("M420 S1") }
    var e = 0.0
    func extrude(_ amount: Double) -> String {
      e += amount
      return "E" + GCodeText.number(isExtruderRelative ? amount : e, places: 5)
    }
    for layer in 1...layers {
      let z = 0.2 * Double(layer)
      lines += [";LAYER_CHANGE", ";Z:\(GCodeText.number(z))"] + (extra[layer] ?? [])
      lines.append(usesG10 ? "G10" : "G1 \(extrude(-0.8)) F2100")
      if hop > 0 { lines.append("G1 Z\(GCodeText.number(z + hop)) F600") }
      lines.append("G1 X\(GCodeText.number(left + Double(layer) / 8)) Y80 F9000")
      lines.append("G1 Z\(GCodeText.number(z)) F600")
      lines.append(usesG10 ? "G11" : "G1 \(extrude(0.8)) F2100")
      if layer == 2 { lines.append("M106 S127.5") }
      if layer == 3 { lines += ["M104 S205", "M221 S97"] }
      for (x, y) in [(40.0, 0.0), (40, 40), (0, 40), (0, 0)] {
        for step in 1...4 where step > 0 {
          let part = Double(step) / 4
          let from =
            (x == 40 && y == 0)
            ? (0.0, 0.0) : y == 40 && x == 40 ? (40, 0) : x == 0 && y == 40 ? (40, 40) : (0, 40)
          let px = left + Double(layer) / 8 + from.0 + (x - from.0) * part
          let py = 80 + from.1 + (y - from.1) * part
          lines.append(
            "G1 X\(GCodeText.number(px)) Y\(GCodeText.number(py)) \(extrude(0.33217)) F1800 ; wall")
        }
      }
    }
    lines += [
      "G1 \(extrude(-2)) F2100", "M104 S0", "M140 S0", "M107", "G91", "G1 Z10 F600", "G90",
      "G1 X10 Y190 F3000",
    ]
    return lines
  }

  var bytes: [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }
}

/// The machine of the tests.
extension RecoveryMachine {
  static var bench: RecoveryMachine {
    var machine = RecoveryMachine()
    machine.dialect = "marlin"
    machine.holdsZ = true
    machine.homesXY = true
    machine.raise = .unlessR0
    return machine
  }
}

extension StopRecord {
  /// What a driver has on record of a file whose line `acknowledged` was the last one answered, with `unsure` commands in the
  /// firmware's queues and `ahead` more on the wire.
  static func of(_ lines: [String], acknowledged: Int, unsure: Int = 0, ahead: Int = 0) -> StopRecord {
    var record = StopRecord()
    var state = ModalState()
    var offset: Int64 = 0
    var commands: [(line: Int64, end: Int64)] = []
    var sent = 0
    for (index, text) in lines.enumerated() {
      let bytes = Array(text.utf8)
      offset += Int64(bytes.count) + 1
      let clean = cleaned(bytes[...])
      if let mark = LayerMark.read(bytes[...]) { state.note(mark) }
      guard !clean.isEmpty else { continue }
      let line = Int64(index + 1)
      if index + 1 > acknowledged {
        if sent == ahead { break }
        sent += 1
      }
      if let command = Command(clean) { state.apply(command) }
      if index + 1 <= acknowledged {
        commands.append((line, offset))
        record.acknowledged = Anchor(line: line, end: offset)
      }
      record.sent = Anchor(line: line, end: offset)
    }
    if unsure > 0, let first = commands.suffix(unsure).first {
      record.firstUnsure = Anchor(line: first.line, end: first.end)
    }
    record.take(state)
    return record
  }

  mutating func take(_ state: ModalState) {
    position = state.position
    known = state.known
    isRelative = state.isRelative
    isExtruderRelative = state.isExtruderRelative
    isInch = state.isInch
    tool = state.tool
    toolTargets = [state.target(tool: 0) ?? 0]
    bedTarget = state.bedTarget ?? 0
    chamberTarget = state.chamberTarget ?? 0
    fans = [state.fan(0) ?? 0]
    speedFactor = state.speedFactor
    flowFactor = state.flowFactor
    babySteps = state.babySteps
    levelling = state.levelling
  }
}

/// Recovers in one go, the file in pieces of `piece` bytes.
func recover(
  _ bytes: [UInt8], _ record: StopRecord, _ machine: RecoveryMachine = .bench,
  _ choice: RecoveryChoice = RecoveryChoice(), piece: Int = 1000
) -> RecoveryResult {
  var recovery = Recovery(record: record, machine: machine, choice: choice, fileName: "part.gcode")
  var rest = bytes[...]
  while !rest.isEmpty {
    let goesOn = rest.prefix(piece).withUnsafeBufferPointer { recovery.feed($0) }
    guard goesOn else { break }
    rest = rest.dropFirst(piece)
  }
  return recovery.finish()
}

/// The modal state before a line of the file.
func stateBefore(_ line: Int64, of lines: [String]) -> ModalState {
  var state = ModalState()
  for text in lines.prefix(Int(line) - 1) {
    let bytes = Array(text.utf8)
    if let mark = LayerMark.read(bytes[...]) { state.note(mark) }
    if let command = Command(cleaned(bytes[...])) { state.apply(command) }
  }
  return state
}
