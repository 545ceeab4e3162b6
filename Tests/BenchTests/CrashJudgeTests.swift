import Foundation
import Testing

@testable import fabline_bench

/// The crash campaign's judge has to see what the campaign is there to find.
struct CrashJudgeTests {
  private static let part = CrashPart(number: 7, moves: 100, kind: .warm)

  /// A printer's log of these lines.
  private func runs(_ lines: [String], then second: [String]? = nil) throws -> [ExecutedRun] {
    let path = FileManager.default.temporaryDirectory.path + "/executed-\(UInt64.random(in: 1...UInt64.max))"
    defer { for name in [path, path + ".2"] { try? FileManager.default.removeItem(atPath: name) } }
    func write(_ lines: [String], _ path: String) throws {
      let text = lines.enumerated().map { "\($0.offset) \($0.element)\n" }.joined()
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    try write(lines, path)
    var log = ExecutedRuns(path: path, parts: { $0 == 7 ? Self.part : nil })
    log.read()
    if let second {
      try write(second, path + ".2")
      log.restart(path: path + ".2")
      log.read()
    }
    return log.runs
  }

  private func attempt(_ state: String, line: Int64 = 0, code: String = "") -> StoredQueue.Attempt {
    StoredQueue.Attempt(
      id: "a", job: 1, machine: "m", copy: 1, state: state, reason: "", code: code, wasOrdered: true,
      fileLine: line, acknowledged: line)
  }

  private func complaint(_ attempts: [StoredQueue.Attempt], _ runs: [ExecutedRun]) -> String? {
    CrashJudge.Pairing(attempts: attempts, runs: runs, parts: [1: 7], known: [7: Self.part]).complaint
  }

  @Test func aWholePrintIsWholeWithTheHostsOwnLinesBetween() throws {
    var lines = Self.part.commands
    lines.insert("M105", at: 20)
    lines.insert("M114", at: 60)
    let runs = try runs(lines)
    #expect(runs.count == 1 && runs[0].mistakes.isEmpty && runs[0].commands == Self.part.commands.count)
    var hash = runs[0].hash
    hash.finish()
    #expect(hash.hex == Self.part.hash)
    #expect(complaint([attempt("done")], runs) == nil)
  }

  @Test(arguments: [20, 60])
  func aLineTwiceOrMissingOrInAnotherPlaceIsSeen(_ place: Int) throws {
    var twice = Self.part.commands
    twice.insert(twice[place], at: place)
    #expect(try !runs(twice)[0].mistakes.isEmpty)
    var missing = Self.part.commands
    missing.remove(at: place)
    #expect(try !runs(missing)[0].mistakes.isEmpty)
    var swapped = Self.part.commands
    swapped.swapAt(place, place + 1)
    #expect(try !runs(swapped)[0].mistakes.isEmpty)
  }

  @Test func goingOnAfterARestartOfTheFirmwareIsSeen() throws {
    let all = Self.part.commands
    #expect(
      try runs(Array(all[..<50]), then: Array(all[50...]))[0].mistakes.first?.contains("restart") == true)
    // Switching off afterwards is right.
    #expect(try runs(Array(all[..<50]), then: ["M104 S0", "M140 S0"])[0].mistakes.isEmpty)
  }

  @Test func aPrintWithoutAnAttemptIsSeen() throws {
    let all = Self.part.commands
    let twice = try runs(Array(all[..<50]) + all)
    #expect(twice.count == 2)
    #expect(complaint([attempt("done")], twice) != nil, "started twice")
    #expect(complaint([attempt("uncertain", line: 40), attempt("done")], twice) == nil)
    #expect(complaint([], try runs(all)) != nil)
  }

  @Test func whatIsShownHasToBeTrue() throws {
    let all = Self.part.commands
    let half = try runs(Array(all[..<50]))
    #expect(complaint([attempt("done")], half) != nil, "done, and it is not whole")
    #expect(
      complaint([attempt("uncertain", line: Self.part.fileLines[60])], half) != nil, "further than it was")
    #expect(complaint([attempt("uncertain", line: Self.part.fileLines[49])], half) == nil)
    let whole = try runs(all)
    #expect(
      complaint([attempt("uncertain", line: 3)], whole) != nil, "a hundred lines are not what a buffer holds")
    #expect(complaint([attempt("uncertain", code: "attempt.lost")], whole) == nil)
    // An attempt of which nothing was acknowledged may have left nothing; one that is done may not.
    #expect(complaint([attempt("uncertain"), attempt("done")], whole) == nil)
    #expect(complaint([attempt("done"), attempt("done")], whole) != nil)
  }

  @Test("What is on where nothing runs is seen; only heat that a lost link left on may wait for its timers")
  func whatIsOnIsSeen() {
    func report(hotEnd: Double = 0, bed: Double = 0, beam: Bool? = nil) -> StageMachine.Report {
      StageMachine.Report(
        hotEndTarget: hotEnd, bedTarget: bed, beamIsOn: beam, beamOnStillAfterHostGoneSeconds: 0, hash: "",
        underruns: 0, starvedSeconds: 0, turnaroundMicroseconds: [])
    }
    func found(
      _ last: StoredQueue.Attempt?, _ report: StageMachine.Report, isImpatient: Bool = true
    ) -> Int { CrashJudge.heat(of: "m", report, last: last, isImpatient: isImpatient).count }
    let byLink = attempt("uncertain", code: "link.lost")
    for last in [nil, attempt("done"), attempt("uncertain", code: "attempt.driverDied"), byLink] {
      #expect(found(last, report()) == 0 && found(last, report(beam: false)) == 0)
      #expect(found(last, report(hotEnd: 180)) == 1 && found(last, report(bed: 50)) == 1)
      #expect(
        found(last, report(beam: true)) == 1 && found(last, report(hotEnd: 180, bed: 50, beam: true)) == 2)
      // A beam never waits, and heat waits for a lost link's timers alone.
      #expect(found(last, report(beam: true), isImpatient: false) == 1)
      #expect(found(last, report(hotEnd: 180), isImpatient: false) == (last?.code == byLink.code ? 0 : 1))
    }
  }

  @Test func oneSeedIsOneChoice() {
    for seed in 1...200 as ClosedRange<UInt64> {
      let choice = CrashChoice(seed: seed, machines: 3)
      #expect(choice.words == CrashChoice(seed: seed, machines: 3).words)
      #expect((1...3).contains(choice.deeds.count))
      #expect(choice.deeds.map(\.at) == choice.deeds.map(\.at).sorted())
    }
    #expect(CrashChoice(seed: 1, machines: 3).words != CrashChoice(seed: 2, machines: 3).words)
  }
}
