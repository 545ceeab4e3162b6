import APIModel
import ArgumentParser

struct Connect: Verb {
  static let configuration = CommandConfiguration(abstract: "Opens the machine's port again.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "connect"), on: machine.value, context, done: "\(machine.value): connecting")
  }
}

struct Disconnect: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Frees the port for another program; the machine's jobs wait.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "disconnect"), on: machine.value, context,
      done: "\(machine.value): port free; `fabline connect \(machine.value)` takes it again")
  }
}

struct Reset: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Restarts the firmware: the way out after a kill or an emergency stop.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "reset"), on: machine.value, context, done: "\(machine.value): reset")
  }
}

struct Stop: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Ends what runs, safely: heaters off, lift, park.",
    discussion: "It waits for the moves under way. In an emergency: fabline estop MACHINE")

  @Argument(help: "A machine's name, or a job's number.") var target: Target
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    switch target {
    case .job:
      try await JobOrder.give("cancel", to: target, reason: "stop", context)
      context.output.say("in an emergency: fabline estop --all")
    case .machine(let name):
      let machine = try await context.withSupervisor { try await $0.machine(name) }
      let isFromCard = machine.job == nil && machine.phase == "printingNotOurs"
      // What the firmware does with its heaters then is its own: most switch them off.
      let done =
        isFromCard
        ? "the firmware was told to end its print; fabline cool \(name) makes sure that its heaters are off"
        : "the safe ending runs, heaters off"
      try await MachineAct.perform(
        ActRequest(act: isFromCard ? "stopSD" : "stop"), on: name, context, done: "\(name): \(done)")
      context.output.say("in an emergency: fabline estop \(name)")
    }
  }
}

struct Ready: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Says that the bed is clear and the machine may start.",
    discussion: """
      Names the job whose part was taken off. Give its number where you know it: then a part that came since is not \
      taken for the one you took off.
      """)

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "The job whose part you took off.") var job: JobNumber?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let (before, after, name) = try await context.withSupervisor { api in
      let before = try await api.connected(machine.value)
      let taken = job?.value ?? before.bedJob
      let after = try await api.ready(machine.value, ReadyRequest(job: taken))
      // Only for the words: the bed is clear whether or not the job's row can still be read.
      let name = if let taken { try? await api.job(taken).name } else { String?.none }
      return (before, after, name)
    }
    try context.output.answer(after) { output in
      var line = "\(machine.value) is ready"
      if let taken = job?.value ?? before.bedJob {
        line += ": job \(taken)" + (name.map { " (\($0))" } ?? "") + " was taken off"
      }
      output.say(TextWidth.harmless(line))
    }
  }
}

struct Status: Verb {
  static let configuration = CommandConfiguration(abstract: "Shows the supervisor and all machines, or one.")

  @Argument(help: "A machine's name, or a job's number.") var target: Target?
  @OptionGroup var common: CommonOptions

  /// What `--json` prints without a target.
  struct Answer: Codable {
    var supervisor: StatusModel
    var machines: [MachineModel]
  }

  func perform(_ context: Context) async throws {
    if let target { return try await Show.show(target, context) }
    let answer = try await context.withSupervisor { api in
      Answer(supervisor: try await api.status(), machines: try await api.machines().items)
    }
    try context.output.answer(answer) { output in
      let jobs = answer.supervisor.jobs.sorted { $0.key < $1.key }.filter { $0.value > 0 }
        .map { "\($0.value) \($0.key)" }
      output.say(
        "fablined \(answer.supervisor.version), pid \(answer.supervisor.pid), since "
          + Timestamp.local(answer.supervisor.startedAt) + ", state in \(answer.supervisor.stateFolder)")
      output.say("jobs: " + (jobs.isEmpty ? "none" : jobs.joined(separator: ", ")))
      for notice in StatusText.notices(answer.supervisor) { output.say(TextWidth.harmless(notice)) }
      guard !answer.machines.isEmpty else {
        return output.say("no machines: fabline machine add NAME --port PORT")
      }
      output.table(MachineText.table(answer.machines, unicode: output.standard.unicode))
    }
  }
}
