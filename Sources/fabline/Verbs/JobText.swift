import APIModel

/// Jobs as people read them.
enum JobText {
  /// The table of `fabline jobs`.
  static func table(_ jobs: [JobModel]) -> TextTable {
    var table = TextTable([
      .init(title: "JOB", right: true),
      .init(title: "STATE"),
      .init(title: "FILE", minimum: 12),
      .init(title: "COPIES", right: true, expendable: 3),
      .init(title: "WHERE", minimum: 6, expendable: 1),
      .init(title: "PROGRESS", expendable: 2),
      .init(title: "FOR", minimum: 6, expendable: 5),
      .init(title: "SINCE", expendable: 6),
      .init(title: "NOTE", minimum: 10, expendable: 4),
    ])
    for job in jobs {
      table.add([
        "\(job.id)", word(job.state), job.name, "\(job.copiesDone)/\(job.copies)", place(job), progress(job),
        job.submitter, Timestamp.local(job.endedAt ?? job.startedAt ?? job.createdAt),
        job.reason ?? job.note ?? "",
      ])
    }
    return table
  }

  /// The state in words.
  static func word(_ state: JobState) -> String {
    state == .needsAttention ? "needs attention" : state.rawValue
  }

  /// Where it runs, or may run.
  static func place(_ job: JobModel) -> String {
    let running = running(job).map(\.machine)
    if !running.isEmpty { return running.joined(separator: ", ") }
    if let machine = job.machine { return machine }
    if let pool = job.pool { return "any of \(pool)" }
    return job.attempts.last?.machine ?? "any"
  }

  /// The tries that a machine works on.
  static func running(_ job: JobModel) -> [AttemptModel] {
    job.attempts.filter { ["printing", "paused", "needsAttention"].contains($0.state) }
  }

  private static func progress(_ job: JobModel) -> String {
    if let progress = running(job).compactMap(\.progress).first {
      let left = progress.remaining.map { ", \(DurationText.short($0)) left" } ?? ""
      return "\(Int(progress.fraction * 100))%\(left)"
    }
    if job.state == .queued || job.state == .held, let seconds = job.estimatedSeconds {
      return "about " + DurationText.short(Int64(seconds))
    }
    return ""
  }

  /// The lines of `fabline show JOB`.
  static func lines(_ job: JobModel, file: FileModel?, history: [HistoryModel]) -> [String] {
    var lines = ["job \(job.id): \(job.name), \(word(job.state))" + (job.reason.map { " (\($0))" } ?? "")]
    lines.append("  for \(job.submitter), submitted \(Timestamp.local(job.createdAt))")
    lines.append(
      "  \(job.copiesDone) of \(NumberText.count(Int64(job.copies), "copy", plural: "copies")) printed, on \(place(job))"
    )
    if job.priority != 0 { lines.append("  priority \(job.priority)") }
    if let due = job.due { lines.append("  due \(Timestamp.local(due))") }
    if let material = job.material { lines.append("  material \(material)") }
    if let note = job.note { lines.append("  note: \(note)") }
    if let file { lines += FileText.lines(file).map { "  " + $0 } }
    for attempt in job.attempts { lines.append("  " + line(attempt)) }
    if !history.isEmpty { lines.append("history") }
    for entry in history {
      let why = entry.why.map { ": \($0)" } ?? ""
      lines.append("  \(Timestamp.local(entry.at))  \(entry.what) by \(entry.who)\(why)")
    }
    return lines
  }

  private static func line(_ attempt: AttemptModel) -> String {
    var text = "copy \(attempt.copy) on \(attempt.machine): \(attempt.state)"
    if let progress = attempt.progress {
      text += ", line \(NumberText.grouped(progress.line))"
      if let lines = progress.lines { text += " of \(NumberText.grouped(lines))" }
      if let layer = progress.layer { text += ", layer \(layer)" + (progress.layers.map { "/\($0)" } ?? "") }
      text += ", \(DurationText.short(progress.elapsed))"
      if progress.resends > 0 { text += ", \(NumberText.count(progress.resends, "resend"))" }
    }
    if let reason = attempt.reason { text += ": \(reason)" }
    return text
  }
}
