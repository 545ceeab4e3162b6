import DriverClient
import DriverInterface
import JobStore

// Lasers and mills start attended only (safety.md rule 8): a person at the machine is shown where the job works and how the
// machine is set, and then starts one copy.

/// What a person has to see before a laser or mill starts.
public struct JobBounds: Equatable, Sendable {
  /// The job.
  public var job: Int64
  /// The machine.
  public var machine: String
  /// Where the file works.
  public var work: WorkBounds
  /// The machine's travel in mm: X, Y, Z.
  public var travel: [Double]
  /// Where the file's zero lies in the machine, in mm; nil where it could not be read.
  public var workOffset: [Double]?
  /// `$30`; nil where it could not be read.
  public var maximumPower: Double?
  /// `$32`; nil where it could not be read.
  public var laserMode: Bool?
  /// The machine answered the questions how it is set.
  var wasRead: Bool
  /// What does not fit or is not known.
  public var warnings: [String]
  /// Until when a start that was given holds, in milliseconds since 1970.
  public var startsUntil: Int64?
}

extension Supervisor {
  /// How long bounds that a person was shown count as seen, in nanoseconds: 10 minutes.
  private static let seenFor: Int64 = 600_000_000_000

  /// Where a job works, against its machine, read from the machine now where it is idle. Who asks has been shown it.
  public func bounds(_ id: Int64, on name: String?, by: String) async throws -> JobBounds {
    let (job, machine) = try await placed(id, name)
    let found = try await readBounds(of: job, on: machine)
    boundsSeen = boundsSeen.filter { $0.value > surroundings.clock.monotonic() - Self.seenFor }
    boundsSeen[Sight(job: id, machine: machine.name, who: by)] = surroundings.clock.monotonic()
    return found
  }

  /// A person who has just been shown the bounds starts one copy of the job there; it begins at once or not at all.
  ///
  /// Throws `job.boundsNotShown`, `machine.class` for a printer, `job.cannotStart` with the reasons, `laser.m3`, `laser.mode`.
  public func start(_ id: Int64, on name: String?, by: String) async throws -> JobBounds {
    let (job, machine) = try await placed(id, name)
    let shown = boundsSeen[Sight(job: id, machine: machine.name, who: by)] ?? .min
    guard machine.settings.kind == .printer || shown > surroundings.clock.monotonic() - Self.seenFor else {
      throw HostError(
        code: "job.boundsNotShown",
        sentence: "look at where job \(id) works on \(machine.name) first: `fabline start` shows it and asks")
    }
    let given = try await store.attend(id, on: machine.name, by: by)
    note("start given on \(machine.name)", by: by, machine: machine.name, job: id)
    do {
      var found = try await readBounds(of: job, on: machine)
      if !found.wasRead, Self.tells(machine.settings) {
        throw HostError(
          code: "machine.notIdle",
          sentence: "\(machine.name) does not tell how it is set just now: it moves, or it is not connected")
      }
      try refuse(found, on: machine)
      try await refuseUnlessAssigned(id, to: machine.name)
      await dispatchOnce()
      found.startsUntil = given.until
      return found
    } catch {
      // A word that cannot be followed now must not be followed in a minute.
      let reason = Supervisor.sentence(of: error)
      do {
        try await store.unattend(machine.name, reason: reason, by: "fablined")
      } catch {
        log.error("a start could not be taken back: \(error.sentence)", metadata: ["job": "\(id)"])
      }
      throw error
    }
  }

  /// Traces where a job works, with beam or spindle off.
  public func frame(_ id: Int64, on name: String?, by: String) async throws -> JobBounds {
    let (job, machine) = try await placed(id, name)
    let found = try await readBounds(of: job, on: machine)
    let file = try await store.file(job.file)
    let path = try await store.path(ofFile: job.file)
    let at = surroundings.clock.wall()
    do {
      try await alone(at: machine.name) { keeper throws(HostError) in
        try await self.traceBounds(job, file, path, keeper)
      }
      await noteAct("frame", why: "frame of job \(id)", machine: machine.name, by: by, at: at)
      return found
    } catch {
      let why = "frame of job \(id); not done: \(error.sentence)"
      await noteAct("frame", why: why, machine: machine.name, by: by, at: at)
      throw error
    }
  }

  /// Does something with a machine that has nothing to do, while nothing is handed over to it.
  func alone<Result: Sendable>(
    at name: String, _ body: @escaping @Sendable (MachineKeeper) async throws(HostError) -> Result
  ) async throws(HostError) -> Result {
    guard let keeper = keepers[name], handOvers[name] == nil, await keeper.activity == .idle,
      handOvers[name] == nil
    else {
      throw HostError(
        code: "machine.notIdle",
        sentence: "\(name) has something to do or is not connected: this wants it idle")
    }
    let work = Task { () async -> Swift.Result<Result, HostError> in
      do throws(HostError) { return .success(try await body(keeper)) } catch { return .failure(error) }
    }
    handOvers[name] = Task { _ = await work.value }
    let result = await work.value
    handOvers[name] = nil
    changed()
    return try result.get()
  }

  /// Stages the file for its frame only, and takes it back. What the driver has staged meanwhile is nobody's lost attempt.
  private func traceBounds(
    _ job: JobRecord, _ file: FileRecord, _ path: String, _ keeper: MachineKeeper
  ) async throws(HostError) {
    var generator = SystemRandomNumberGenerator()
    let attempt = AttemptID.random(using: &generator)
    await keeper.set(handingOver: true)
    let staged = StagedAttempt(attempt: attempt, job: job.id, path: path, size: file.size, name: file.name)
    var failure: HostError?
    do throws(HostError) {
      _ = try await keeper.request(.stage(staged), timeout: .seconds(30))
      _ = try await keeper.request(.act(.frame(attempt)), timeout: .seconds(300))
    } catch {
      failure = error
    }
    _ = await keeper.ask(.withdraw(attempt))
    await keeper.set(handingOver: false)
    if let failure { throw failure }
  }

