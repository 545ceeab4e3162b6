import DriverInterface
import JobStore

/// A manual act on a machine.
public enum MachineAct: Equatable, Sendable {
  /// One that the driver composes.
  case manual(ManualAct)
  /// A named macro of the machine's settings.
  case macro(String)
  /// One line by hand.
  case send(String)
  /// The answer to the firmware's question.
  case answer(Int32?)
  /// Opens the port again; a driver that was given up is tried again.
  case connect
  /// Frees the port; the queue waits.
  case disconnect
  /// Leaves the killed state.
  case reset
  /// Leaves a GRBL alarm without homing.
  case unlock
  /// Runs a GRBL machine's homing cycle.
  case homeCycle
  /// Ends what runs by the safe ending.
  case stop

  /// What the history calls it; the same words as the command line's.
  var verb: String {
    switch self {
    case .manual(let act): act.verb
    case .macro: "run"
    case .send: "send"
    case .answer: "answer"
    case .connect: "connect"
    case .disconnect: "disconnect"
    case .reset: "reset"
    case .unlock: "unlock"
    case .homeCycle: "homeCycle"
    case .stop: "stop"
    }
  }

  /// For log and history.
  var words: String {
    switch self {
    case .manual(let act): act.words
    case .macro(let name): "ran macro \(name)"
    case .send(let line): "sent by hand: \(LogRecord.escaped(line))"
    case .answer(let choice): "answered the firmware\(choice.map { " with choice \($0)" } ?? "")"
    case .connect: "connect"
    case .disconnect: "disconnect"
    case .reset: "reset"
    case .unlock: "unlock"
    case .homeCycle: "homeCycle"
    case .stop: "stop"
    }
  }
}

extension Supervisor {
  /// Carries out a manual act; the lines that the firmware answered. The history says what came of it.
  public func act(_ act: MachineAct, on name: String, by: String) async throws -> [String] {
    let record = try await store.machine(name)
    note(act.words, by: by, machine: name)
    let at = surroundings.clock.wall()
    do {
      let lines = try await carryOut(act, on: record, by: by)
      await noteAct(act.verb, why: act.words, machine: name, by: by, at: at)
      return lines
    } catch {
      let why = "\(act.words); not done: \(Supervisor.sentence(of: error))"
      await noteAct(act.verb, why: why, machine: name, by: by, at: at)
      throw error
    }
  }

  /// Writes a row of history; where that fails the act was done all the same, and the log says so.
  func noteAct(_ verb: String, why: String, machine: String, by: String, at: Int64) async {
    do {
      try await store.noteAct(verb, why: why, machine: machine, by: by, at: at)
    } catch {
      log.error(
        "what \(by) did is not in the history: \(error.sentence)", metadata: ["machine": "\(machine)"])
    }
  }

  private func carryOut(_ act: MachineAct, on record: MachineRecord, by: String) async throws -> [String] {
    let name = record.name
    let keeper = try await keeper(name)
    switch act {
    case .manual(let manual): return try await lines(keeper.request(.act(manual), timeout: .seconds(300)))
    case .macro(let macro):
      guard let script = record.settings.macros[macro] else {
        throw HostError(code: "macro.unknown", sentence: unknownMacro(macro, of: record))
      }
      return try await lines(
        keeper.request(.act(.script(name: macro, lines: script)), timeout: .seconds(300)))
    case .send(let line): return try await lines(keeper.request(.send(line: line), timeout: .seconds(120)))
    case .answer(let choice): return try await lines(keeper.request(.answer(choice: choice)))
    case .connect:
      // First what is wanted, so that a driver that is just being started opens the port by itself.
      _ = try await store.connectMachine(name, by: by)
      await keeper.allowOpening()
      await keeper.tryAgain()
      guard await keeper.isAttached else { return [] }
      return try await lines(keeper.request(.connect))
    case .disconnect:
      let answer = await keeper.isAttached ? try await lines(keeper.request(.disconnect)) : []
      _ = try await store.disconnectMachine(name, by: by)
      return answer
    case .reset: return try await lines(keeper.request(.reset, timeout: .seconds(30)))
    case .unlock: return try await lines(keeper.request(.unlock, timeout: .seconds(30)))
    case .homeCycle: return try await lines(keeper.request(.homeCycle, timeout: .seconds(300)))
    case .stop: return try await stopRunning(record, keeper, by: by)
    }
  }

  /// Ends what runs there: the job of the queue, a print by hand, or a print from the card.
  private func stopRunning(_ record: MachineRecord, _ keeper: MachineKeeper, by: String) async throws
    -> [String]
  {
    let open = try await store.openAttempts(machine: record.name)
    if let stored = open.first {
      _ = try await cancel(stored.job, reason: "stopped at \(record.name) by \(by)", by: by)
      return []
    }
    let view = await keeper.view(record)
    if let running = view.status?.running {
      return try await lines(keeper.request(.cancel(running.attempt)))
    }
    if view.status?.phase == .printingNotOurs {
      return try await lines(keeper.request(.act(.sdPrint(.stop))))
    }
    throw HostError(
      code: "machine.notPrinting",
      sentence: "\(record.name) prints nothing; `fabline estop \(record.name)` stops it in an emergency.")
  }

  private func lines(_ reply: DriverReply) -> [String] {
    if case .lines(let lines) = reply { lines } else { [] }
  }

  private func unknownMacro(_ name: String, of record: MachineRecord) -> String {
    let known = record.settings.macros.keys.sorted().joined(separator: ", ")
    return "\(record.name) has no macro \(name)\(known.isEmpty ? "" : "; it has \(known)")."
  }
}

extension ManualAct {
  /// What the history calls it; the same words as the command line's.
  var verb: String {
    switch self {
    case .home: "home"
    case .jog: "jog"
    case .heatTool, .heatBed: "heat"
    case .cool: "cool"
    case .feedrate, .flow, .fan, .babystep: "tune"
    case .load: "load"
    case .unload: "unload"
    case .script: "run"
    case .sdPrint: "card"
    case .measure: "measure"
    case .zero: "zero"
    case .frame: "frame"
    }
  }

  /// For log and history.
  var words: String {
    switch self {
    case .home(let axes): "home \(axes.isEmpty ? "all" : axes)"
    case .jog(let x, let y, let z, let e, let feedrate, _): "jog X\(x) Y\(y) Z\(z) E\(e) F\(feedrate)"
    case .heatTool(let tool, let target): "heat T\(tool) to \(target)"
    case .heatBed(let target): "heat bed to \(target)"
    case .cool: "cool"
    case .feedrate(let percent): "speed \(percent) %"
    case .flow(let percent): "flow \(percent) %"
    case .fan(let speed): "fan \(speed)"
    case .babystep(let z): "baby-step Z\(z)"
    case .load(let tool, let target, let length): "load T\(tool) \(length) mm at \(target)"
    case .unload(let tool, let target, let length): "unload T\(tool) \(length) mm at \(target)"
    case .script(let name, _): "ran macro \(name)"
    case .sdPrint(let act): "print from card: \(act)"
    case .measure: "measured the firmware's buffers"
    case .zero(let axes): "zero \(axes.isEmpty ? "all" : axes)"
    case .frame(let attempt): "frame of attempt \(attempt)"
    }
  }
}
