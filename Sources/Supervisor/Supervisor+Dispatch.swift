import DriverInterface
import JobStore

/// Giving jobs to machines.
extension Supervisor {
  /// One round: what the machines do, what the store has, what the pure function makes of it.
  func dispatchOnce() async {
    guard !isLeaving else { return }
    do {
      let plan = dispatch(try await store.dispatchInput(live: await activities()))
      for assignment in plan.assignments where handOvers[assignment.machine] == nil {
        guard let keeper = keepers[assignment.machine] else { continue }
        handOvers[assignment.machine] = Task { await handOver(assignment, to: keeper) }
      }
    } catch {
      log.error("no job can be given out: \(error.sentence)")
    }
  }

  /// What each machine does, as far as a start depends on it.
  func activities() async -> [String: MachineFacts.Activity] {
    var live: [String: MachineFacts.Activity] = [:]
    let now = surroundings.clock.monotonic()
    for (name, keeper) in keepers {
      let activity = await keeper.activity
      if handOvers[name] != nil {
        live[name] = .occupied("is being given a job")
      } else if activity == .idle, let rest = resting[name], rest.until > now {
        live[name] = .away("refused a job a moment ago and is tried again soon")
      } else {
        live[name] = activity
      }
    }
    return live
  }

  /// The row is committed before the driver hears of it; then the driver is told.
  private func handOver(_ assignment: DispatchPlan.Assignment, to keeper: MachineKeeper) async {
    await keeper.set(handingOver: true)
    do {
      try await commitAndHandOver(assignment, to: keeper)
      resting[assignment.machine] = nil
    } catch {
      await refused(assignment, error)
    }
    await keeper.set(handingOver: false)
    handOvers[assignment.machine] = nil
    changed()
  }

  private func commitAndHandOver(
    _ assignment: DispatchPlan.Assignment, to keeper: MachineKeeper
  ) async throws {
    let job = try await store.job(assignment.job)
    let path: String
    do {
      path = try await store.path(ofFile: job.file)
    } catch {
      await hold(job.id, kind: .file, error.sentence)
      throw error
    }
    let file = try await store.file(job.file)
    if let reason = try await problems(of: job, file, on: assignment.machine) {
      await hold(job.id, kind: .question, reason)
      return
    }
    var generator = SystemRandomNumberGenerator()
    let stored = try await store.attemptStaged(
      AttemptID.random(using: &generator).description, job: assignment.job, machine: assignment.machine,
      copy: assignment.copy, by: "fablined")
    do throws(HostError) {
      try await keeper.handOver(stored, file, path: path)
    } catch {
      if error.code.hasPrefix("file.") { await hold(job.id, kind: .file, error.sentence) }
      throw error
    }
  }

  /// Something that a person has to see to; no machine is tried again.
  func hold(_ job: Int64, kind: JobRecord.Hold.Kind, _ sentence: String) async {
    do {
      // What other machines have of it already goes on; this machine's attempt has been taken back.
      publishJob(try await store.hold(job, kind: kind, reason: sentence, by: "fablined").job)
      note("held: \(sentence)", by: "fablined", job: job)
    } catch  where error.code == .jobHeld {
      // Somebody was faster; it waits in any case.
    } catch {
      log.error("job \(job) cannot be held: \(error.sentence)", metadata: ["job": "\(job)"])
    }
  }

  /// What the check of file against machine holds against a start; nil where it may start.
  private func problems(of job: JobRecord, _ file: FileRecord, on machine: String) async throws -> String? {
    let settings = try await store.machine(machine).settings
    let verdict = try await store.check(file: file.hash, on: settings)
    return verdict.holdReason(file: file.name, machine: machine, forced: job.forcedBy != nil)
  }

