import GCode
import Testing

@testable import Recovery

/// What holds of every plan, for each line at which a print may stop.
@Suite struct PlanPropertyTests {
  static let parts: [(name: String, part: Part)] = [
    ("absolute E", Part()), ("relative E", Part(isExtruderRelative: true)), ("hops", Part(hop: 0.4)),
    ("G10", Part(usesG10: true)), ("levelled", Part(levels: true)),
    ("E counted anew", Part(extra: [5: ["G92 E0"], 3: ["M204 P600"]])),
    ("by objects", Part(isExtruderRelative: true, extra: [2: Part.tower])),
  ]

  /// Calls `body` for each stop that has a plan: the result, the file's lines, the record.
  private func forEachPlan(
    _ part: Part, _ body: (RecoveryResult, [String], StopRecord) throws -> Void
  ) rethrows {
    let lines = part.lines
    let bytes = part.bytes
    var plans = 0
    for acknowledged in stride(from: 20, through: lines.count, by: 11) {
      for (unsure, ahead) in [(0, 0), (16, 3), (64, 1)] {
        let record = StopRecord.of(lines, acknowledged: acknowledged, unsure: unsure, ahead: ahead)
        let known = recover(bytes, record)
        let heights = known.heights.map(\.z)
        for height in heights.isEmpty ? [nil] : heights.map({ Optional($0) }) {
          let result = recover(bytes, record, .bench, RecoveryChoice(height: height), piece: 777)
          guard result.refusal == nil else { continue }
          plans += 1
          try body(result, lines, record)
        }
      }
    }
    #expect(plans > 10, "hardly any stop has a plan")
  }

  private func commands(_ plan: [String]) -> [Command] {
    plan.compactMap { Command(cleaned(Array($0.utf8)[...])) }
  }

