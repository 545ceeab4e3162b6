import DriverInterface
import Glibc

/// A direct print from its start, or from where it is taken up, to its summary.
struct DirectRun {
  var driver: DirectDriver
  let attempt: AttemptID
  let name: String
  let keep: Bool
  let output: Output
  /// The deaths of this print's drivers in the last minute.
  private var deaths: [ContinuousClock.Instant] = []

  init(driver: DirectDriver, attempt: AttemptID, name: String, keep: Bool, output: Output) {
    self.driver = driver
    self.attempt = attempt
    self.name = name
    self.keep = keep
    self.output = output
  }

  /// What `--json` prints at the end.
  struct Summary: Codable, Equatable {
    var file: String
    var port: String
    /// `done`, `failed`, `cancelled` or `uncertain`.
    var outcome: String
    /// Commands that the firmware acknowledged.
    var lines: Int64
    /// The last acknowledged line of the file.
    var fileLine: Int64
    var resends: Int64
    var seconds: Double
    var linesPerSecond: Double
    /// Why, for all but `done`.
    var reason: String?
    var code: String?
  }

  /// Starts a staged attempt once the machine is idle, on lasers and mills with a person's word, and follows it.
  ///
  /// - Parameter obstacle: why a printer does not take the file, where only lasers and mills do.
  mutating func start(_ attended: AttendedPrint, printersRefuse obstacle: Failure?) async throws {
    var follower = PrintFollower(
      driver: driver, attempt: attempt, name: name, start: .printersOnly(unless: obstacle), output: output)
    let end = try await end(of: &follower)
    guard case .consentWanted = end else {
      return try await finish(end, follower)
    }
    driver.connection.close()
    driver = try await driver.again()
    do {
      try await attended.agree(driver)
    } catch {
      await driver.end(force: true)
      throw error
    }
    let status = try await driver.status()
    follower = PrintFollower(
      driver: driver, attempt: attempt, name: name, start: .agreed, firmware: status.firmware, output: output)
    do {
      try await driver.ask(.start(attempt))
    } catch {
      await driver.end(force: true)
      throw error
    }
    try await finish(try await self.end(of: &follower, after: status.lastEvent), follower)
  }

  /// Follows what runs to the end, says what became of it, ends the driver. Throws for every end but a print that is done.
  mutating func follow(after sequence: Int64, firmware: String) async throws {
    var follower = PrintFollower(
      driver: driver, attempt: attempt, name: name, start: .running, firmware: firmware, output: output)
    try await finish(try await end(of: &follower, after: sequence), follower)
  }

  private func end(
    of follower: inout PrintFollower, after sequence: Int64 = 0
  ) async throws -> PrintFollower.End {
    do {
      return try await follower.follow(after: sequence)
    } catch {
      if follower.hasStarted, await hasEnded() { return .driverGone }
      await driver.end(force: true)
      throw error
    }
  }

  private mutating func finish(_ end: PrintFollower.End, _ follower: PrintFollower) async throws {
    switch end {
    case .consentWanted: return
    case .detached:
      driver.connection.close()
      let laser =
        AttendedPrint.isNeeded(follower.firmware) ? "; a laser pauses 10 s after nobody watches it" : ""
      throw Failure(
        code: "print.detached",
        sentence: "the print goes on: `fabline attach \(driver.place.name)` shows it\(laser)", status: .notNow
      )
    case .driverGone:
      if await hasEnded() { return try await takeOver(from: follower) }
      driver.connection.close()
      throw Failure(
        code: "driver.lost",
        sentence:
          "the driver (pid \(driver.connection.driver.pid)) lives and closed the connection; the print may go on: "
          + "`fabline attach \(driver.place.name)` takes it up. Its log: \(driver.place.log)",
        status: .internalError)
    case .ended(let outcome):
      if outcome.fault?.code == "attempt.driverDied", !deaths.isEmpty { throw try await givenUp(outcome) }
      try await report(
        outcome, seconds: follower.startedAt.map { Self.seconds(.now - $0) }, follower.recorderPath)
    }
  }

  /// Whether the process is over: a connection breaks a moment before that shows.
  private func hasEnded() async -> Bool {
    let ended = try? await Polling.until(seconds: 5) { driver.process.hasEnded ? true : nil }
    return ended ?? false
  }

  /// Three deaths in this time end it, as in the queue (safety.md rule 3).
  private static let mostDeaths = (count: 3, within: Duration.seconds(60))

