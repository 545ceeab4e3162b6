import APIModel
import ArgumentParser
import CanonicalFile

struct Demo: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    abstract: "Prints a real sliced file on a virtual printer, through a supervisor with throw-away folders.",
    discussion: """
      Ends with a summary, and with whether what the virtual printer's firmware executed is the file: exit code 0 only \
      if it is. Leaves nothing behind.
      """)

  @Option(help: ArgumentHelp("How many times faster than life the printer is.", valueName: "factor"))
  var speed = 25.0
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard speed > 0, speed <= 10_000 else { throw ValidationError("--speed is above 0 and at most 10000.") }
  }

  func perform(_ context: Context) async throws {
    let stage = try DemoStage(speed: speed)
    let show = Task { try await DemoShow(stage: stage, output: context.output).run() }
    // A signal ends the show; the stage is cleared whatever happened.
    let signals = Task {
      for await _ in SignalInbox.shared.subscribe() { show.cancel() }
    }
    let result = await show.result
    await stage.clear()
    signals.cancel()
    switch result {
    case .success(let summary): try finish(summary, context.output)
    case .failure(let error) where error is CancellationError || show.isCancelled:
      throw Failure(code: "demo.cancelled", sentence: "the demo was cancelled", status: .cancelled)
    case .failure(let error): throw error
    }
  }

  private func finish(_ summary: DemoSummary, _ output: Output) throws {
    try output.answer(summary) { output in for line in summary.lines { output.say(line) } }
    guard summary.identical else {
      throw Failure(
        code: "demo.differs", sentence: "what the firmware executed is NOT the file", status: .internalError)
    }
  }
}

/// What the demo found.
struct DemoSummary: Codable, Equatable, Sendable {
  var file: String
  /// Commands of the file that the firmware executed.
  var executed: Int64
  /// The same, counted in the file.
  var expected: Int64
  /// Resends that the firmware asked for.
  var resends: Int64
  /// Of the print, in seconds of this computer.
  var seconds: Double
  var linesPerSecond: Double
  /// Of the raw file, by a reader that shares nothing with what sends it.
  var fileHash: String
  /// Of what the firmware executed, by the firmware's own record.
  var executedHash: String
  var identical: Bool

  var lines: [String] {
    [
      "\(NumberText.grouped(executed)) lines executed in \(NumberText.decimal(seconds)) s, "
        + "\(NumberText.grouped(Int64(linesPerSecond.rounded()))) lines/s, \(NumberText.count(resends, "resend"))",
      "  the file      \(NumberText.grouped(expected)) lines, hash \(fileHash)",
      "  the firmware  \(NumberText.grouped(executed)) lines, hash \(executedHash)",
      identical ? "what the firmware executed is the file" : "what the firmware executed is NOT the file",
    ]
  }

  /// Count and hash of the demo's file.
  static func canonical(_ text: String) -> (lines: Int64, hash: String) {
    var hash = CanonicalHash()
    hash.update(text.utf8)
    hash.finish()
    return (hash.lines, hash.hex)
  }
}
