import APIModel
import ArgumentParser
import DeviceDiscovery

struct Ports: Verb {
  static let configuration = CommandConfiguration(
    abstract:
      "Lists the serial ports: what they are, whose they are, who holds them, what stands in the way.",
    discussion: """
      Nothing is opened. Which machine is at which port is known while fablined runs. With --host: the ports of that host, as \
      its fablined sees them.
      """)

  @Flag(help: "Also the computer's own ports, where hardly ever a printer is.") var all = false
  @Flag(
    name: [.customLong("follow"), .customShort("f")], help: "Goes on with what is plugged and unplugged.")
  var follow = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    guard try context.remoteAddress() == nil else { return try await performRemote(context) }
    // Listening begins before the list is shown: nothing is missed in between.
    let watch = follow ? DeviceWatch() : nil
    let list = watch?.list ?? .current()
    let answer = await Self.answer(list, all: all, context)
    if follow, context.output.json {
      for item in answer.items { try context.output.line(PortChange(change: "there", device: item)) }
    } else {
      try context.output.answer(answer) { PortText.show(answer, $0) }
    }
    guard let watch else { return }
    if !watch.hearsEvents { Output.complain("no udev runs here: changes are looked for once a second") }
    // A descriptor of -1 is none: it ends with the program.
    while let changes = watch.changes(orUntil: -1) {
      let now = await Self.answer(watch.list, all: all, context)
      for change in changes { try show(change, now, context.output) }
    }
  }

  /// What another host's supervisor says of its ports; it tells no changes.
  private func performRemote(_ context: Context) async throws {
    guard !follow else {
      throw Failure.usage("--follow hears what is plugged into this machine: run it on the host itself")
    }
    let (devices, machines) = try await context.withSupervisor { api in
      (try await api.devices().items, try await api.machines().items)
    }
    let answer = PortsAnswer(
      items: devices.filter { all || $0.usb != nil }, machines: Self.missing(machines), isBound: true)
    try context.output.answer(answer) { PortText.show(answer, $0) }
  }

  private func show(_ change: DeviceChange, _ answer: PortsAnswer, _ output: Output) throws {
    let word: String
    let device: DeviceModel
    switch change {
    case .gone(let gone):
      guard all || gone.usbID != nil else { return }
      word = "unplugged"
      device = DeviceModel(gone, path: gone.byID ?? gone.byPath ?? gone.node)
    case .came(let there), .changed(let there):
      guard let item = answer.items.first(where: { $0.node == there.node }) else { return }
      if case .came = change { word = "plugged" } else { word = "changed" }
      device = item
    }
    if output.json {
      try output.line(PortChange(change: word, device: device))
    } else {
      output.say("\(PortText.time()) \(word)  \(TextWidth.harmless(PortText.title(device)))")
      if word == "plugged" {
        for line in PortText.details(device, isBound: answer.isBound) { output.say(line) }
      }
    }
  }

  /// What is here, with what the supervisor knows of it where it answers.
  static func answer(_ devices: DeviceList, all: Bool, _ context: Context) async -> PortsAnswer {
    var answer = PortsAnswer(items: list(devices, all: all), machines: [], isBound: false)
    guard SocketProbe.connect(context.runFolder.supervisorSocket) == 0,
      let known = try? await context.withSupervisor({ api in
        (try await api.devices().items, try await api.machines().items)
      })
    else { return answer }
    answer.isBound = true
    answer.items = answer.items.map { item in
      known.0.first { $0.node == item.node }.map { item.joined(with: $0) } ?? item
    }
    answer.machines = missing(known.1)
    return answer
  }

  private static func missing(_ machines: [MachineModel]) -> [MissingMachine] {
    machines.compactMap { machine in
      guard let identity = machine.identity, identity.state == "gone" || identity.state == "doubtful" else {
        return nil
      }
      return MissingMachine(
        machine: machine.settings.name, state: identity.state,
        note: identity.note ?? "its device is not there")
    }
  }

  /// The ports that a printer may be at: on USB, or all with hardware; never the kernel's console.
  static func list(_ devices: DeviceList, all: Bool) -> [DeviceModel] {
    let survey = PortSurvey()
    return devices.devices.filter { !$0.isConsole && (all || $0.usbID != nil) }.map { device in
      var model = DeviceModel(device, path: devices.stablePath(of: device))
      let users = survey.users(of: device)
      model.users = users.map { PortUserModel(pid: $0.pid, program: $0.program, machine: $0.machine) }
      // Without the supervisor a driver of ours is taken for what it says it is.
      let machine = users.lazy.compactMap(\.machine).first
      model.obstacles = survey.obstacles(to: device, usedBy: users, machine: machine).map {
        ObstacleModel(kind: $0.kind.rawValue, sentence: $0.sentence, command: $0.command)
      }
      return model
    }
  }
}

/// What `ports --json` prints.
struct PortsAnswer: Codable, Equatable {
  /// The ports.
  var items: [DeviceModel]
  /// Machines whose device is not there, or in doubt.
  var machines: [MissingMachine]
  /// Whether fablined answered: without it nobody knows which machine is at which port.
  var isBound: Bool
}

/// A machine without a port.
struct MissingMachine: Codable, Equatable {
  /// Its name.
  var machine: String
  /// `gone` or `doubtful`.
  var state: String
  /// Why, and what to do.
  var note: String
}

/// A line of `ports --follow --json`.
struct PortChange: Codable, Equatable {
  /// `there`, `plugged`, `unplugged`, `changed`.
  var change: String
  /// The port.
  var device: DeviceModel
}

extension DeviceModel {
  /// A port as this computer shows it.
  init(_ device: SerialDevice, path: String) {
    self.init(node: device.node, path: path)
    byID = device.byID
    byPath = device.byPath
    vendor = device.vendorName
    product = device.productName
    chip = device.knownProduct
    usb = device.usbID
    serialNumber = device.serialNumber
    driver = device.driver
  }

  /// What the supervisor says of the port goes first: it is the one that opens it. Each sees the processes that it may.
  func joined(with known: DeviceModel) -> DeviceModel {
    var joined = self
    joined.machine = known.machine
    joined.obstacles = known.obstacles
    for user in known.users where !joined.users.contains(where: { $0.pid == user.pid }) {
      joined.users.append(user)
    }
    let held = obstacles.filter { $0.kind == "held" && !joined.obstacles.contains { $0.kind == "held" } }
    // A driver of ours at its own machine is no obstacle.
    if users.contains(where: { $0.machine == nil || $0.machine != known.machine }) {
      joined.obstacles += held
    }
    return joined
  }
}
