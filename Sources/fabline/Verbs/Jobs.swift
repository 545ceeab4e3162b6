import APIModel
import ArgumentParser

extension JobState: ExpressibleByArgument {}

struct Jobs: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Lists jobs.",
    discussion: "Without options: those not ended, and the last ten that ended.")

  @Flag(name: .shortAndLong, help: "All of them.")
  var all = false
  @Option(help: "Only those in this state; may be given again.")
  var state: [JobState] = []
  @Option(help: "Only those of this machine.")
  var machine: MachineName?
  @Option(help: ArgumentHelp("Only those of this person.", valueName: "user"))
  var submitter: String?
  @OptionGroup var common: CommonOptions

  static let open: [JobState] = [.queued, .held, .printing, .paused, .needsAttention, .uncertain]

  func perform(_ context: Context) async throws {
    var (page, status) = try await context.withSupervisor { api in
      (
        try await api.jobs(states: state, machine: machine?.value, submitter: submitter),
        try await api.status()
      )
    }
    if !all && state.isEmpty { page.items = Self.usual(page.items) }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else { return output.say("no jobs") }
      output.table(JobText.table(page.items))
    }
    // Without it nobody would know why jobs are missing, or held.
    if !context.output.json, let damage = status.storeSetAside { Output.complain(TextWidth.harmless(damage)) }
  }

  /// Those not ended, and the last ten that ended.
  static func usual(_ jobs: [JobModel]) -> [JobModel] {
    let ended = jobs.filter { !open.contains($0.state) }
      .sorted { ($0.endedAt ?? "", $0.id) > ($1.endedAt ?? "", $1.id) }
    let recent = Set(ended.prefix(10).map(\.id))
    return jobs.filter { open.contains($0.state) || recent.contains($0.id) }
  }
}

struct Show: Verb {
  static let configuration = CommandConfiguration(abstract: "Shows a job with its history, or a machine.")

  @Argument(help: "A job's number or a machine's name.") var target: Target
  @OptionGroup var common: CommonOptions

  /// What `--json` prints for a job.
  struct Answer: Codable {
    var job: JobModel
    var file: FileModel?
    var history: [HistoryModel]
  }

  func perform(_ context: Context) async throws {
    try await Self.show(target, context)
  }

  static func show(_ target: Target, _ context: Context) async throws {
    switch target {
    case .machine(let name): try await show(machine: name, context)
    case .job(let id): try await show(job: id, context)
    }
  }

  private static func show(machine name: String, _ context: Context) async throws {
    let machine = try await context.withSupervisor { try await $0.machine(name) }
    try context.output.answer(machine) { output in
      for line in MachineText.lines(machine, unicode: output.standard.unicode) {
        output.say(TextWidth.harmless(line))
      }
    }
  }

  private static func show(job id: Int64, _ context: Context) async throws {
    let answer = try await context.withSupervisor { api in
      let job = try await api.job(id)
      // The file's row may be gone while the job's is not: the job is shown all the same.
      let file = try? await api.file(job.file)
      return Answer(job: job, file: file, history: try await api.history(id).items)
    }
    try context.output.answer(answer) { output in
      for line in JobText.lines(answer.job, file: answer.file, history: answer.history) {
        output.say(TextWidth.harmless(line))
      }
    }
  }
}

struct Why: Verb {
  static let configuration = CommandConfiguration(abstract: "Says why a job does not start now.")

  @Argument(help: "The job's number.") var job: JobNumber
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let why = try await context.withSupervisor { try await $0.why(job.value) }
    try context.output.answer(why) { output in
      output.say(TextWidth.harmless(why.summary))
      for machine in why.machines where why.summary != "\(machine.machine): \(machine.reason)" {
        output.say("  \(machine.machine): " + TextWidth.harmless(machine.reason))
      }
    }
  }
}

struct Files: Verb {
  static let configuration = CommandConfiguration(abstract: "Lists the stored files.")

  @Option(
    help: ArgumentHelp("Remove the file with this hash, or an unambiguous start of it.", valueName: "hash"))
  var remove: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    if let remove { return try await self.remove(remove, context) }
    let page = try await context.withSupervisor { try await $0.files() }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else { return output.say("no files") }
      output.table(FileText.table(page.items))
    }
  }

  private func remove(_ start: String, _ context: Context) async throws {
    let file = try await context.withSupervisor { api in
      let found = try await api.files().items.filter { $0.hash.hasPrefix(start) }
      guard let file = found.first, found.count == 1 else {
        throw Failure.usage(
          found.isEmpty
            ? "no stored file begins with \(start)" : "\(found.count) stored files begin with \(start)")
      }
      try await api.removeFile(file.hash)
      return file
    }
    try context.output.answer(file) { $0.say("removed \(TextWidth.harmless(file.name))") }
  }
}
