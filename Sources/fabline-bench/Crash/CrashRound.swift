import Foundation
import SimulatedLink

/// One round: the deeds of a choice at their moments, then everything made whole again, as far as that is not Fabline's own task.
struct CrashRound {
  let stage: CrashStage
  let notebook: CrashNotebook
  var choice: CrashChoice
  /// What happened, with its time.
  private(set) var done: [String] = []
  /// What could not be done on this machine.
  private(set) var skipped: Set<String> = []
  /// An end of the supervisor by itself was to be expected.
  private(set) var supervisorMayEnd = false
  private let began = Clock.now

  /// A moment's work; equal times keep their order.
  private struct Moment {
    var at: Double
    var work: (inout CrashRound) throws -> Void
  }

  init(_ stage: CrashStage, _ notebook: CrashNotebook, _ choice: CrashChoice) {
    self.stage = stage
    self.notebook = notebook
    self.choice = choice
  }

  /// Does all of it.
  mutating func run() throws {
    var moments: [Moment] = []
    for (at, deed) in choice.deeds { moments += plan(deed, at) }
    moments.sort { $0.at < $1.at }
    for moment in moments {
      Clock.sleep(moment.at - (Clock.now - began))
      try moment.work(&self)
    }
    try mend()
  }

  private func plan(_ deed: CrashDeed, _ at: Double) -> [Moment] {
    func moment(_ time: Double, _ work: @escaping (inout CrashRound) throws -> Void) -> Moment {
      Moment(at: time, work: work)
    }
    switch deed {
    case .killSupervisor(let pause):
      return [moment(at) { $0.endSupervisor(SIGKILL) }, moment(at + pause) { try $0.startSupervisor() }]
    case .endSupervisor(let pause):
      return [moment(at) { $0.endSupervisor(SIGTERM) }, moment(at + pause) { try $0.startSupervisor() }]
    case .killSupervisorInARow(let times, let apart):
      return (0..<times).flatMap { time in
        [
          moment(at + Double(time) * apart) { $0.endSupervisor(SIGKILL) },
          moment(at + Double(time) * apart) { try $0.startSupervisor() },
        ]
      }
    case .killDriver(let machine): return [moment(at) { $0.endDriver(machine, SIGKILL) }]
    case .endDriver(let machine): return [moment(at) { $0.endDriver(machine, SIGTERM) }]
    case .killBoth(let machine, let driverFirst, let apart, let pause):
      return [
        moment(driverFirst ? at : at + apart) { $0.endDriver(machine, SIGKILL) },
        moment(driverFirst ? at + apart : at) { $0.endSupervisor(SIGKILL) },
        moment(at + apart + pause) { try $0.startSupervisor() },
      ]
    case .killAll(let pause):
      let drivers = stage.machines.indices.map { machine in
        moment(at) { $0.endDriver(machine, SIGKILL) }
      }
      return drivers + [
        moment(at) { $0.endSupervisor(SIGKILL) }, moment(at + pause) { try $0.startSupervisor() },
      ]
    case .unplug(let machine, let time):
      return [
        moment(at) { $0.on(machine, "unplugged") { $0.unplug() } },
        moment(at + time) { $0.on(machine, "plugged in") { $0.replug() } },
      ]
    case .switchOff(let machine, let time):
      return [
        moment(at) { $0.on(machine, "switched off") { $0.switchOff() } },
        moment(at + time) { try $0.switchOn(machine) },
      ]
    case .stopSupervisor(let time):
      return [
        moment(at) {
          $0.note("supervisor stopped"); $0.stage.signalSupervisor(SIGSTOP)
        },
        moment(at + time) {
          $0.note("supervisor continued"); $0.stage.signalSupervisor(SIGCONT)
        },
      ]
    case .stopDriver(let machine, let time):
      return [
        moment(at) { $0.endDriver(machine, SIGSTOP) }, moment(at + time) { $0.endDriver(machine, SIGCONT) },
      ]
    case .fillDisk(let time):
      return [moment(at) { $0.fillDisk() }, moment(at + time) { $0.freeDisk() }]
    case .jumpClock(let offset): return [moment(at) { try $0.jumpClock(offset) }]
    case .killClient(let after): return [moment(at) { try $0.killClient(after: after) }]
    }
  }

