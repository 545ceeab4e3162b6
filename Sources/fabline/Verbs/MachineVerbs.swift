import APIModel
import ArgumentParser

struct Machine: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Lists, adds, changes, measures and removes machines.",
    subcommands: [
      MachineList.self, MachineAdd.self, MachineSet.self, MachineRemove.self, MachineDisable.self,
      MachineEnable.self, MachineMeasure.self, MachineProfile.self, MachineHomeCycle.self,
      MachineIdentify.self, MachineUdev.self,
    ],
    defaultSubcommand: MachineList.self)
}

struct MachineList: Verb {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the machines.")

  @Flag(help: "Only their names, a name a line.") var names = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let page = try await context.withSupervisor { try await $0.machines() }
    try context.output.answer(page) { output in
      if names {
        for machine in page.items { output.say(machine.settings.name) }
      } else if page.items.isEmpty {
        output.say("no machines: fabline machine add NAME --port PORT")
      } else {
        output.table(MachineText.table(page.items, unicode: output.standard.unicode))
      }
    }
  }
}

struct MachineAdd: Verb {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Adds a machine.",
    discussion: "Example: fabline machine add ender --port /dev/ttyUSB0 --baud 115200 --volume 220x220x250")

  @Argument(help: "Its name: letters, digits, - and _, not only digits.") var name: MachineName
  @Option(help: "Its port. The machine is bound to the device that is plugged in there, not to the name.")
  var port: String
  @OptionGroup var changes: MachineChanges
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var settings = MachineSettings(name: name.value, port: RunFolder.absolute(port))
    try changes.apply(to: &settings)
    let wanted = settings
    let machine = try await context.withSupervisor { try await $0.add(wanted) }
    try context.output.answer(machine) { output in
      output.say(
        "added \(machine.settings.name) on \(machine.settings.port) at \(machine.settings.baud) baud")
      for line in MachineText.device(machine) { output.say(line) }
      output.say("when its bed is clear and it may start: fabline ready \(machine.settings.name)")
    }
  }
}

struct MachineSet: Verb {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Changes a machine's settings.")

  @Argument(help: "The machine.") var name: MachineName
  @Option(help: "Its port: the machine is bound to the device that is plugged in there now.")
  var port: String?
  @OptionGroup var changes: MachineChanges
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let machine = try await context.withSupervisor { api in
      var settings = try await api.machine(name.value).settings
      if let port { settings.port = RunFolder.absolute(port) }
      try changes.apply(to: &settings)
      return try await api.set(settings, binds: port != nil)
    }
    try context.output.answer(machine) { output in
      output.say("changed \(machine.settings.name)")
      if port != nil { for line in MachineText.device(machine) { output.say(line) } }
    }
  }
}

struct MachineRemove: Verb {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes a machine; its history stays with its jobs.")

  @Argument(help: "The machine.") var name: MachineName
  @OptionGroup var common: CommonOptions

  /// What `--json` prints.
  struct Removed: Codable {
    var removed: String
  }

  func perform(_ context: Context) async throws {
    try await context.withSupervisor { try await $0.remove(name.value) }
    try context.output.answer(Removed(removed: name.value)) { $0.say("removed \(name.value)") }
  }
}

struct MachineDisable: Verb {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Keeps jobs away from a machine; what runs goes on.")

  @Argument(help: "The machine.") var name: MachineName
  @Argument(help: "Why; everybody sees it.") var reason: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let machine = try await context.withSupervisor { try await $0.disable(name.value, reason: reason) }
    try context.output.answer(machine) {
      $0.say("\(name.value) takes no jobs: \(TextWidth.harmless(reason))")
    }
  }
}

struct MachineEnable: Verb {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Lets a machine take jobs again.")

  @Argument(help: "The machine.") var name: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let machine = try await context.withSupervisor { try await $0.enable(name.value) }
    try context.output.answer(machine) { $0.say("\(name.value) takes jobs again") }
  }
}
