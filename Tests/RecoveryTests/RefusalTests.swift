import GCode
import Testing

@testable import Recovery

/// What is never recovered, and why.
@Suite struct RefusalTests {
  let part = Part()

  private func code(
    _ change: (inout RecoveryMachine, inout StopRecord) -> Void, acknowledged: Int = 100, part: Part = Part()
  ) -> String? {
    var machine = RecoveryMachine.bench
    var record = StopRecord.of(part.lines, acknowledged: acknowledged, unsure: 4, ahead: 1)
    change(&machine, &record)
    let result = recover(part.bytes, record, machine)
    if let refusal = result.refusal {
      #expect(result.plan.isEmpty && refusal.sentence.utf8.count > 20)
    }
    return result.refusal?.code
  }

  @Test func theBenchItselfIsNotRefused() {
    #expect(code { _, _ in } == nil)
    #expect(code { machine, _ in machine.kinematics = "corexy" } == nil)
  }

  @Test func machinesThatCannot() {
    #expect(code { machine, _ in machine.kind = .laser } == "recovery.laser")
    #expect(code { machine, _ in machine.kind = .mill } == "recovery.cnc")
    #expect(code { machine, _ in machine.kinematics = "delta" } == "recovery.kinematics")
    #expect(code { machine, _ in machine.kinematics = "scara" } == "recovery.kinematics")
    #expect(code { machine, _ in machine.dialect = "klipper" } == "recovery.firmware")
    #expect(code { machine, _ in machine.holdsZ = false } == "recovery.zNotHeld")
    #expect(code { machine, _ in machine.homesXY = false } == "recovery.homing")
    #expect(code { machine, _ in machine.travel.z = 5 } == "recovery.noRoom")
    #expect(
      code { machine, _ in
        machine.raise = .always; machine.travel.z = 12
      } == "recovery.noRoom")
    #expect(code { machine, _ in machine.maximumTool = 200 } == "recovery.tooHot")
    #expect(code { machine, _ in machine.maximumBed = 50 } == "recovery.tooHot")
    #expect(code { machine, _ in machine.travel.x = 70 } == "recovery.outside")
  }

  @Test func aRecordThatTellsNothingOrContradicts() {
    #expect(code { _, record in record = StopRecord() } == "recovery.noRecord")
    #expect(code { _, record in record.position.x += 1 } == "recovery.contradiction")
    #expect(code { _, record in record.position.z += 0.2 } == "recovery.contradiction")
    #expect(code { _, record in record.position.e += 1 } == "recovery.contradiction")
    #expect(code { _, record in record.isRelative = true } == "recovery.contradiction")
    #expect(code { _, record in record.isExtruderRelative = true } == "recovery.contradiction")
    #expect(code { _, record in record.isInch = true } == "recovery.contradiction")
    #expect(code { _, record in record.tool = 1 } == "recovery.contradiction")
    #expect(code { _, record in record.acknowledged.end += 1 } == "recovery.contradiction")
    #expect(
      code { _, record in
        record.acknowledged.line = 100_000
        record.sent.line = 100_000
      } == "recovery.contradiction")
  }

  @Test func placesWithoutAPlan() {
    #expect(code({ _, _ in }, acknowledged: 12) == "recovery.nothingPrinted")
    #expect(
      code({ _, _ in }, acknowledged: 108, part: Part(extra: [5: ["G28 Z"]])) == "recovery.unknownPlace"
        || code({ _, _ in }, acknowledged: 108, part: Part(extra: [5: ["G28 Z"]])) == "recovery.homingInDoubt"
    )
    #expect(code({ _, _ in }, part: Part(extra: [2: ["G92 X0"], 3: ["G1 X80"]])) == "recovery.offset")
    #expect(code({ _, _ in }, part: Part(extra: [2: ["G18"]])) == "recovery.plane")
  }

  @Test func homingInDoubtIsRefused() throws {
    let part = Part(extra: [4: ["G28 Z"]])
    let line = try #require(part.lines.firstIndex(of: "G28 Z")) + 1
    let record = StopRecord.of(part.lines, acknowledged: line + 2, unsure: 8)
    #expect(recover(part.bytes, record).refusal?.code == "recovery.homingInDoubt")
  }

  @Test func whetherXAndYHomeAloneIsAskedWhereNobodySaid() throws {
    var machine = RecoveryMachine.bench
    machine.homesXY = nil
    let result = recover(part.bytes, StopRecord.of(part.lines, acknowledged: 100), machine)
    let question = try #require(result.questions.first { $0.id == "homesXY" })
    #expect(question.isSatisfied(by: "yes") && !question.isSatisfied(by: "no"))
  }

  @Test func theWindowIsToldAlsoWhereThereIsNoPlan() {
    var machine = RecoveryMachine.bench
    machine.holdsZ = false
    let result = recover(part.bytes, StopRecord.of(part.lines, acknowledged: 100, unsure: 3), machine)
    #expect(result.refusal != nil && result.window?.doubtful == 3)
  }

  @Test func aColdFileIsRefused() {
    let lines = part.lines.filter { !$0.hasPrefix("M104") && !$0.hasPrefix("M109") }
    let record = StopRecord.of(lines, acknowledged: 90)
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    #expect(recover(bytes, record).refusal?.code == "recovery.cold")
  }
}
