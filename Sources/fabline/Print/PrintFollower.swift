import DriverClient
import DriverInterface
import Glibc

/// Follows one attempt of a direct print: shows it, listens to the person, ends with what became of it.
struct PrintFollower {
  /// What comes in, in one stream.
  private enum Input: Sendable {
    case event(DriverEvent)
    case driverGone
    case signal(Int32)
    case key(UInt8)
    case tick
  }

  /// How following ended.
  enum End: Sendable {
    /// The attempt ended.
    case ended(AttemptOutcome)
    /// The person left, the print goes on.
    case detached
    /// The driver is gone.
    case driverGone
    /// The machine cuts or burns: a person has to agree before the start.
    case consentWanted
  }

  /// What was agreed before the start.
  enum Start: Sendable {
    /// It runs already.
    case running
    /// A printer starts as soon as it is idle, unless the file is none for printers; whatever cuts or burns does not.
    case printersOnly(unless: Failure?)
    /// A person agreed, and the driver was told.
    case agreed
  }

  let driver: DirectDriver
  let attempt: AttemptID
  let output: Output
  private var view: PrintView
  private var progress: ProgressView
  private var conversation = PrintConversation()
  private var started: Bool
  private let start: Start
  private var isConsentWanted = false
  /// What the firmware called itself when it connected.
  private(set) var firmware = ""
  /// When the first line left, where this follower saw it: greeting and waiting for the board are not printing.
  private(set) var startedAt: ContinuousClock.Instant?
  private var recorder: String?
  private var baud: Int32 = 0
  private var firmwareWords = FirmwareWords()

  /// Follows an attempt that runs already, or starts it as soon as the machine is idle.
  init(
    driver: DirectDriver, attempt: AttemptID, name: String, start: Start, firmware: String = "",
    output: Output
  ) {
    self.firmware = firmware
    self.driver = driver
    self.attempt = attempt
    self.output = output
    self.start = start
    let started = if case .running = start { true } else { false }
    self.started = started
    view = PrintView(name: name, phase: started ? "printing" : "opening")
    progress = ProgressView(json: output.json)
  }

  /// Follows until the end. Throws `Failure` where the print never started.
  mutating func follow(after sequence: Int64 = 0) async throws -> End {
    let keys = KeyReader()
    defer { keys.restore() }
    let (inputs, sink) = AsyncStream<Input>.makeStream()
    let feeders = feed(sink, keys)
    defer { for feeder in feeders { feeder.cancel() } }
    try await driver.ask(.subscribe(after: sequence))
    for await input in inputs {
      if let end = try await take(input) {
        progress.finish()
        return end
      }
    }
    return .detached
  }

  /// Whether the attempt runs, as far as this follower saw.
  var hasStarted: Bool { started }

  /// Takes over when the print began from the follower before.
  mutating func began(at time: ContinuousClock.Instant?) { startedAt = time ?? startedAt }

  /// Where the flight recorder was written, if it was.
  var recorderPath: String? { recorder }

  private func feed(_ sink: AsyncStream<Input>.Continuation, _ keys: KeyReader) -> [Task<Void, Never>] {
    let events = driver.connection.events
    let signals = SignalInbox.shared.subscribe()
    return [
      Task {
        for await event in events { sink.yield(.event(event)) }
        if !Task.isCancelled { sink.yield(.driverGone) }
      },
      Task { for await number in signals { sink.yield(.signal(number)) } },
      Task { for await key in keys.keys { sink.yield(.key(key)) } },
      Task {
        while (try? await Task.sleep(for: .milliseconds(500))) != nil { sink.yield(.tick) }
      },
    ]
  }

  private mutating func take(_ input: Input) async throws -> End? {
    switch input {
    case .event(let event):
      if let outcome = try await take(event.kind) {
        progress.show(view)
        return .ended(outcome)
      }
      if isConsentWanted {
        progress.clear()
        return .consentWanted
      }
    case .driverGone: return .driverGone
    case .signal(SIGINT): return try await carryOut(conversation.interrupted(now: Timestamp.now()))
    case .signal: return try await carryOut(conversation.hungUp())
    case .key(let key): return try await carryOut(conversation.pressed(key, now: Timestamp.now()))
    case .tick: return try await carryOut(conversation.tick(now: Timestamp.now()))
    }
    progress.show(view)
    return nil
  }

