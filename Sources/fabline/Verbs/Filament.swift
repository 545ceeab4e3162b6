import APIModel
import ArgumentParser

/// What `load` and `unload` take.
struct FilamentOptions: ParsableArguments {
  @Option(help: "Which tool.") var tool = 0
  @Option(help: ArgumentHelp("Heat to this first; else the tool must be hot.", valueName: "celsius"))
  var temperature: Double?
  @Option(help: ArgumentHelp("How much filament.", valueName: "mm")) var length: Double?

  func request(_ act: String) -> ActRequest {
    var request = ActRequest(act: act)
    request.tool = tool
    request.toolTarget = temperature
    request.length = length
    return request
  }
}

struct Load: Verb {
  static let configuration = CommandConfiguration(abstract: "Heats and feeds filament in.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var filament: FilamentOptions
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      filament.request("load"), on: machine.value, context, done: "\(machine.value): filament loaded")
  }
}

struct Unload: Verb {
  static let configuration = CommandConfiguration(abstract: "Heats and takes filament out.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var filament: FilamentOptions
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      filament.request("unload"), on: machine.value, context, done: "\(machine.value): filament taken out")
  }
}

struct RunMacro: Verb {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a named macro of the machine's settings.")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "The macro's name.") var macro: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "run")
    act.text = macro
    try await MachineAct.perform(act, on: machine.value, context, done: "\(machine.value): \(macro) ran")
  }
}

struct Send: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Sends one line to the firmware and shows its answer.",
    discussion: "Refused while a job runs, where the line could spoil it. Example: fabline send ender M115")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "The line.") var words: [String]
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "send")
    act.text = words.joined(separator: " ")
    try await MachineAct.perform(act, on: machine.value, context, done: "ok")
  }
}

struct Answer: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Answers what the firmware asks.",
    discussion: "`fabline status MACHINE` shows the question and its choices.")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "The choice's number or words; none to go on.") var choice: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "answer")
    if let choice {
      let asking = try await context.withSupervisor { try await $0.machine(machine.value) }
      act.choice = try Self.index(of: choice, in: asking.prompt?.choices ?? [], machine: machine.value)
    }
    try await MachineAct.perform(act, on: machine.value, context, done: "\(machine.value): answered")
  }

  /// The choice's index, by number or by words, whatever their case.
  static func index(of choice: String, in choices: [String], machine: String) throws(Failure) -> Int {
    let words = choice.lowercased()
    if let index = choices.firstIndex(where: { $0.lowercased() == words }) { return index }
    if let index = Int(choice), choices.indices.contains(index) { return index }
    let list = choices.enumerated().map { "\($0) (\($1))" }.joined(separator: ", ")
    throw Failure.usage(
      choices.isEmpty
        ? "\(machine) asks nothing that has choices"
        : "\(machine) offers no choice \(choice): there are \(list)")
  }
}