  /// Looks at the file of a job that was just submitted, so that its submitter is told at once what every machine would hold it
  /// for. Large files are looked at before their start only.
  func holdForProblems(_ job: JobRecord) async throws -> JobRecord {
    guard job.hold == nil else { return job }
    let file = try await store.file(job.file)
    guard file.size <= 32 << 20 else { return job }
    var first: String?
    for machine in try await store.machines() {
      guard machine.name == job.machine || (job.pool != nil && machine.settings.pool == job.pool) else {
        continue
      }
      guard let reason = try await problems(of: job, file, on: machine.name) else { return job }
      first = first ?? reason
    }
    guard let first else { return job }
    await hold(job.id, kind: .question, first)
    return try await store.job(job.id)
  }

  /// The next try comes later each time: 5 s, 10 s, … 60 s.
  private func refused(_ assignment: DispatchPlan.Assignment, _ error: any Error) async {
    let pause = min(60_000_000_000, max(5_000_000_000, 2 * (resting[assignment.machine]?.pause ?? 0)))
    resting[assignment.machine] = (surroundings.clock.monotonic() + pause, pause)
    let sentence = Supervisor.sentence(of: error)
    log.warning(
      "\(assignment.machine) did not take the job: \(sentence)",
      metadata: ["machine": "\(assignment.machine)", "job": "\(assignment.job)"])
    if let job = try? await store.job(assignment.job) { publishJob(job) }
  }

  /// Why a job does not start now, machine by machine.
  public func why(_ id: Int64) async throws -> WhyAnswer {
    let job = try await store.job(id)
    let running = job.openAttempts.map {
      WhyAnswer.Reason(machine: $0.machine, code: $0.state.rawValue, sentence: Supervisor.sentence(of: $0))
    }
    guard !job.state.isEnded else {
      let reason = job.reason.map { ": \($0)" } ?? ""
      return WhyAnswer(job: id, summary: "job \(id) is \(job.state.words)\(reason)", machines: running)
    }
    let plan = dispatch(try await store.dispatchInput(live: await activities()))
    let refusals = plan.refusals(of: id).map {
      WhyAnswer.Reason(machine: $0.machine ?? "", code: $0.code, sentence: $0.sentence)
    }
    let reasons = running + refusals.filter { refusal in !running.contains { $0.machine == refusal.machine } }
    let summary = plan.summary(of: id)
    return WhyAnswer(
      job: id,
      summary: summary.isEmpty
        ? (running.isEmpty
          ? "job \(id) is \(job.state.words)" : running[0].machine + ": " + running[0].sentence)
        : summary,
      machines: reasons)
  }

  /// The jobs of which copies wait, first to be served first.
  public func order() async throws -> [Int64] {
    dispatch(try await store.dispatchInput(live: await activities())).order
  }

  static func sentence(of attempt: AttemptRecord) -> String {
    let reason = attempt.reason.map { ": \($0)" } ?? ""
    return switch attempt.state {
    case .staged: "is being given to it"
    case .printing: "prints on it"
    case .paused: "is paused on it\(reason)"
    case .needsAttention: "waits for a person at it\(reason)"
    case .done, .failed, .cancelled, .uncertain, .withdrawn: "\(attempt.state.rawValue)\(reason)"
    }
  }

  static func sentence(of error: any Error) -> String {
    switch error {
    case let error as HostError: error.sentence
    case let error as StoreError: error.sentence
    default: "\(error)"
    }
  }
}

/// Why a job does not start now.
public struct WhyAnswer: Equatable, Sendable {
  /// The job.
  public var job: Int64
  /// One sentence.
  public var summary: String
  /// Machine by machine.
  public var machines: [Reason]

  /// One machine's reason.
  public struct Reason: Equatable, Sendable {
    /// The machine; empty where the reason lies in the job.
    public var machine: String
    /// A stable word.
    public var code: String
    /// One sentence.
    public var sentence: String
  }
}

extension JobRecord.State {
  /// For a sentence.
  var words: String { self == .needsAttention ? "in need of attention" : rawValue }
}
