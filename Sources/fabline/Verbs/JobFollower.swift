import APIModel
import Glibc

/// Follows a job of the queue to its end: progress by the event stream, states by asking now and then as well, so that
/// a broken stream hides nothing.
struct JobFollower: Sendable {
  private enum Input: Sendable {
    case event(EventModel)
    case job(JobModel, why: String?)
    case signal(Int32)
    case failed(any Error)
  }

  let context: Context
  let job: Int64
  /// Whether Ctrl-C and its kin leave the job alone and stop following; else somebody else takes them.
  var signals = true
  /// How many times faster than life the printer is: its remaining time is shown in this computer's.
  var speed = 1.0

  /// Shows the job until it ended. Throws for every end but done.
  func follow() async throws {
    let last = try await context.withSupervisor { try await follow($0) }
    if context.output.json { try context.output.answer(last) { _ in } }
    if last.state == .done {
      context.output.say(Self.summary(last))
    } else {
      throw Self.failure(last)
    }
  }

  /// Shows the job until it ended, over an open connection; gives it as it is then.
  func follow(_ api: SupervisorAPI) async throws -> JobModel {
    let (inputs, sink) = AsyncStream<Input>.makeStream()
    let feeders = feed(sink, api)
    defer { for feeder in feeders { feeder.cancel() } }
    var progress = ProgressView(json: context.output.json)
    defer { progress.finish() }
    var picture = JobPicture(job: job)
    for await input in inputs {
      switch input {
      case .event(let event):
        for note in picture.take(event) { progress.note(note) }
      case .job(let job, let why):
        for note in picture.take(job, why: why) { progress.note(note) }
        if JobPicture.hasEnded(job.state) {
          if picture.view.fraction > 0 { progress.show(picture.view) }
          return job
        }
      case .signal: throw left
      case .failed(let error): throw error
      }
      progress.show(scaled(picture.view))
    }
    throw left
  }

  private func scaled(_ view: PrintView) -> PrintView {
    guard speed != 1, let remaining = view.remaining else { return view }
    var view = view
    view.remaining = Int64((Double(remaining) / speed).rounded(.up))
    return view
  }

  private var left: Failure {
    Failure(
      code: "job.detached",
      sentence: "job \(job) goes on: `fabline attach \(job)` shows it, `fabline cancel \(job)` cancels it",
      status: .notNow)
  }

  private func feed(_ sink: AsyncStream<Input>.Continuation, _ api: SupervisorAPI) -> [Task<Void, Never>] {
    let leaving: [Task<Void, Never>] =
      signals
      ? [
        Task { [signals = SignalInbox.shared.subscribe()] in
          for await number in signals { sink.yield(.signal(number)) }
        }
      ] : []
    return leaving + [
      Task {
        // Asking goes on where the stream breaks; when it cannot go on either, that is the error to show.
        try? await api.events(kinds: ["progress", "heaters", "prompt", "job", "machine", "fault"]) { event in
          sink.yield(.event(event))
          return true
        }
      },
      Task {
        do {
          while true {
            let now = try await api.job(job)
            let waits = now.state == .queued && !now.attempts.contains { $0.state == "staged" }
            let why = waits ? try await api.why(job).summary : nil
            sink.yield(.job(now, why: why))
            try await Task.sleep(for: .milliseconds(500))
          }
        } catch {
          if !Task.isCancelled { sink.yield(.failed(error)) }
        }
      },
    ]
  }

  /// `job 12 done: 3 copies of clip.gcode in 36 min, 0 resends`.
  static func summary(_ job: JobModel) -> String {
    let done = job.attempts.filter { $0.state == "done" }.compactMap(\.progress)
    let seconds = done.reduce(0) { $0 + $1.elapsed }
    let resends = done.reduce(0) { $0 + $1.resends }
    return "job \(job.id) done: \(NumberText.count(Int64(job.copiesDone), "copy", plural: "copies")) of "
      + "\(TextWidth.harmless(job.name)) in \(DurationText.short(seconds)), \(NumberText.count(resends, "resend"))"
  }

  /// The failure that fits the end of a job.
  static func failure(_ job: JobModel) -> Failure {
    let code = job.attempts.last(where: { $0.code != nil })?.code
    let status: SysExit =
      switch job.state {
      case .cancelled: .cancelled
      case .failed, .uncertain: code.map { SysExit(faultCode: $0) } ?? .refused
      case .queued, .held, .printing, .paused, .needsAttention, .done: .notNow
      }
    let reason = job.reason ?? job.attempts.last?.reason
    return Failure(
      code: code ?? "job.\(job.state.rawValue)",
      sentence: "job \(job.id) (\(job.name)) \(JobText.word(job.state))" + (reason.map { ": \($0)" } ?? ""),
      status: status)
  }
}

/// What is shown of a followed job. Pure: events and answers come in, the view and notes go out.
struct JobPicture: Sendable {
  let job: Int64
  private(set) var view = PrintView(name: "", phase: "queued")
  private var machines: Set<String> = []
  private var said = ""

  init(job: Int64) { self.job = job }

  static func hasEnded(_ state: JobState) -> Bool {
    switch state {
    case .done, .failed, .cancelled, .uncertain: true
    case .queued, .held, .printing, .paused, .needsAttention: false
    }
  }

  /// Takes an event over; gives what a person should read.
  mutating func take(_ event: EventModel) -> [String] {
    let ours = event.job == job || event.job == nil && event.machine.map(machines.contains) ?? false
    guard ours else { return [] }
    if let progress = event.progress { take(progress) }
    if let heaters = event.heaters {
      view.heaters = heaters.map { .init(name: $0.name, current: $0.current, target: $0.target) }
    }
    guard event.kind == "prompt" || event.kind == "fault", let message = event.message else { return [] }
    return [message]
  }

  /// Takes the job over as it is now; gives what a person should read.
  mutating func take(_ job: JobModel, why: String?) -> [String] {
    view.name = job.name
    view.phase = JobText.word(job.state)
    view.reason = job.reason ?? ""
    let running = JobText.running(job)
    machines = Set(running.map(\.machine))
    if let progress = running.compactMap(\.progress).first { take(progress) }
    if job.state == .done {
      view.fraction = 1
      view.remaining = nil
      if let progress = job.attempts.last(where: { $0.state == "done" })?.progress { take(progress) }
    }
    let words = why ?? (job.state == .needsAttention || job.state == .held ? job.reason ?? "" : "")
    guard words != said else { return [] }
    said = words
    return words.isEmpty ? [] : ["job \(job.id): \(words)"]
  }

  private mutating func take(_ progress: ProgressModel) {
    view.fraction = progress.fraction
    view.layer = progress.layer ?? 0
    view.layers = progress.layers
    view.elapsed = progress.elapsed
    view.remaining = progress.remaining
    view.resends = progress.resends
  }
}