  /// Another driver takes the dead one's print over, as in the queue: it asks the machine and goes on where nothing is missing, or
  /// ends it uncertain and switches off first (`PrinterDriver/Attempts/Adoption.swift`).
  private mutating func takeOver(from follower: PrintFollower) async throws {
    driver.connection.close()
    let death = "the driver \(driver.process.takeEnd().sentence) in mid-print"
    let now = ContinuousClock.now
    deaths = deaths.filter { now - $0 < Self.mostDeaths.within } + [now]
    let place = driver.place
    guard deaths.count < Self.mostDeaths.count, follower.hasStarted, let arguments = place.arguments else {
      throw try await Self.rescue(place, name: name, death: death, output: output)
    }
    Output.complain("\(death): another one is started, and asks the machine what it did")
    do {
      driver = try await DirectDriver.start(arguments, at: place)
    } catch {
      throw try await Self.rescue(place, name: name, death: death, output: output)
    }
    var next = PrintFollower(
      driver: driver, attempt: attempt, name: name, start: .running, firmware: follower.firmware,
      output: output)
    let end = try await end(of: &next)
    next.began(at: follower.startedAt)
    try await finish(end, next)
  }

  /// The words for a print that no driver could go on with; the machine is off when this returns, or they say that it is not.
  private func givenUp(_ outcome: AttemptOutcome) async throws -> Failure {
    let report = await DirectRescue(place: driver.place).switchOff(by: driver, outcome)
    let death = "its driver died in mid-print"
    let (summary, failure) = Self.afterDeath(name: name, death: death, report, log: driver.place.log)
    if output.json { try output.answer(summary) { _ in } }
    return failure
  }

  /// The failure of a print whose driver died: where it stood, and whether the machine is off now.
  static func rescue(
    _ place: DirectPlace, name: String, death: String, output: Output
  ) async throws -> Failure {
    Output.complain("\(death): another one is started, to switch the machine off")
    let report = await DirectRescue(place: place).run()
    let (summary, failure) = afterDeath(name: name, death: death, report, log: place.log)
    if output.json { try output.answer(summary) { _ in } }
    return failure
  }

  /// The words for it: one line with the place in the file, details from the dead driver's journal.
  static func afterDeath(
    name: String, death: String, _ report: DirectRescue.Report, log: String
  ) -> (Summary, Failure) {
    let progress = report.outcome?.progress
    let line = progress?.fileLine ?? 0
    let place = line > 0 ? " at line \(NumberText.grouped(line))" : ""
    let sentence = "\(progress?.name ?? name): uncertain\(place): \(death); \(report.words)"
    var details = [report.outcome?.fault?.sentence].compactMap { $0 }
    details.append("the driver's log is \(log)")
    let summary = Summary(
      file: progress?.name ?? name, port: report.port, outcome: word(.uncertain),
      lines: progress?.acknowledged ?? 0, fileLine: line, resends: progress?.resends ?? 0,
      seconds: Double(progress?.elapsed ?? 0), linesPerSecond: 0, reason: "\(death); \(report.words)",
      code: "driver.ended")
    return (
      summary,
      Failure(code: "driver.ended", sentence: sentence, status: .internalError, details: details)
    )
  }

  /// Takes an outcome that nobody saw yet.
  func report(_ outcome: AttemptOutcome, seconds: Double?, _ recorder: String? = nil) async throws {
    try await driver.ask(.acknowledgeOutcome(outcome.progress.attempt))
    await coolDown(outcome)
    let late = await afterLinkLoss(outcome)
    if !keep { await driver.end() } else { driver.connection.close() }
    let summary = summary(outcome, seconds: seconds)
    if outcome.kind == .done {
      if !keep { Folders.remove(driver.place.folder) }
      return try output.answer(summary) {
        $0.say(TextWidth.harmless(Self.sentence(outcome, seconds: seconds)))
      }
    }
    if output.json { try output.answer(summary) { _ in } }
    var failure = Self.failure(outcome, recorder: recorder)
    failure.details += late
    throw failure
  }

  /// How long a lost port is waited for, in seconds: a plug that was pulled is often put back at once.
  private static let linkPatience = 30.0

