import GCode
import Testing

@testable import Recovery

/// A print that was gone on with is cut short again, at each line of plan and rest.
@Suite struct SecondCutTests {
  private let part = Part()

  /// The lines of the file that carries out a plan, and what the plan was.
  private func derived() throws -> (lines: [String], plan: [String], place: ResumePlace) {
    let result = recover(part.bytes, StopRecord.of(part.lines, acknowledged: 100, unsure: 4))
    let place = try #require(result.place)
    return (result.plan + part.lines.dropFirst(Int(place.line) - 1), result.plan, place)
  }

  private func bytes(_ lines: some Sequence<String>) -> [UInt8] {
    Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  @Test("The mark says where plan and original meet, and its last line is it")
  func theMark() throws {
    let (lines, plan, place) = try derived()
    let mark = try #require(PlanMark(head: bytes(lines)))
    #expect(mark.line == place.line && mark.offset == place.offset)
    #expect(mark.planLines == Int64(plan.count) && mark.planEnd == Int64(bytes(plan).count))
    #expect(plan[Int(mark.lift) - 1].contains("lift"))
    // A firmware that refuses the lift says so before the homing can be sent.
    #expect(plan[Int(mark.lift)].hasPrefix("M400 ") && plan[Int(mark.lift) + 1].hasPrefix("G28 "))
    #expect(PlanMark(head: part.bytes) == nil)
    #expect(PlanMark(head: bytes(plan.dropLast())) == nil)
    for spoilt in ["; The file goes on here: line x, byte 3", "; The file goes on here: line 3"] {
      #expect(PlanMark(head: bytes(plan.dropLast() + [spoilt])) == nil, "\(spoilt)")
    }
  }

  @Test(
    "At each line: before the lift nothing moved, inside the plan nobody knows, behind it the same lines of the original"
  )
  func everyLine() throws {
    let (lines, plan, place) = try derived()
    let mark = try #require(PlanMark(head: bytes(lines)))
    var planned = 0
    for line in 1..<(lines.count - 10) {
      let record = StopRecord.of(lines, acknowledged: line, unsure: 4, ahead: 1)
      let first = record.firstUnsure?.line ?? 1
      switch record.behind(mark) {
      case .unmoved: #expect(record.sent.line < mark.lift)
      case .inPlan(let at):
        #expect(at == record.sent.line && record.sent.line >= mark.lift && first <= plan.count)
      case .original(let mapped):
        #expect(first > plan.count)
        let shift = place.line - 1 - mark.planLines
        let straight = StopRecord.of(
          part.lines, acknowledged: Int(record.acknowledged.line + shift), unsure: 4, ahead: 1)
        #expect(mapped.acknowledged == straight.acknowledged && mapped.sent == straight.sent)
        #expect(mapped.firstUnsure == straight.firstUnsure)
        // The machine's own state, as the plan and the rest left it, contradicts nothing that the original says.
        let result = recover(part.bytes, mapped)
        #expect(result.plan == recover(part.bytes, straight).plan, "line \(line)")
        if result.refusal == nil { planned += 1 }
      }
    }
    #expect(planned > 20)
  }

  @Test("An older word does not prove that nothing moved")
  func anOlderWord() throws {
    let (lines, _, _) = try derived()
    let mark = try #require(PlanMark(head: bytes(lines)))
    var record = StopRecord.of(lines, acknowledged: Int(mark.lift) - 3)
    #expect(record.behind(mark) == .unmoved)
    record.staleSeconds = 7
    #expect(record.behind(mark) == .inPlan(record.sent.line))
  }
}
