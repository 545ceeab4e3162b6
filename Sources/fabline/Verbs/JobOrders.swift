import APIModel
import ArgumentParser

/// What the verbs for a job, or for what a machine prints, have in common.
enum JobOrder {
  /// The job of a target: itself, or what the machine prints.
  static func job(_ target: Target, _ api: SupervisorAPI) async throws -> Int64 {
    switch target {
    case .job(let id): return id
    case .machine(let name):
      guard let job = try await api.machine(name).job else {
        throw Failure(
          code: "machine.nothingRuns", sentence: "\(name) prints no job of ours now", status: .notNow)
      }
      return job
    }
  }

  /// Gives the order and says what became of it.
  static func give(
    _ verb: String, to target: Target, reason: String?, _ context: Context
  ) async throws {
    let ordered = try await context.withSupervisor { api in
      try await api.order(try await job(target, api), verb, reason: reason)
    }
    try say(ordered, context)
  }

  /// One line on a job.
  static func say(_ job: JobModel, _ context: Context) throws(Failure) {
    try context.output.answer(job) { output in
      let reason = job.reason.map { ": " + TextWidth.harmless($0) } ?? ""
      output.say("job \(job.id) (\(TextWidth.harmless(job.name))): \(JobText.word(job.state))\(reason)")
    }
  }
}

struct Cancel: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Cancels a job: heaters off, lift, park.",
    discussion: "A job that runs ends safely; `fabline estop` is for emergencies.")

  @Argument(help: "A job's number, or a machine's name for what it prints.") var target: Target
  @Option(help: "Why, for the history.") var reason: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await JobOrder.give("cancel", to: target, reason: reason, context)
  }
}

struct Pause: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Pauses a job: retract, lift, park.",
    discussion: "On a machine that prints from its SD card, pauses that print.")

  @Argument(help: "A job's number, or a machine's name for what it prints.") var target: Target
  @Option(help: "Why, for the history.") var reason: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    if try await SDPrint.act("pauseSD", on: target, context) { return }
    try await JobOrder.give("pause", to: target, reason: reason, context)
  }
}

struct Resume: Verb {
  static let configuration = CommandConfiguration(abstract: "Goes on with a paused job.")

  @Argument(help: "A job's number, or a machine's name for what it prints.") var target: Target
  @Option(help: "Why, for the history.") var reason: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    if try await SDPrint.act("resumeSD", on: target, context) { return }
    try await JobOrder.give("resume", to: target, reason: reason, context)
  }
}

/// Prints from SD that are not ours.
enum SDPrint {
  /// Acts where the target is a machine that prints from SD; false where it is not.
  static func act(_ act: String, on target: Target, _ context: Context) async throws -> Bool {
    guard case .machine(let name) = target else { return false }
    let machine = try await context.withSupervisor { try await $0.machine(name) }
    guard machine.job == nil, machine.phase == "printingNotOurs" else { return false }
    try await MachineAct.perform(ActRequest(act: act), on: name, context, done: "\(name): asked the firmware")
    return true
  }
}

struct Hold: Verb {
  static let configuration = CommandConfiguration(abstract: "Keeps a job in the queue until it is released.")

  @Argument(help: "The job's number.") var job: JobNumber
  @Argument(help: "Why.") var reason: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await JobOrder.give("hold", to: .job(job.value), reason: reason, context)
  }
}

struct Release: Verb {
  static let configuration = CommandConfiguration(abstract: "Lets a held job go.")

  @Argument(help: "The job's number.") var job: JobNumber
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await JobOrder.give("release", to: .job(job.value), reason: nil, context)
  }
}

struct Retry: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Queues a failed, cancelled or uncertain job again, from the start.")

  @Argument(help: "The job's number.") var job: JobNumber
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await JobOrder.give("retry", to: .job(job.value), reason: nil, context)
  }
}

struct Reorder: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Changes a job's place in the queue, or what it asks for.")

  @Argument(help: "The job's number.") var job: JobNumber
  @Option(help: "Right before this job.") var before: JobNumber?
  @Flag(help: "Before all others.") var first = false
  @Option(help: "Its new priority; higher goes first.") var priority: Int?
  @Option(help: "When it should be ready: 18:30, 2026-12-01T12:00, or 6h from now.") var due: String?
  @Option(help: "How many to print.") var copies: Int?
  @Option(help: "Another machine.") var machine: MachineName?
  @Option(help: "Another note.") var note: String?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !first || before == nil else { throw ValidationError("Say --first or --before, not both.") }
    let nothing =
      !first && before == nil && priority == nil && due == nil && copies == nil && machine == nil
      && note == nil
    guard !nothing else { throw ValidationError("Say what to change: --first, --before, --priority, …") }
  }

  func perform(_ context: Context) async throws {
    var change = JobChange()
    change.before = before?.value
    change.priority = priority
    change.copies = copies
    change.machine = machine?.value
    change.note = note
    if let due {
      guard let moment = Timestamp.typed(due, past: false) else {
        throw Failure.usage("--due \(due) is no time: 18:30, 2026-12-01T12:00, or 6h")
      }
      change.due = Timestamp.iso(moment)
    }
    let wanted = change
    let changed = try await context.withSupervisor { api in
      var change = wanted
      if first {
        change.before = try await api.jobs(states: [.queued]).items.first { $0.id != job.value }?.id
        guard change.before != nil || priority != nil else { return try await api.job(job.value) }
      }
      return try await api.change(job.value, change)
    }
    try JobOrder.say(changed, context)
  }
}