  private mutating func take(_ event: DriverEventKind) async throws -> AttemptOutcome? {
    view.take(event)
    switch event {
    case .phase(let phase, let reason): try await phaseChanged(phase, reason)
    case .started(attempt, _):
      started = true
      startedAt = .now
    case .message(let words): if let note = firmwareWords.note(words) { progress.note(note) }
    case .fault(let fault):
      if !started, fault.scope != .line { throw beforeStart(fault) }
      progress.note(fault.sentence)
    case .prompt(let prompt): prompted(prompt)
    case .firmwareReset: progress.note("the firmware restarted")
    case .recorderDumped(let path): recorder = path
    case .ended(let outcome) where outcome.progress.attempt == attempt: return outcome
    case .opened(let asked, _): baud = asked
    case .connected(let name): firmware = name
    case .link(.glitch(let gap)): progress.note("the link was away for \(gap) ms; the print goes on")
    case .started, .ended, .progress, .heaters, .resend, .wire, .link, .openingResets: break
    }
    return nil
  }

  /// What kept the print from its start.
  private func beforeStart(_ fault: Fault) -> Failure {
    Failure(fault, port: driver.connection.driver.port).askingSpeed(Int(baud), option: "--baud")
  }

  private mutating func phaseChanged(_ phase: MachinePhase, _ reason: String) async throws {
    guard !started else {
      if phase == .needsAttention, !reason.isEmpty { progress.note("needs attention: \(reason)") }
      return
    }
    switch phase {
    case .idle: try await startOrAsk()
    case .printingNotOurs:
      throw Failure(
        code: "machine.printingNotOurs",
        sentence:
          "the machine on \(driver.connection.driver.port) prints from its SD card; that print is not ours to break",
        status: .refused)
    case .killed:
      throw Failure(
        code: "firmware.killed",
        sentence: reason.isEmpty ? "the firmware has stopped itself: switch the machine off and on" : reason,
        status: .refused)
    case .linkLost:
      throw Failure(
        code: "link.lost",
        sentence: reason.isEmpty ? "the link to \(driver.connection.driver.port) was lost" : reason,
        status: .linkLost)
    case .disconnected, .opening, .handshaking, .printing, .pausing, .paused, .resuming, .cancelling,
      .needsAttention:
      break
    }
  }

  private mutating func startOrAsk() async throws {
    guard case .printersOnly(let obstacle) = start else { return }
    if AttendedPrint.isNeeded(try await driver.status().firmware) {
      isConsentWanted = true
    } else if let obstacle {
      throw obstacle
    } else {
      try await driver.ask(.start(attempt))
    }
  }

  private mutating func prompted(_ prompt: FirmwarePrompt?) {
    conversation.choices = prompt?.choices.count
    guard let prompt else { return }
    progress.note("the firmware asks: \(prompt.text)")
    for (index, choice) in prompt.choices.enumerated() { progress.note("  \(index): \(choice)") }
    progress.note(prompt.choices.isEmpty ? "press Return to go on" : "press the choice's number")
  }

  private mutating func carryOut(_ order: PrintConversation.Order) async throws -> End? {
    switch order {
    case .nothing: progress.show(view)
    case .ask:
      progress.note(
        "cancel the print? Ctrl-C again within 5 s cancels it safely, d detaches and leaves it printing, any other key goes on"
      )
    case .goOn: progress.note("the print goes on")
    case .cancel:
      guard started else { throw cancelledBeforeStart }
      progress.note(
        AttendedPrint.isNeeded(firmware)
          ? "cancelling: beam and spindle off" : "cancelling: heaters off, lift, park")
      try await driver.ask(.cancel(attempt))
    case .explain:
      progress.note(
        "the safe ending runs and is not cut short; in an emergency: fabline estop \(driver.place.name)")
    case .detach:
      guard started else { throw cancelledBeforeStart }
      return .detached
    case .answer(let choice): try await driver.ask(.answer(choice: choice))
    }
    return nil
  }

  private var cancelledBeforeStart: Failure {
    Failure(code: "print.cancelled", sentence: "cancelled before the print began", status: .cancelled)
  }
}