  @Test(arguments: parts.map(\.name))
  func nothingMovesSidewaysBeforeTheFirstLift(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    forEachPlan(part) { result, _, _ in
      var isLifted = false
      var z = 0.0
      for command in commands(result.plan) {
        if command.matches("G", 92), let value = command["Z"] { z = value }
        if command.matches("G", 1), let value = command["Z"], value > z + 1 { isLifted = true }
        guard !isLifted else { break }
        #expect(!command.matches("G", 28))
        #expect(
          !(command.letter == UInt8(ascii: "G") && command.number < 4
            && (command.has("X") || command.has("Y"))))
      }
      #expect(isLifted)
    }
  }

  @Test(arguments: parts.map(\.name))
  func theNozzleStaysLiftedOverThePart(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    try forEachPlan(part) { result, lines, record in
      let place = try #require(result.place)
      let believed = try #require(result.believedZ)
      // The highest plastic, read by the test itself.
      var state = ModalState()
      var highest = 0.0
      for text in lines.prefix(Int(place.line) - 1) {
        guard let command = Command(cleaned(Array(text.utf8)[...])) else { continue }
        if let move = state.apply(command), move.isExtruding { highest = max(highest, move.end.z) }
      }
      let least = max(highest, believed) + 5
      var z = believed
      var isThere = false
      for command in commands(result.plan) {
        if command.matches("G", 92), let value = command["Z"] { z = value }
        guard command.matches("G", 1) || command.matches("G", 28) else { continue }
        if command.has("X") || command.has("Y") {
          #expect(z >= least - 1e-6, "sideways at \(z), the part is \(highest) high")
          isThere =
            abs((command["X"] ?? -1) - place.position.x) < 1e-3
            && abs((command["Y"] ?? -1) - place.position.y) < 1e-3
        } else if let value = command["Z"] {
          #expect(value >= least - 1e-6 || isThere, "down beside its place")
          z = value
        }
      }
      #expect(abs(z - place.position.z) < 1e-6)
    }
  }

  @Test(arguments: parts.map(\.name))
  func nothingIsExtrudedCold(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    forEachPlan(part) { result, _, _ in
      var waitedFor = 0.0
      var bedIsWarm = false
      for command in commands(result.plan) {
        if command.matches("M", 190) { bedIsWarm = true }
        if command.matches("M", 109) {
          #expect(bedIsWarm, "the bed comes first")
          waitedFor = command["S"] ?? 0
        }
        if command.matches("M", 104), let target = command["S"], target < waitedFor { waitedFor = 0 }
        if command.matches("G", 1), let amount = command["E"] {
          #expect(waitedFor >= 200, "E\(amount) at \(waitedFor)")
        }
        if command.matches("G", 10) { #expect(waitedFor >= 200) }
      }
    }
  }

  @Test(arguments: parts.map(\.name))
  func onlyXAndYAreHomed(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    forEachPlan(part) { result, _, _ in
      let homings = commands(result.plan).filter { CommandTraits.of($0).contains(.homing) }
      #expect(homings.count == 1)
      for homing in homings {
        #expect(homing.has("X") && homing.has("Y") && !homing.has("Z"))
        #expect(homing["R"] == 0, "its own raise")
      }
    }
  }

  /// The file pushes out what it had drawn back, no more and no less: a plan that forgets it makes a blob or a gap.
  @Test(arguments: parts.map(\.name))
  func theFilamentIsDrawnBackAsFarAsTheFileHadIt(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    try forEachPlan(part) { result, lines, _ in
      let place = try #require(result.place)
      var drawn = 0.0
      var state = ModalState()
      for text in lines.prefix(Int(place.line) - 1) {
        guard let command = Command(cleaned(Array(text.utf8)[...])), let move = state.apply(command) else {
          continue
        }
        if move.isExtruding { drawn = 0 } else { drawn = max(0, drawn - move.extruded) }
      }
      var there = 0.0
      for command in commands(result.plan) {
        if command.matches("G", 1), let amount = command["E"] { there = amount > 5 ? 0 : there - amount }
      }
      #expect(abs(there - drawn) < 1e-4, "\(there) mm and not \(drawn)")
      #expect(commands(result.plan).contains { $0.matches("G", 10) } == state.isRetracted)
    }
  }

  @Test(arguments: parts.map(\.name))
  func thePlanEndsAsTheFileWouldHave(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    try forEachPlan(part) { result, lines, _ in
      let place = try #require(result.place)
      let wanted = stateBefore(place.line, of: lines)
      var state = ModalState()
      for command in commands(result.plan) { state.apply(command) }
      #expect(abs(state.position.x - wanted.position.x) < 1e-4)
      #expect(abs(state.position.y - wanted.position.y) < 1e-4)
      #expect(abs(state.position.z - wanted.position.z) < 1e-4)
      #expect(abs(state.position.e - wanted.position.e) < 1e-4)
      #expect(state.isRelative == wanted.isRelative && state.isExtruderRelative == wanted.isExtruderRelative)
      #expect(state.isInch == wanted.isInch && state.tool == wanted.tool && state.plane == wanted.plane)
      #expect(abs((state.feedrate ?? 0) - (wanted.feedrate ?? 0)) < 1e-3)
      #expect(state.target(tool: 0) == wanted.target(tool: 0) && state.bedTarget == wanted.bedTarget)
      #expect(state.fan(0).map { $0.rounded() } == wanted.fan(0).map { $0.rounded() })
      #expect(state.flowFactor == wanted.flowFactor && state.speedFactor == wanted.speedFactor)
      #expect(state.acceleration == wanted.acceleration && state.isRetracted == wanted.isRetracted)
      #expect(state.levelling == wanted.levelling)
    }
  }

  @Test(arguments: parts.map(\.name))
  func everyLineIsFitToBeSent(_ name: String) throws {
    let part = try #require(Self.parts.first { $0.name == name }?.part)
    let bytes = part.bytes
    let volume = FileCheckLimits.Volume(least: Position(), most: Position(x: 200, y: 200, z: 200))
    try forEachPlan(part) { result, _, _ in
      let place = try #require(result.place)
      var check = FileCheck(
        limits: FileCheckLimits(maximumTool: 285, maximumBed: 120, tools: 1, volume: volume))
      let derived = Array(result.plan.joined(separator: "\n").utf8) + [10] + bytes[Int(place.offset)...]
      derived.withUnsafeBufferPointer { check.update($0) }
      check.finish()
      #expect(!check.problems.contains { $0.severity > .warning }, "\(check.problems)")
      // Comments too stay within a terminal's reach and are plain text.
      for line in result.plan {
        #expect(line.utf8.count < 200 && line.utf8.allSatisfy { $0 >= 32 && $0 < 127 }, "\(line)")
      }
    }
  }

  @Test func thePiecesDoNotMatter() {
    let part = Part(hop: 0.4)
    let record = StopRecord.of(part.lines, acknowledged: 70, unsure: 16, ahead: 2)
    let whole = recover(part.bytes, record, piece: 1 << 20)
    #expect(whole.refusal == nil && !whole.plan.isEmpty)
    for piece in [1, 7, 100, 4096] { #expect(recover(part.bytes, record, piece: piece) == whole) }
  }
}
