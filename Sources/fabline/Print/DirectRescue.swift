import DriverClient
import DriverInterface
import Glibc

/// What is done for a direct print whose driver died in mid-print and that is not gone on with (safety.md rule 3): another driver
/// takes its place, whose first act on the machine switches off.
///
/// The new driver finds the dead one's journal in the place's folder; that alone makes it switch off as soon as the firmware
/// answers. Where opening the port resets the board, the reset is itself the switch-off: firmwares boot with heaters, beam and
/// spindle off, and nothing is lost by it, since a print is never gone on with there. It may let go of a Z that
/// falls without power; a heater left on is worse.
struct DirectRescue {
  let place: DirectPlace

  /// What came of it.
  struct Report {
    /// Whether the firmware acknowledged that everything is off.
    var isOff: Bool
    /// Where the dead driver's attempt stood, as its journal and progress page tell.
    var outcome: AttemptOutcome?
    /// The port.
    var port: String
    /// Why it is not off, where it is not.
    var hindrance: String?
    /// What the machine has that could be on.
    var what = "the heaters"

    /// What a person has to know first.
    var words: String {
      isOff
        ? "another driver switched \(what) off"
        : "nothing could be switched off from here"
          + (hindrance.map { " (\($0))" } ?? "")
          + ": look at the machine, and cut its power if it is hot"
    }
  }

  /// How long the firmware has to answer: it may still execute what it has in its buffers.
  static let patience = 60.0

  /// Starts another driver at the place, waits until it has switched off, ends it.
  func run() async -> Report {
    var report = Report(isOff: false, port: place.name)
    let held = Task { await Self.holdSignals() }
    defer { held.cancel() }
    do {
      guard let arguments = place.arguments else {
        report.hindrance = "what its driver was told is not in \(place.argumentsFile)"
        return report
      }
      // Nobody follows what it would print: it is not to go on, but to switch off.
      let driver = try await DirectDriver.start(arguments + ["--resume-within", "0"], at: place)
      report.port = driver.connection.driver.port
      do {
        try await switchOff(driver, &report)
      } catch {
        report.hindrance = (error as? Failure)?.sentence ?? "\(error)"
      }
      await driver.end(force: true)
    } catch {
      report.hindrance = (error as? Failure)?.sentence ?? "\(error)"
    }
    return report
  }

  /// The same by a driver that has given the print up already, with what it said of it.
  func switchOff(by driver: DirectDriver, _ outcome: AttemptOutcome) async -> Report {
    var report = Report(isOff: false, outcome: outcome, port: driver.connection.driver.port)
    let held = Task { await Self.holdSignals() }
    defer { held.cancel() }
    do {
      try await switchOff(driver, &report)
    } catch {
      report.hindrance = (error as? Failure)?.sentence ?? "\(error)"
    }
    report.outcome = outcome
    await driver.end(force: true)
    return report
  }

  private func switchOff(_ driver: DirectDriver, _ report: inout Report) async throws {
    let reached = try await Polling.until(seconds: Self.patience) { () async throws -> DriverStatus? in
      let status = try await driver.status()
      return [.opening, .handshaking, .disconnected].contains(status.phase) || status.firmware.isEmpty
        ? nil : status
    }
    guard let status = reached else {
      let last = try await driver.status()
      report.outcome = last.outcomes.last
      report.hindrance = last.reason.isEmpty ? "the firmware does not answer" : last.reason
      return
    }
    report.outcome = status.outcomes.last
    if AttendedPrint.isNeeded(status.firmware) {
      // It was reset before it was greeted: that is how beam and spindle go off.
      report.what = "beam and spindle"
    } else {
      // What the driver does by itself on connecting comes first; the answer to this comes after it.
      try await driver.switchOff()
    }
    report.isOff = true
    for outcome in status.outcomes { try await driver.ask(.acknowledgeOutcome(outcome.progress.attempt)) }
  }

  /// Keeps Ctrl-C and a closed terminal from cutting this short; it ends by itself.
  private static func holdSignals() async {
    for await number in SignalInbox.shared.subscribe() where number == SIGINT {
      Output.complain("the machine is being switched off; this is not cut short")
    }
  }
}

extension DirectPlace {
  /// Where `print` writes what it told the driver, an argument a line, for whoever has to start another one.
  var argumentsFile: String { folder + "/arguments" }

  /// What the driver of this place was told; nil where no print was started here.
  var arguments: [String]? {
    var text: [UInt8] = []
    let pieces = FilePieces(path: argumentsFile).makeIterator()
    do {
      while let piece = try pieces.next() { text += piece }
    } catch {
      return nil
    }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let arguments = lines.dropLast().map(String.init)
    return arguments.isEmpty ? nil : arguments
  }

  /// Keeps what the driver is told.
  func keep(_ arguments: [String]) throws(Failure) {
    let descriptor = open(argumentsFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw Failure(
        code: "run.folder",
        sentence: "\(argumentsFile) cannot be written: \(String(cString: strerror(errno)))",
        status: .cannotStore)
    }
    defer { close(descriptor) }
    Output.write(arguments.map { $0 + "\n" }.joined(), to: descriptor)
  }
}
