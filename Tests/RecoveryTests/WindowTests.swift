import GCode
import Testing

@testable import Recovery

/// What may have run, and where the plan goes on.
@Suite struct WindowTests {
  let part = Part()

  @Test func theQueueIsInDoubtAndNothingElse() throws {
    let lines = part.lines
    let record = StopRecord.of(lines, acknowledged: 60, unsure: 4, ahead: 2)
    let result = recover(part.bytes, record)
    let window = try #require(result.window)
    #expect(window.ranUpTo == record.firstUnsure?.line.advanced(by: -1))
    #expect(window.mayHaveRunUpTo == record.sent.line)
    #expect(window.doubtful == 6)
    #expect(result.place?.line == record.firstUnsure?.line)
  }

  @Test func withNothingInDoubtItGoesOnBehindTheLastLine() throws {
    let record = StopRecord.of(part.lines, acknowledged: 54)
    let result = recover(part.bytes, record)
    #expect(result.window == RunWindow(ranUpTo: 54, mayHaveRunUpTo: 54, doubtful: 0))
    #expect(result.place?.line == 55)
    let offset = part.lines.prefix(54).reduce(0) { $0 + $1.utf8.count + 1 }
    #expect(result.place?.offset == Int64(offset))
    #expect(result.questions.map(\.id) == ["stuck", "free"])
  }

  @Test func aRecordThatIsOldLeavesMoreInDoubt() throws {
    var record = StopRecord.of(part.lines, acknowledged: 60, unsure: 4)
    let fresh = try #require(recover(part.bytes, record).window)
    record.staleSeconds = 7
    let stale = recover(part.bytes, record)
    // A move of 10 mm at 1800 mm/min takes a third of a second: 21 of them fit into 7 s, and travel besides.
    #expect(try #require(stale.window).doubtful > fresh.doubtful + 20)
    #expect(stale.notes.contains { $0.contains("7 s older") })
  }

  @Test("A machine that went faster than the file says has more of it in doubt, one that did not has no less")
  func theWindowFollowsThePace() throws {
    var record = StopRecord.of(part.lines, acknowledged: 60, unsure: 4)
    record.staleSeconds = 2
    let plain = try #require(recover(part.bytes, record).window)
    // Twelve lines of the file, 3.5 s of it at least, in half a second of life: seven times as fast.
    record.earlierLine = 48
    record.earlierSeconds = 0.5
    let fast = recover(part.bytes, record)
    let window = try #require(fast.window)
    record.earlierSeconds = 4
    let asTold = try #require(recover(part.bytes, record).window)
    #expect(window.doubtful > 3 * asTold.doubtful, "\(window) \(asTold)")
    #expect(plain.doubtful > window.doubtful, "a pace that is not known is taken for the greatest")
    #expect(window.ranUpTo == plain.ranUpTo)
    #expect(fast.notes.contains { $0.contains("times as fast as the file says") })
    // A machine that was slower than the file says is not taken for one that still is.
    record.earlierSeconds = 60
    let slow = recover(part.bytes, record)
    #expect(try #require(slow.window).doubtful < plain.doubtful)
    #expect(!slow.notes.contains { $0.contains("as fast") || $0.contains("on record") })
    // Too short a time is no measurement: what the knob at the printer may be set to is reckoned with.
    record.earlierSeconds = 0.01
    let unknown = recover(part.bytes, record)
    #expect(unknown.window == plain)
    #expect(unknown.notes.contains { $0.contains("not on record") })
    // What is known to its end needs no reckoning.
    record.staleSeconds = 0
    record.earlierSeconds = 0.5
    #expect(try #require(recover(part.bytes, record).window).mayHaveRunUpTo == record.acknowledged.line)
  }

  @Test func aPageThatIsNewerThanTheJournalNarrowsTheDoubt() throws {
    var record = StopRecord.of(part.lines, acknowledged: 130, unsure: 4)
    record.firstUnsure = StopRecord.Anchor(line: 25)
    let window = try #require(recover(part.bytes, record).window)
    #expect(window.doubtful == Int64(FileFollower.deepest))
  }

