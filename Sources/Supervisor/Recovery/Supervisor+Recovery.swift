import DriverInterface
import JobStore
import Recovery

// A print that was cut short (safety.md rule 15): what is known, what has to be asked, the plan, and one attempt that carries it
// out on the word of a person who saw that very plan.

extension Supervisor {
  /// What is known of a job that was cut short, and the plan for going on with it. Nothing is changed by asking.
  ///
  /// Throws `job.unknown`, `recovery.notUncertain` where no copy is uncertain.
  public func recovery(_ id: Int64, _ choice: RecoveryChoice) async throws -> RecoveryView {
    let job = try await store.job(id)
    guard let attempt = job.attempts.last(where: { $0.state == .uncertain && !$0.settled }) else {
      throw HostError(
        code: "recovery.notUncertain",
        sentence: "job \(id) is \(job.state.words): only what was cut short and is uncertain can be recovered"
      )
    }
    let machine = try await store.machine(attempt.machine)
    let point = try await store.resumePoint(attempt.id).flatMap { ResumePoint(stored: $0.bytes) }
    var view = RecoveryView(
      job: job, attempt: attempt, point: point, file: attempt.file ?? job.file, result: RecoveryResult())
    do throws(RecoveryRefusal) {
      let record = try await record(of: &view)
      view.result = await result(of: view, record, on: machine, choice)
    } catch {
      view.result = RecoveryResult(refusal: error)
    }
    return view
  }

  /// What is on record, in the lines of the job's own file: what a plan put before it is taken away again.
  private func record(of view: inout RecoveryView) async throws(RecoveryRefusal) -> StopRecord {
    var attempt = view.attempt
    var point = view.point
    var refusal: RecoveryRefusal?
    do throws(StoreError) {
      while refusal == nil, let file = attempt.file, let before = attempt.recovers,
        let mark = PlanMark(head: try await store.piece(ofFile: file, at: 0))
      {
        let known = point.map { StopRecord($0) }
        switch known?.behind(mark) ?? .inPlan(0) {
        case .original(let record):
          view.file = view.job.file
          return record
        case .inPlan(let line): refusal = .inPlan(line, job: view.job.id)
        case .unmoved:
          // It still stands as it did before this plan.
          attempt = try await store.attempt(before)
          point = try await store.resumePoint(before).flatMap { ResumePoint(stored: $0.bytes) }
          view.file = attempt.file ?? view.job.file
        }
      }
    } catch {
      throw RecoveryRefusal(error.code.rawValue, error.sentence)
    }
    if let refusal { throw refusal }
    return point.map { StopRecord($0) } ?? StopRecord()
  }

  private func result(
    of view: RecoveryView, _ record: StopRecord, on machine: MachineRecord, _ choice: RecoveryChoice
  ) async -> RecoveryResult {
    var recovery = Recovery(
      record: record, machine: RecoveryMachine(machine), choice: choice, fileName: view.job.name)
    if let refusal = bedRefusal(view, machine) { return RecoveryResult(refusal: refusal) }
    let hash = view.file
    do throws(StoreError) {
      // The bytes have to be those that were printed, all of them: the plan's tail is taken from the same file.
      _ = try await store.path(ofFile: hash)
      var offset: Int64 = 0
      var wantsMore = record.acknowledged.line > 0
      while wantsMore {
        let piece = try await store.piece(ofFile: hash, at: offset)
        guard !piece.isEmpty else { break }
        offset += Int64(piece.count)
        wantsMore = piece.withUnsafeBufferPointer { recovery.feed($0) }
      }
      return recovery.finish()
    } catch {
      return RecoveryResult(refusal: RecoveryRefusal(error.code.rawValue, error.sentence))
    }
  }

  /// There has to be something to go on with.
  private func bedRefusal(_ view: RecoveryView, _ machine: MachineRecord) -> RecoveryRefusal? {
    guard machine.bed.state != .occupied || machine.bed.job != view.job.id else { return nil }
    return RecoveryRefusal(
      "recovery.bed",
      machine.bed.state == .clear
        ? "the part of job \(view.job.id) was taken off \(machine.name): `fabline retry \(view.job.id)` prints it anew"
        : "what lies on \(machine.name) is not known to be the part of job \(view.job.id)")
  }

  /// Goes on with a job by the plan that a person was shown, answered for and confirmed. It starts at once or not at all.
  ///
  /// Throws the plan's refusal; `recovery.planChanged` where the plan is not the one that was shown, `recovery.unanswered`,
  /// `recovery.answer` where an answer forbids it, `machine.notIdle`, and what makes a start impossible.
  public func recover(_ id: Int64, _ order: RecoveryOrder, by: String) async throws -> JobRecord {
    let view = try await recovery(id, RecoveryChoice(place: order.place, height: order.height))
    if let refusal = view.result.refusal {
      throw HostError(code: refusal.code, sentence: refusal.sentence)
    }
    guard let place = view.result.place, order.planHash == view.result.hash else {
      throw HostError(
        code: "recovery.planChanged",
        sentence: "the plan for job \(id) is not the one that was shown: look at it again")
    }
    try check(order.answers, against: view.result.questions)
    let file = try await derivedFile(view, place, by: by)
    try await refuseTooHot(file, on: view.attempt.machine)
    try await alone(at: view.attempt.machine) { keeper throws(HostError) in
      try await self.begin(view, place, file, order, on: keeper, by: by)
    }
    note(
      "recovered from line \(place.line), plan \(order.planHash)", by: by, machine: view.attempt.machine,
      job: id)
    let job = try await store.job(id)
    publishJob(job)
    return job
  }

