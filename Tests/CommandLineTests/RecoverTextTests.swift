import APIModel
import Testing

@testable import fabline

@Suite struct RecoverTextTests {
  private var model: RecoveryModel {
    var model = RecoveryModel(job: 12, name: "part.gcode", attempt: "00", copy: 1, machine: "ender")
    model.reason = "the driver died"
    model.window = .init(ranUpTo: 100, mayHaveRunUpTo: 118, doubtful: 17)
    model.heights = [.init(z: 1.2, layer: 6, line: 101), .init(z: 1.4, layer: 7, line: 110)]
    model.place = .init(line: 101, offset: 2000, layer: 6, position: [1, 2, 1.2, 3])
    model.believedZ = 1.2
    model.planHash = "00ff"
    model.notes = ["Baby-steps"]
    model.questions = [.init(id: "stuck", text: "Is it?", choices: ["yes", "no"])]
    model.plan = ["G21", "G1 Z6.2 F300 ; lift"]
    return model
  }

  @Test func whatRanAndWhatMayHave() {
    let lines = RecoverText.facts(model)
    #expect(lines.contains("  certainly ran: up to line 100"))
    #expect(lines.contains("  may have run:  lines 101 to 118 (17 commands)"))
    #expect(lines.contains("  did not run:   from line 119 on"))
    #expect(lines.contains("  nozzle at 1.2 mm, layer 6: goes on at line 101"))
    #expect(lines.contains("  nozzle at 1.4 mm, layer 7: goes on at line 110"))
  }

  @Test func thePlanItsQuestionsAndItsGCode() {
    let lines = RecoverText.all(model)
    #expect(lines.contains("plan 00ff: goes on at line 101 (layer 6)"))
    #expect(lines.contains("  ! Baby-steps"))
    #expect(lines.contains("asked before it runs: stuck [yes/no] Is it?"))
    #expect(lines.suffix(2) == ["G21", "G1 Z6.2 F300 ; lift"])
  }

  @Test func withoutAPlanTheReasonAndTheOtherWays() {
    var refused = model
    refused.refusal = .init(code: "recovery.zNotHeld", sentence: "Z falls")
    refused.plan = []
    let lines = RecoverText.all(refused)
    #expect(lines.contains("no plan: Z falls"))
    #expect(lines.last == "else: fabline retry 12 (from the start), fabline recover 12 --done, --failed")
  }

  @Test func answersAreReadAsTheyAreTyped() throws {
    let answers = try Answers(["stuck=yes", "height=1.2"])
    #expect(answers.values == ["stuck": "yes", "height": "1.2"] && answers.height == "1.2")
    #expect(throws: Failure.self) { try Answers(["stuck"]) }
  }

  @Test func aVouchingNamesItsPlanAndMayGiveAReason() throws {
    let verb = try #require(
      try Fabline.parseAsRoot(["recover", "12", "--go-on", "--plan", "00", "--reason", "I saw it"])
        as? Recover)
    #expect(verb.goOn && verb.plan == "00" && verb.reason == "I saw it")
  }

  @Test func nothingRunsWithoutItsPlanNamed() {
    for words in [
      ["recover", "12", "--start"], ["recover", "12", "--plan", "00"],
      ["recover", "12", "--start", "--show"],
      ["recover", "12", "--line", "3", "--layer", "2"], ["recover", "12", "--reason", "x"],
      ["recover", "12", "--go-on", "--start"], ["recover", "12", "--go-on", "--done"],
      ["recover", "12", "--yes"], ["recover", "12", "--done", "--failed"],
    ] { #expect(throws: (any Error).self, "\(words)") { try Fabline.parseAsRoot(words) } }
  }
}
