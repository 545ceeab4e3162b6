/// What only a person at the machine can see (safety.md rule 15).
extension Recovery {
  /// The questions of a plan; each has to be answered before it runs.
  func questions(_ writer: PlanWriter) -> [RecoveryQuestion] {
    var questions = [
      RecoveryQuestion(
        id: RecoveryQuestion.stuck,
        text: "Is the part still stuck to the bed? Push against it at its foot: one that gives way is lost.",
        choices: ["yes", "no"]),
      RecoveryQuestion(
        id: RecoveryQuestion.free,
        text:
          "Is the nozzle free of the part, or only stuck to soft plastic that will let go when it is warm?"
          + " Nothing that leans, hangs or lies on the bed may be in its way \(GCodeText.mm(writer.lifted)) above it.",
        choices: ["yes", "no"]),
    ]
    let heights = heightWords
    if heights.count > 1 {
      questions.append(
        RecoveryQuestion(
          id: RecoveryQuestion.height,
          text:
            "At which of these heights does the nozzle stand? Measure from the bed to its tip where you can; in doubt"
            + " the lowest is the safe answer, the print may then miss by the difference.",
          choices: heights))
    }
    if machine.homesXY == nil {
      questions.append(
        RecoveryQuestion(
          id: RecoveryQuestion.homesXY,
          text:
            "Does `G28 X Y` home X and Y on this machine without touching Z? (`fabline machine set NAME --homes-xy yes`"
            + " answers it for good.)",
          choices: ["yes", "no"]))
    }
    return questions
  }

  /// The heights as they are answered: `3.2`.
  private var heightWords: [String] { heights.map { GCodeText.number($0.z, places: 2) } }
}
