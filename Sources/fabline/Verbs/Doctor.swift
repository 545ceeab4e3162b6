import ArgumentParser

struct Doctor: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    abstract: "Checks this installation from end to end and says what to mend.",
    discussion: """
      Programs, configuration, folders, service, database, machines, ports, network, clock, power. Nothing is changed, no \
      port is opened. Some of it is seen by root only.

      Exits with 0 where nothing fails (warnings included), with 1 where something does.
      """)

  @Flag(help: "Only what is not as it should be.") var problems = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let answer = DoctorAnswer(DoctorChecks.findings(await DoctorFacts.look(context)))
    try context.output.answer(answer) { output in
      for line in DoctorText.lines(answer, problems: problems) { output.say(line) }
    }
    if !answer.healthy { throw ExitCode(1) }
  }
}

/// Findings as people read them.
enum DoctorText {
  /// A line a finding, the command below it, a sum at the end.
  static func lines(_ answer: DoctorAnswer, problems: Bool) -> [String] {
    let shown = answer.items.filter { !problems || $0.verdict != .ok }
    let width = shown.map { TextWidth.cells($0.check) }.max() ?? 0
    var lines: [String] = []
    for finding in shown {
      let word = TextWidth.padded(finding.verdict.rawValue, to: 4, right: false)
      let check = TextWidth.padded(TextWidth.harmless(finding.check), to: width, right: false)
      lines.append("\(word)  \(check)  \(TextWidth.harmless(finding.sentence))")
      if let command = finding.command {
        lines.append(String(repeating: " ", count: 6 + width + 2) + TextWidth.harmless(command))
      }
    }
    func count(_ verdict: Finding.Verdict) -> Int { answer.items.count { $0.verdict == verdict } }
    let (warned, failed) = (count(.warn), count(.fail))
    lines.append(
      failed + warned == 0
        ? "\(answer.items.count) checks, all is well"
        : "\(answer.items.count) checks: \(failed) failed, \(warned) to look at")
    return lines
  }
}