  /// What is still on behind a lost link is switched off where the port comes back soon (safety.md rule 3): a driver that
  /// reopens a laser or a mill resets it first, a printer is told here. What came of it, in words.
  private func afterLinkLoss(_ outcome: AttemptOutcome) async -> [String] {
    guard outcome.kind != .done, outcome.fault.map({ SysExit(faultCode: $0.code) }) == .linkLost,
      let phase = try? await driver.status().phase, Self.isAway(phase)
    else { return [] }
    let port = driver.connection.driver.port
    Output.complain("\(port) is waited for, to switch the machine off (Ctrl-C leaves it)")
    // Said: where opening resets the board, the driver waits for this word.
    _ = try? await driver.ask(.connect)
    let interrupted = Task {
      for await number in SignalInbox.shared.subscribe() where number == SIGINT { return }
    }
    let back = Task {
      try await Polling.until(seconds: Self.linkPatience) { () async throws -> DriverStatus? in
        let status = try await driver.status()
        return Self.isAway(status.phase) ? nil : status
      }
    }
    let waiting = Task {
      await interrupted.value
      back.cancel()
    }
    let found = try? await back.value
    interrupted.cancel()
    waiting.cancel()
    guard let status = found ?? nil else {
      return ["\(port) did not come back: look at the machine, and cut its power if something is on"]
    }
    if AttendedPrint.isNeeded(status.firmware) {
      return ["\(port) came back: beam and spindle were switched off"]
    }
    do {
      try await driver.switchOff()
      return ["\(port) came back: the heaters were switched off"]
    } catch {
      return ["\(port) came back, but the heaters could not be switched off: \(error.sentence)"]
    }
  }

  private static func isAway(_ phase: MachinePhase) -> Bool {
    [.disconnected, .opening, .handshaking, .linkLost].contains(phase)
  }

  /// A file that ends with a heater on is no reason to leave it on when nobody watches any more.
  private func coolDown(_ outcome: AttemptOutcome) async {
    guard !keep, outcome.kind == .done, let status = try? await driver.status(), status.phase == .idle else {
      return
    }
    guard status.heaters.contains(where: { $0.target > 0 }) else { return }
    // The last report may be older than the file's last line: asked again before anything is said of the file.
    _ = try? await driver.ask(.send(line: "M105"))
    guard let now = try? await driver.status() else { return }
    let hot = now.heaters.filter { $0.target > 0 }
    guard !hot.isEmpty else { return }
    // Where it fails, the driver's own end switches off.
    try? await driver.switchOff()
    let names = hot.map { "\($0.name) at \(NumberText.decimal($0.target, digits: 0)) °C" }.joined(
      separator: ", ")
    Output.complain("the file left \(names): switched off (--keep would leave it)")
  }

  private func summary(_ outcome: AttemptOutcome, seconds: Double?) -> Summary {
    let seconds = seconds ?? Double(outcome.progress.elapsed)
    let lines = outcome.progress.acknowledged
    return Summary(
      file: name, port: driver.connection.driver.port, outcome: Self.word(outcome.kind), lines: lines,
      fileLine: outcome.progress.fileLine, resends: outcome.progress.resends, seconds: seconds,
      linesPerSecond: seconds > 0 ? (Double(lines) / seconds * 10).rounded() / 10 : 0,
      reason: outcome.fault?.sentence, code: outcome.fault?.code)
  }

  /// `printed clip.gcode: 7,245 lines in 12 min, 10 lines/s, 0 resends`.
  static func sentence(_ outcome: AttemptOutcome, seconds: Double? = nil) -> String {
    let progress = outcome.progress
    switch outcome.kind {
    case .done:
      let seconds = seconds ?? Double(progress.elapsed)
      let rate =
        seconds > 0
        ? ", \(NumberText.grouped(Int64((Double(progress.acknowledged) / seconds).rounded()))) lines/s" : ""
      return "printed \(progress.name): \(NumberText.count(progress.acknowledged, "line")) in "
        + "\(DurationText.short(Int64(seconds.rounded())))\(rate), \(NumberText.count(progress.resends, "resend"))"
    case .failed, .cancelled, .uncertain:
      let place = progress.fileLine > 0 ? " at line \(NumberText.grouped(progress.fileLine))" : ""
      return "\(progress.name): \(word(outcome.kind))\(place)"
        + (outcome.fault.map { ": \($0.sentence)" } ?? "")
    }
  }

  static func failure(_ outcome: AttemptOutcome, recorder: String?) -> Failure {
    let status: SysExit =
      switch outcome.kind {
      case .done: .printed
      case .cancelled: .cancelled
      case .failed, .uncertain: outcome.fault.map { SysExit(faultCode: $0.code) } ?? .refused
      }
    return Failure(
      code: outcome.fault?.code ?? "print.\(word(outcome.kind))", sentence: sentence(outcome), status: status,
      details: recorder.map { ["the last lines both ways are in \($0)"] } ?? [])
  }

  static func word(_ kind: OutcomeKind) -> String {
    switch kind {
    case .done: "done"
    case .failed: "failed"
    case .cancelled: "cancelled"
    case .uncertain: "uncertain"
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + (Double(attoseconds) / 1e17).rounded() / 10
  }
}