  @Test func severalHeightsAreAskedAbout() throws {
    let lines = part.lines
    let change = try #require(lines.lastIndex(of: ";LAYER_CHANGE"))
    let record = StopRecord.of(lines, acknowledged: change + 10, unsure: 12)
    let result = recover(part.bytes, record)
    #expect(result.heights.map(\.z).map { GCodeText.number($0) } == ["1", "1.2"])
    #expect(result.heights.map(\.layer) == [5, 6])
    let question = try #require(result.questions.first { $0.id == "height" })
    #expect(question.choices == ["1", "1.2"])
    #expect(question.isSatisfied(by: "1.2") && !question.isSatisfied(by: "1.1"))
    // In doubt the lowest: the nozzle then never presses into the part.
    #expect(result.believedZ.map { GCodeText.number($0) } == "1")
    let upper = recover(part.bytes, record, .bench, RecoveryChoice(height: 1.2))
    #expect(upper.believedZ.map { GCodeText.number($0) } == "1.2")
    #expect(try #require(upper.place).line > (try #require(result.place)).line)
    #expect(upper.hash != result.hash)
    let wrong = recover(part.bytes, record, .bench, RecoveryChoice(height: 1.1))
    #expect(wrong.refusal?.code == "recovery.height")
  }

  @Test func aLineOrALayerCanBeChosen() throws {
    let lines = part.lines
    let record = StopRecord.of(lines, acknowledged: 130, unsure: 4)
    let layer = try #require(recover(part.bytes, record).place?.layer)
    let atLayer = recover(part.bytes, record, .bench, RecoveryChoice(place: .layer(layer)))
    let place = try #require(atLayer.place)
    #expect(lines[Int(place.line) - 1].contains("; wall"), "a layer begins with its first plastic")
    #expect(place.layer == layer)
    let atLine = recover(part.bytes, record, .bench, RecoveryChoice(place: .line(record.sent.line)))
    #expect(atLine.place?.line == record.sent.line)
    let later = recover(part.bytes, record, .bench, RecoveryChoice(place: .line(140)))
    #expect(later.refusal?.code == "recovery.notReached")
    let below = recover(part.bytes, record, .bench, RecoveryChoice(place: .layer(layer - 1)))
    #expect(below.refusal?.code == "recovery.belowPart")
    let farBelow = recover(part.bytes, record, .bench, RecoveryChoice(place: .line(40)))
    #expect(farBelow.refusal?.code == "recovery.belowPart")
  }

  @Test func aParkedHeadStandsWhereItWasParked() throws {
    var record = StopRecord.of(part.lines, acknowledged: 100)
    record.isParked = true
    record.parkedAt = Position(x: 0, y: 200, z: 11)
    // Its hot end was let down to standby by the host, which is nobody's wish.
    record.toolTargets = [120]
    let result = recover(part.bytes, record)
    #expect(result.plan.contains("G92 Z11"))
    #expect(result.plan.contains { $0.hasPrefix("G1 Z16 ") })
    #expect(result.plan.contains { $0.hasPrefix("M109 S205") })
    #expect(result.heights.isEmpty)
    // All ran before the pause, and nothing since: no line is printed twice.
    #expect(result.window?.doubtful == 0)
    #expect(try #require(result.place?.line) > 100)
  }

  @Test func whatAPersonChangedIsKept() throws {
    var record = StopRecord.of(part.lines, acknowledged: 100, unsure: 4)
    record.speedFactor = 80
    record.flowFactor = 105
    record.toolTargets = [215]
    record.bedTarget = 65
    record.fans = [200]
    record.babySteps = -0.08
    let result = recover(part.bytes, record)
    for line in ["M220 S80", "M221 S105", "M109 S215", "M190 S65", "M106 S200"] {
      #expect(result.plan.contains { $0.hasPrefix(line) }, "\(line)")
    }
    #expect(!result.plan.contains { $0.hasPrefix("M290") }, "the height holds them already")
    #expect(result.notes.filter { $0.contains("by hand") }.count == 5)
  }

  @Test func aChangeOfTheFileInDoubtIsTheFilesOwn() throws {
    // The file itself sets 205 °C and 97 % within the doubt: resuming before it needs the old values.
    let lines = part.lines
    let change = try #require(lines.firstIndex(of: "M104 S205"))
    let record = StopRecord.of(lines, acknowledged: change + 4, unsure: 6)
    let result = recover(part.bytes, record)
    #expect(try #require(result.place).line <= Int64(change) + 1)
    #expect(
      result.plan.contains { $0.hasPrefix("M109 S210") } && result.plan.contains { $0.hasPrefix("M221 S100") }
    )
    #expect(!result.notes.contains { $0.contains("by hand") })
  }
}