  /// A person decides about what is uncertain, without printing it again.
  public func decide(
    _ id: Int64, _ decision: UncertainDecision, reason: String?, by: String
  ) async throws -> JobRecord {
    let job = try await store.decide(id, decision, reason: reason, by: by)
    note("decided: \(decision.rawValue)\(reason.map { ", \($0)" } ?? "")", by: by, job: id)
    publishJob(job)
    return job
  }

  /// A person vouches for a job that is uncertain. A word alone says nothing of where the nozzle stands: it goes on by the plan that
  /// the person was shown and answered for (safety.md rules 14 and 15), or not at all.
  ///
  /// Throws `recovery.needsPlan` where no plan is named, the plan's own refusal with what else can be done, and what `recover` throws.
  public func goOn(_ id: Int64, _ order: RecoveryOrder, reason: String?, by: String) async throws -> JobRecord
  {
    let view = try await recovery(id, RecoveryChoice(place: order.place, height: order.height))
    if let refusal = view.result.refusal {
      throw HostError(
        code: refusal.code,
        sentence:
          "job \(id) cannot go on: \(refusal.sentence); else `fabline retry \(id)` prints it from the start,"
          + " and `fabline recover \(id) --done` or `--failed` says what became of it")
    }
    guard !order.planHash.isEmpty else {
      let questions = view.result.questions.map(\.id).joined(separator: ", ")
      throw HostError(
        code: "recovery.needsPlan",
        sentence:
          "job \(id) goes on by a plan that a person has seen: `fabline recover \(id)` shows it and asks"
          + " (\(questions)); over the API GET /api/v1/jobs/\(id)/recovery, then its planHash and the answers"
      )
    }
    var order = order
    order.reason = reason
    return try await recover(id, order, by: by)
  }

  private func check(_ answers: [String: String], against questions: [RecoveryQuestion]) throws(HostError) {
    for question in questions {
      guard let answer = answers[question.id] else {
        throw HostError(
          code: "recovery.unanswered", sentence: "\(question.id) was not answered: \(question.text)")
      }
      guard question.isSatisfied(by: answer) else {
        throw HostError(
          code: "recovery.answer",
          sentence:
            "with \(question.id) answered \(answer) the print cannot be gone on with: \(question.text)")
      }
    }
  }

  /// The plan and the rest of the file behind it, stored like any other file.
  private func derivedFile(
    _ view: RecoveryView, _ place: ResumePlace, by: String
  ) async throws -> FileRecord {
    let head = Array((view.result.plan.joined(separator: "\n") + "\n").utf8)
    var file = try await store.derive(
      from: view.file, at: place.offset, head: head,
      name: Self.derivedName(view.job.name, place), by: by)
    // Progress goes on counting where the part stands.
    if let original = try? await store.file(view.job.file) { file.facts.layers = original.facts.layers }
    return file
  }

  /// `part (recovered at layer 12).gcode`; by the line where the file tells no layers.
  static func derivedName(_ name: String, _ place: ResumePlace) -> String {
    let at = place.layer > 0 ? "layer \(place.layer)" : "line \(place.line)"
    guard let point = name.lastIndex(of: "."), point > name.startIndex else {
      return "\(name) (recovered at \(at)).gcode"
    }
    return "\(name[..<point]) (recovered at \(at))\(name[point...])"
  }

  /// No plan and no word of a person lifts a temperature limit (safety.md rule 7).
  private func refuseTooHot(_ file: FileRecord, on machine: String) async throws {
    let verdict = try await store.check(file: file.hash, on: try await store.machine(machine).settings)
    guard let problem = verdict.blocking(forced: true).first else { return }
    throw HostError(code: problem.code, sentence: "\(file.name) on \(machine): \(problem.sentence)")
  }

  private func begin(
    _ view: RecoveryView, _ place: ResumePlace, _ file: FileRecord, _ order: RecoveryOrder,
    on keeper: MachineKeeper, by: String
  ) async throws(HostError) {
    var generator = SystemRandomNumberGenerator()
    let stored: AttemptRecord
    let path: String
    do throws(StoreError) {
      path = try await store.path(ofFile: file.hash)
      let answers = order.answers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      stored = try await store.attemptRecovering(
        AttemptID.random(using: &generator).description, from: view.attempt.id, file: file.hash,
        why: "copy \(view.attempt.copy) from line \(place.line), plan \(order.planHash), "
          + "answered: \(answers.joined(separator: ", "))" + (order.reason.map { "; \($0)" } ?? ""),
        by: by)
    } catch {
      throw HostError(code: error.code.rawValue, sentence: error.sentence)
    }
    await keeper.set(handingOver: true)
    do throws(HostError) {
      try await keeper.handOver(stored, file, path: path)
    } catch {
      await keeper.set(handingOver: false)
      throw error
    }
    await keeper.set(handingOver: false)
  }
}