  // MARK: - Deeds

  private mutating func note(_ text: String) {
    done.append(String(format: "%4.0f ms  ", (Clock.now - began) * 1000) + text)
  }

  private mutating func endSupervisor(_ signal: Int32) {
    guard let end = stage.endSupervisor(signal) else {
      note("supervisor was not there, or did not end")
      return
    }
    note("supervisor \(signal == SIGKILL ? "killed" : "told to end"): \(end)")
  }

  private mutating func startSupervisor() throws {
    try stage.startSupervisor()
    note("supervisor started")
  }

  private mutating func endDriver(_ machine: Int, _ signal: Int32) {
    let place = stage.machines[machine]
    let pids = stage.drivers(of: place)
    for pid in pids { kill(pid, signal) }
    if signal == SIGKILL || signal == SIGTERM { stage.doomed.formUnion(pids) }
    let names: [Int32: String] = [
      SIGKILL: "killed", SIGTERM: "told to end", SIGSTOP: "stopped", SIGCONT: "continued",
    ]
    note("driver of \(place.name) \(pids) \(names[signal] ?? "")")
  }

  private mutating func on(_ machine: Int, _ what: String, _ act: (StageMachine) -> Void) {
    act(stage.machines[machine])
    note("\(stage.machines[machine].name) \(what)")
  }

  private mutating func switchOn(_ machine: Int) throws {
    guard stage.machines[machine].isOff else { return }
    try stage.machines[machine].start(isCold: true)
    note("\(stage.machines[machine].name) switched on")
  }

  private mutating func fillDisk() {
    guard stage.hasSmallDisk else {
      skipped.insert("full disk: mounting a small one needs root")
      return
    }
    stage.fillDisk()
    supervisorMayEnd = true
    note("disk full")
  }

  private mutating func freeDisk() {
    stage.freeDisk()
    note("disk has room")
  }

  private mutating func jumpClock(_ offset: Int) throws {
    guard stage.clockLibrary != nil else {
      skipped.insert("clock jumps: they want --clock-library (.ci/crash builds it)")
      return
    }
    try stage.setClock(offset)
    note("clock is \(offset) s off")
  }

  /// A client that dies somewhere between its start and its answer.
  private mutating func killClient(after: Double) throws {
    var person = CrashPerson(stage: stage, notebook: notebook, random: choice.person)
    let machine = stage.machines[Int.random(in: 0..<stage.machines.count, using: &person.random)]
    let submission = person.makeSubmission(for: machine)
    choice.person = person.random
    let path = "\(stage.folder)/\(submission.part.name)"
    try submission.part.text.write(toFile: path, atomically: false, encoding: .utf8)
    var words = [
      "submit", path, "--copies", "\(submission.copies)", "--idempotency-key", submission.key,
    ]
    if let name = submission.machine { words += ["--machine", name] }
    if let pool = submission.pool { words += ["--pool", pool] }
    let client = try StageProcess.start(
      stage.hostProgram("fabline"), words, environment: ["FABLINE_RUN": stage.run],
      log: stage.folder + "/client.log")
    let end = client.waitForEnd(seconds: after)
    if end == nil {
      kill(client.pid, SIGKILL)
      _ = client.waitForEnd(seconds: 5)
    }
    unlink(path)
    // Whatever became of it: the same key may be sent again, and must not give a second job.
    notebook.unsure.append(submission)
    note("client of \(submission.part.name) " + (end.map { "ended with \($0)" } ?? "killed"))
  }

  /// What is no program's task: room on the disk, cables, power, and somebody who starts the supervisor.
  private mutating func mend() throws {
    if stage.hasSmallDisk { stage.freeDisk() }
    stage.signalSupervisor(SIGCONT)
    for (index, machine) in stage.machines.enumerated() {
      machine.replug()
      if machine.isOff { try switchOn(index) }
      for pid in stage.drivers(of: machine) { kill(pid, SIGCONT) }
    }
    try stage.waitForSupervisor(mayEnd: supervisorMayEnd)
  }
}