  /// The job and the machine meant: the one that was named, else the job's own.
  private func placed(_ id: Int64, _ name: String?) async throws -> (JobRecord, MachineRecord) {
    let job = try await store.job(id)
    guard let name = name ?? job.machine else {
      throw HostError(
        code: "job.noTarget", sentence: "job \(id) may run on several machines: name the one you stand at")
    }
    let machine = try await store.machine(name)
    guard job.machine == name || (job.pool != nil && job.pool == machine.settings.pool) else {
      throw HostError(
        code: "job.invalid",
        sentence: "job \(id) is for \(job.machine ?? "pool \(job.pool ?? "")"), not for \(name)")
    }
    return (job, machine)
  }

  private func readBounds(of job: JobRecord, on machine: MachineRecord) async throws -> JobBounds {
    let work = try await store.workBounds(ofFile: job.file)
    let parameters = await grblParameters(of: machine)
    var found = JobBounds(
      job: job.id, machine: machine.name, work: work, travel: machine.settings.volume,
      workOffset: parameters?.workOffset, maximumPower: parameters?.maximumPower,
      laserMode: parameters?.laserMode, wasRead: parameters != nil, warnings: [])
    if let given = machine.attendance, given.covers(job.id, at: surroundings.clock.wall()) {
      found.startsUntil = given.until
    }
    found.warnings = found.remarks(on: machine.settings)
    return found
  }

  /// Asks an idle machine how it is set; nil where it is a printer, speaks Marlin, is busy, or does not tell.
  private func grblParameters(of machine: MachineRecord) async -> GrblParameters? {
    guard Self.tells(machine.settings), let keeper = keepers[machine.name], await keeper.activity == .idle
    else { return nil }
    var lines: [String] = []
    for question in GrblParameters.questions {
      guard case .lines(let answer) = await keeper.ask(.send(line: question)) else { return nil }
      lines += answer
    }
    return GrblParameters(lines)
  }

  /// Whether the machine can be asked how it is set: a laser or mill that does not speak a printer's dialect.
  private static func tells(_ machine: MachineRecord.Settings) -> Bool {
    machine.kind != .printer && !withoutDollar.contains(machine.dialect ?? "auto")
  }

  private static let withoutDollar: Set = ["marlin", "marlin1", "prusa", "rrf", "repetier", "smoothie"]

  /// What no person's word lifts (safety.md rule 17); the driver refuses it as well.
  private func refuse(_ found: JobBounds, on machine: MachineRecord) throws(HostError) {
    guard machine.settings.kind == .laser else { return }
    if found.work.usesM3, !machine.settings.allowM3 {
      throw HostError(
        code: "laser.m3",
        sentence:
          "the file of job \(found.job) uses M3, which keeps the beam on while the machine stands still: use "
          + "M4, or allow M3 in the settings of \(machine.name)")
    }
    if found.laserMode == false {
      throw HostError(
        code: "laser.mode",
        sentence:
          "laser mode is off on \(machine.name) ($32=0): the beam would stay on between moves; set $32=1")
    }
  }

  private func refuseUnlessAssigned(_ id: Int64, to machine: String) async throws {
    let plan = dispatch(try await store.dispatchInput(live: await activities()))
    guard !plan.assignments.contains(where: { $0.job == id && $0.machine == machine }) else { return }
    let reasons = plan.refusals(of: id).filter { $0.machine == machine || $0.machine == nil }
    let words = reasons.map(\.sentence).joined(separator: "; ")
    throw HostError(
      code: "job.cannotStart",
      sentence:
        "job \(id) cannot start on \(machine) now: \(words.isEmpty ? "another job is in front" : words)")
  }
}

/// Who was shown the bounds of which job on which machine.
struct Sight: Hashable, Sendable {
  var job: Int64
  var machine: String
  var who: String
}

extension JobBounds {
  /// What a person should read before they start.
  fileprivate func remarks(on machine: MachineRecord.Settings) -> [String] {
    var remarks: [String] = []
    if work.least.allSatisfy({ $0 == nil }) { remarks.append("the file has no working move") }
    if work.isUncertain {
      remarks.append(
        "the file moves relatively, sets its own zero or uses the machine's coordinates: the bounds may lie elsewhere"
      )
    }
    for (axis, name) in ["X", "Y", "Z"].enumerated() {
      guard let least = work.least[axis], let most = work.most[axis] else { continue }
      if most - least > travel[axis] + 0.01 {
        remarks.append("\(name) works over \(text(most - least)) mm, the travel is \(text(travel[axis])) mm")
      } else if workOffset == nil, axis < 2, least < -0.01 {
        remarks.append("\(name) goes below the file's zero, to \(text(least)) mm")
      }
    }
    if workOffset == nil { remarks.append("the work offset was not read: look where the zero is") }
    if machine.kind == .laser {
      if laserMode == false { remarks.append("laser mode is off ($32=0)") }
      if laserMode == nil { remarks.append("laser mode ($32) was not read") }
      if work.usesM3 { remarks.append("the file uses M3: the beam stays on while the machine stands still") }
    }
    return remarks
  }

  private func text(_ number: Double) -> String {
    let rounded = (number * 100).rounded() / 100
    return Int64(exactly: rounded).map(String.init) ?? "\(rounded)"
  }
}
