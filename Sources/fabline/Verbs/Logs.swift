import APIModel
import ArgumentParser

struct Logs: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows what happened, and with -f what happens.",
    discussion: """
      With --wire, the lines to and from the firmware: without -f the last few hundred, which are always kept; with \
      -f all of them, for as long as you watch.
      """)

  @Flag(name: .shortAndLong, help: "Go on with what comes, until Ctrl-C.") var follow = false
  @Option(help: "Only this machine.") var machine: MachineName?
  @Option(help: "Only this job.") var job: JobNumber?
  @Option(help: "Only since: 10m, 2h, 18:30, 2026-12-01T12:00.") var since: String?
  @Option(help: "At least: debug, info, notice, warning, error.") var level: Level?
  @Flag(help: "The lines on the wire; needs --machine.") var wire = false
  @OptionGroup var common: CommonOptions

  enum Level: String, ExpressibleByArgument, CaseIterable {
    case debug, info, notice, warning, error

    /// Whether an event of `other` is at least this bad; events without a level pass.
    func admits(_ other: String?) -> Bool {
      guard let other, let rank = Self.allCases.firstIndex(where: { $0.rawValue == other }),
        let own = Self.allCases.firstIndex(of: self)
      else { return true }
      return rank >= own
    }
  }

  func validate() throws {
    guard !wire || machine != nil else { throw ValidationError("--wire needs --machine.") }
  }

  func perform(_ context: Context) async throws {
    if wire, let machine { return try await showWire(machine.value, context) }
    let since = try since.map { text in
      guard let moment = Timestamp.typed(text, past: true) else {
        throw Failure.usage("--since \(text) is no time: 10m, 2h, 18:30, 2026-12-01T12:00")
      }
      return Timestamp.iso(moment)
    }
    let filter = LogFilter(machine: machine?.value, job: job?.value, since: since, level: level?.rawValue)
    try await context.withSupervisor { api in
      let page = try await api.logs(filter)
      if context.output.json, !follow { return try context.output.answer(page) { _ in } }
      for event in page.items { try show(event, context.output) }
      guard follow else { return }
      let last = page.items.last.map { "\($0.id)" }
      // Every change of state is written as a log line too: to ask for more shows it twice.
      try await api.events(machine: filter.machine, job: filter.job, kinds: ["log"], after: last) { event in
        if level?.admits(event.level) ?? true { try show(event, context.output) }
        return true
      }
    }
  }

  private func show(_ event: EventModel, _ output: Output) throws {
    if output.json {
      try output.line(event)
    } else {
      output.say(EventText.line(event, colour: output.standard.colour))
    }
  }

  private func showWire(_ machine: String, _ context: Context) async throws {
    guard follow else {
      let recorded = try await context.withSupervisor { try await $0.recorder(machine) }
      return try context.output.answer(recorded) { output in
        for line in recorded.lines { output.say(TextWidth.harmless(line)) }
      }
    }
    // The log is switched off again however this ends: it costs the driver's disk.
    try await context.withSupervisor { api in
      try await api.wireLog(machine, on: true)
      let watching = Task {
        try await api.events(machine: machine, kinds: ["wire"]) { event in
          try show(event, context.output)
          return true
        }
      }
      let signals = Task {
        for await _ in SignalInbox.shared.subscribe() {
          watching.cancel()
          return
        }
      }
      let end = await watching.result
      signals.cancel()
      try await api.wireLog(machine, on: false)
      if case .failure(let error) = end, !(error is CancellationError) { throw error }
    }
  }
}

/// Events as lines.
enum EventText {
  /// `2026-11-22T04:22:18.123+01:00 warning ender job 12: words`.
  static func line(_ event: EventModel, colour: Bool) -> String {
    var who = [event.machine, event.job.map { "job \($0)" }].compactMap { $0 }.joined(separator: " ")
    if !who.isEmpty { who += ": " }
    let level = event.level ?? (event.kind == "fault" ? "error" : event.kind)
    let painted =
      switch level {
      case "error": Colour.red.paint(level, on: colour)
      case "warning": Colour.yellow.paint(level, on: colour)
      default: level
      }
    return "\(Timestamp.logTime(event.at)) \(painted) \(TextWidth.harmless(who + words(event)))"
  }

  private static func words(_ event: EventModel) -> String {
    let parts = [event.state, event.message].compactMap { $0 }.filter { !$0.isEmpty }
    return parts.isEmpty ? event.kind : parts.joined(separator: ": ")
  }
}
