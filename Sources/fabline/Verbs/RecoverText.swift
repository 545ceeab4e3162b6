import APIModel

/// What is known of a print that was cut short, as people read it.
enum RecoverText {
  /// Everything, the plan's lines included.
  static func all(_ model: RecoveryModel) -> [String] {
    var lines = facts(model)
    if let refusal = model.refusal {
      return lines + ["", "no plan: " + TextWidth.harmless(refusal.sentence), otherwise(model.job)]
    }
    lines.append("")
    lines += model.questions.map {
      "asked before it runs: \($0.id) [\($0.choices.joined(separator: "/"))] " + TextWidth.harmless($0.text)
    }
    return lines + [""] + plan(model) + [""] + model.plan.map(TextWidth.harmless)
  }

  /// What stopped, where, and what may have run.
  static func facts(_ model: RecoveryModel) -> [String] {
    var lines = [
      "job \(model.job) (\(TextWidth.harmless(model.name))), copy \(model.copy) on \(model.machine)"
    ]
    if let reason = model.reason { lines.append("  " + TextWidth.harmless(reason)) }
    if let at = model.recordedAt {
      let stale = (model.staleMs ?? 0) / 1000
      let more = stale > 0 ? "; it may have gone on for \(stale) s after that" : ""
      lines.append("  last word on it: \(Timestamp.local(at))\(more)")
    }
    guard let window = model.window else { return lines }
    lines.append("  certainly ran: up to line \(window.ranUpTo)")
    if window.mayHaveRunUpTo > window.ranUpTo {
      lines.append(
        "  may have run:  lines \(window.ranUpTo + 1) to \(window.mayHaveRunUpTo)"
          + " (\(NumberText.count(window.doubtful, "command")))")
    }
    lines.append("  did not run:   from line \(window.mayHaveRunUpTo + 1) on")
    for height in model.heights where model.heights.count > 1 {
      let layer = height.layer.map { ", layer \($0)" } ?? ""
      lines.append(
        "  nozzle at \(NumberText.decimal(height.z, digits: 2)) mm\(layer): goes on at line \(height.line)")
    }
    return lines
  }

  /// Where the plan goes on, and what a person should know besides.
  static func plan(_ model: RecoveryModel) -> [String] {
    guard let place = model.place else { return [] }
    let layer = place.layer.map { " (layer \($0))" } ?? ""
    var lines = ["plan \(model.planHash ?? ""): goes on at line \(place.line)\(layer)"]
    if let z = model.believedZ {
      lines.append("  the nozzle is taken to stand at \(NumberText.decimal(z, digits: 2)) mm now")
    }
    lines += model.notes.map { "  ! " + TextWidth.harmless($0) }
    return lines
  }

  /// What can be done where there is no plan.
  static func otherwise(_ job: Int64) -> String {
    "else: fabline retry \(job) (from the start), fabline recover \(job) --done, --failed"
  }
}
