import APIModel
import ArgumentParser

struct Console: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Talks to a machine's firmware line by line.",
    discussion: """
      Arrows, Home, End, Ctrl-A E K U W edit; Up and Down walk through earlier lines; Ctrl-D leaves. What the machine \
      says by itself is shown as it comes. In a pipe, each line is sent and its answer printed.
      """)

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await context.withSupervisor { api in
      // An unknown machine is said before anything is typed.
      let known = try await api.machine(machine.value)
      guard !common.json, let terminal = RawTerminal() else { return try await pipe(api, context) }
      defer { terminal.restore() }
      let firmware = known.firmware.map { " (\(TextWidth.harmless(MachineText.firmwareName($0))))" } ?? ""
      context.output.say("\(machine.value)\(firmware): \(MachineText.state(known)); Ctrl-D leaves")
      try await ConsoleSession(api: api, machine: machine.value, output: context.output).run()
    }
  }

  /// Without a terminal: a line in, its answer out; the first refusal ends it.
  private func pipe(_ api: SupervisorAPI, _ context: Context) async throws {
    while let line = readLine() {
      let line = line.trimmingBlanks()
      guard !line.isEmpty, !line.hasPrefix(";") else { continue }
      var act = ActRequest(act: "send")
      act.text = line
      let result = try await api.act(machine.value, act)
      if context.output.json { try context.output.line(result) }
      for words in result.lines { context.output.say(TextWidth.harmless(words)) }
    }
  }
}

/// The console on a terminal: one loop over keys, the machine's own words, and answers.
struct ConsoleSession {
  private enum Input: Sendable {
    case bytes([UInt8])
    case closed
    case event(EventModel)
    case answer(ActResult)
    case refused(String)
    case signal
  }

  let api: SupervisorAPI
  let machine: String
  let output: Output
  private let memory = ConsoleHistory()

  init(api: SupervisorAPI, machine: String, output: Output) {
    self.api = api
    self.machine = machine
    self.output = output
  }

  func run() async throws {
    let (inputs, sink) = AsyncStream<Input>.makeStream()
    let feeders = feed(sink)
    defer { for feeder in feeders { feeder.cancel() } }
    var editor = LineEditor(history: memory.load())
    defer { memory.save(editor.history) }
    draw(editor)
    for await input in inputs {
      switch input {
      case .bytes(let bytes):
        for order in editor.receive(bytes) where !carryOut(order, sink) { return }
      case .closed, .signal: return
      case .event(let event):
        if !isOwn(event) { above(EventText.line(event, colour: output.standard.colour)) }
      case .answer(let result):
        for line in result.lines { above(TextWidth.harmless(line)) }
        if result.lines.isEmpty, result.message == nil { above("ok") }
        if let message = result.message, !message.isEmpty { above(TextWidth.harmless(message)) }
      case .refused(let sentence):
        above(Colour.red.paint(TextWidth.harmless(sentence), on: output.standard.colour))
      }
      draw(editor)
    }
  }

  /// The log's line on what was typed here says nothing new; that of another person's console does.
  private func isOwn(_ event: EventModel) -> Bool {
    let user = RunFolder.environment("USER") ?? RunFolder.environment("LOGNAME") ?? "root"
    let message = event.message ?? ""
    return message.hasPrefix("sent by hand: ") && message.hasSuffix("{by=\(user)}")
  }

  private func feed(_ sink: AsyncStream<Input>.Continuation) -> [Task<Void, Never>] {
    let bytes = RawTerminal.bytes()
    let signals = SignalInbox.shared.subscribe()
    return [
      Task {
        for await piece in bytes { sink.yield(.bytes(piece)) }
        sink.yield(.closed)
      },
      Task { for await _ in signals { sink.yield(.signal) } },
      Task {
        // The console works without the machine's own words, too.
        try? await api.events(machine: machine, kinds: ["log", "fault", "prompt"]) { event in
          sink.yield(.event(event))
          return true
        }
      },
    ]
  }

  /// False where the console ends.
  private func carryOut(_ order: LineEditor.Order, _ sink: AsyncStream<Input>.Continuation) -> Bool {
    switch order {
    case .redraw: break
    case .line(let line):
      above(prompt + line)
      send(line.trimmingBlanks(), sink)
    case .interrupted: above(prompt + "^C (Ctrl-D leaves)")
    case .end:
      Output.write("\r\u{1B}[K", to: 1)
      return false
    case .clearScreen: Output.write("\u{1B}[H\u{1B}[2J", to: 1)
    }
    return true
  }

  /// Sends without waiting, so that typing and the machine's words go on: a blocking command answers late.
  private func send(_ line: String, _ sink: AsyncStream<Input>.Continuation) {
    guard !line.isEmpty else { return }
    Task {
      var act = ActRequest(act: "send")
      act.text = line
      do {
        sink.yield(.answer(try await api.act(machine, act)))
      } catch let failure as Failure {
        sink.yield(.refused(failure.sentence))
      } catch {
        sink.yield(.refused("\(error)"))
      }
    }
  }

  private var prompt: String { "\(machine)> " }

  private func above(_ line: String) {
    Output.write("\r\u{1B}[K" + line + "\n", to: 1)
  }

  /// One row, scrolled sideways where the line is longer.
  private func draw(_ editor: LineEditor) {
    let width = max(20, output.standard.width ?? 80)
    let room = width - TextWidth.cells(prompt) - 1
    var shown = Array(editor.line)
    var before = editor.cursorCells
    while before > room, let first = shown.first {
      before -= TextWidth.cells(first)
      shown.removeFirst()
    }
    let visible = TextWidth.truncated(TextWidth.harmless(String(shown)), to: room)
    let column = TextWidth.cells(prompt) + before
    Output.write("\r" + prompt + visible + "\u{1B}[K\r\u{1B}[\(max(1, column))C", to: 1)
  }
}
