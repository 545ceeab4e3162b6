import APIModel
import ArgumentParser

/// What the verbs at a machine have in common: one act, and the firmware's words.
enum MachineAct {
  /// Sends the act and shows what came back; `done` where nothing did.
  static func perform(
    _ act: ActRequest, on machine: String, _ context: Context, done: String
  ) async throws {
    let result = try await context.withSupervisor { try await $0.act(machine, act) }
    try context.output.answer(result) { output in
      for line in result.lines { output.say(TextWidth.harmless(line)) }
      if let message = result.message, !message.isEmpty {
        output.say(TextWidth.harmless(message))
      } else if result.lines.isEmpty {
        output.say(done)
      }
    }
  }
}

struct Heat: Verb {
  static let configuration = CommandConfiguration(abstract: "Sets temperatures, within the machine's limits.")

  @Argument(help: "The machine.") var machine: MachineName
  @Option(help: ArgumentHelp("The hot end's, in °C.", valueName: "celsius")) var tool: Double?
  @Option(help: ArgumentHelp("The bed's, in °C.", valueName: "celsius")) var bed: Double?
  @Option(help: "Which tool.") var index = 0
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard tool != nil || bed != nil else { throw ValidationError("Say --tool, --bed or both.") }
  }

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "heat")
    act.tool = index
    act.toolTarget = tool
    act.bedTarget = bed
    let words = [
      tool.map { "T\(index) to \(NumberText.decimal($0)) °C" },
      bed.map { "bed to \(NumberText.decimal($0)) °C" },
    ]
    let done = "\(machine.value): " + words.compactMap { $0 }.joined(separator: ", ")
    try await MachineAct.perform(act, on: machine.value, context, done: done)
  }
}

struct Cool: Verb {
  static let configuration = CommandConfiguration(abstract: "Switches all heaters off.")

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "cool"), on: machine.value, context, done: "\(machine.value): heaters off")
  }
}

struct Home: Verb {
  static let configuration = CommandConfiguration(abstract: "Homes axes.")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "Letters out of XYZ; all without.") var axes = ""
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard axes.uppercased().allSatisfy({ "XYZ".contains($0) }) else {
      throw ValidationError("'\(axes)' holds a letter that is no axis: X, Y and Z are.")
    }
  }

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "home")
    act.axes = axes.uppercased()
    try await MachineAct.perform(act, on: machine.value, context, done: "\(machine.value): homed")
  }
}

struct Jog: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Moves a little from where the tool stands.",
    discussion: "Example: fabline jog ender x10 y-5.5 z0.2")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "Letters X, Y, Z or E with millimetres.") var moves: [String]
  @Option(help: "In mm/min.") var feedrate = 3000.0
  @Flag(help: "Also along axes that are not homed.") var unhomed = false
  @OptionGroup var common: CommonOptions

  func validate() throws { _ = try Self.parse(moves) }

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "jog")
    act.move = try Self.parse(moves)
    act.feedrate = feedrate
    act.unhomed = unhomed
    try await MachineAct.perform(act, on: machine.value, context, done: "\(machine.value): moved")
  }

  /// Millimetres by lower-case letter.
  static func parse(_ words: [String]) throws -> [String: Double] {
    var move: [String: Double] = [:]
    for word in words {
      let letter = word.prefix(1).lowercased()
      guard "xyze".contains(letter), let value = Double(word.dropFirst()), value.isFinite else {
        throw ValidationError("'\(word)' is no move: write x10, y-5.5 or z0.2.")
      }
      guard move.updateValue(value, forKey: letter) == nil else {
        throw ValidationError("'\(letter)' is given twice.")
      }
    }
    guard !move.isEmpty else { throw ValidationError("Say where to: x10, y-5.5 or z0.2.") }
    return move
  }
}

struct Tune: Verb {
  static let configuration = CommandConfiguration(abstract: "Changes speed, flow, fan or Z while it prints.")

  @Argument(help: "The machine.") var machine: MachineName
  @Option(help: ArgumentHelp("Speed override.", valueName: "percent")) var speed: Int?
  @Option(help: ArgumentHelp("Flow override.", valueName: "percent")) var flow: Int?
  @Option(help: ArgumentHelp("Part fan, 0 to 100.", valueName: "percent")) var fan: Int?
  @Option(help: ArgumentHelp("Shift Z by this much.", valueName: "mm")) var babystep: Double?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard speed != nil || flow != nil || fan != nil || babystep != nil else {
      throw ValidationError("Say --speed, --flow, --fan or --babystep.")
    }
    if let fan, !(0...100).contains(fan) { throw ValidationError("--fan is 0 to 100 percent.") }
  }

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "tune")
    act.speed = speed
    act.flow = flow
    act.fan = fan.map { ($0 * 255 + 50) / 100 }
    act.babystep = babystep
    try await MachineAct.perform(act, on: machine.value, context, done: "\(machine.value): tuned")
  }
}
