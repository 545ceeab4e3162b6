import Foundation

/// What is on the broker, and what has to go there: readings come in, messages go out, each only when it says something new.
///
///     PREFIX/status                          online, or offline by the last will
///     PREFIX/machines/NAME/phase             idle, printing, …
///     PREFIX/machines/NAME/reason            why, or nothing
///     PREFIX/machines/NAME/attention         ON where a person has to do something, else OFF
///     PREFIX/machines/NAME/job               the file that it prints, or nothing
///     PREFIX/machines/NAME/progress          percent, or nothing
///     PREFIX/machines/NAME/remaining         seconds, or nothing
///     PREFIX/machines/NAME/heaters/T0        °C to a tenth; and T0/target
///     PREFIX/machines/NAME/command           pause, resume or estop, where the configuration takes commands
public struct MachineTopics: Sendable {
  /// Before all topics.
  public let prefix: String
  /// Where Home Assistant looks for what there is; nil not to tell it.
  public let discovery: String?
  /// Commands are taken: Home Assistant is told of buttons.
  public let takesCommands: Bool
  private var kept: [String: String] = [:]

  /// Nothing is on the broker yet.
  public init(prefix: String, discovery: String?, takesCommands: Bool) {
    self.prefix = prefix
    self.discovery = discovery
    self.takesCommands = takesCommands
  }

  /// Where it stands whether the supervisor is there.
  public var statusTopic: String { prefix + "/status" }

  /// What all commands match.
  public var commandFilter: String { prefix + "/machines/+/command" }

  /// A command with its machine; nil for what is none.
  public func command(topic: String, payload: String) -> (machine: String, command: MachineCommand)? {
    let before = prefix + "/machines/"
    guard takesCommands, topic.hasPrefix(before), topic.hasSuffix("/command") else { return nil }
    let machine = topic.dropFirst(before.count).dropLast("/command".count)
    guard !machine.isEmpty, !machine.contains("/"), let command = MachineCommand(rawValue: payload) else {
      return nil
    }
    return (String(machine), command)
  }

  /// The broker may have forgotten everything: it is connected anew.
  public mutating func forget() { kept = [:] }

  /// The messages that bring the broker up to date, those that take machines away included.
  public mutating func update(_ machines: [MachineReading]) -> [BrokerMessage] {
    var wanted: [(String, String)] = []
    for machine in machines {
      if discovery != nil { wanted += descriptions(of: machine) }
      wanted += states(of: machine)
    }
    let topics = Set(wanted.map(\.0))
    var messages = wanted.filter { kept[$0.0] != $0.1 }.map { BrokerMessage(topic: $0.0, payload: $0.1) }
    // What was told of a machine that is gone is taken back.
    for topic in kept.keys.sorted() where !topics.contains(topic) && kept[topic] != "" {
      messages.append(BrokerMessage(topic: topic, payload: ""))
    }
    kept = Dictionary(wanted, uniquingKeysWith: { _, last in last })
    return messages
  }

  private func base(_ machine: MachineReading) -> String { "\(prefix)/machines/\(machine.name)" }

  private func states(of machine: MachineReading) -> [(String, String)] {
    let base = base(machine)
    var states = [
      ("\(base)/phase", machine.phase), ("\(base)/reason", machine.reason ?? ""),
      ("\(base)/attention", machine.needsPerson ? "ON" : "OFF"), ("\(base)/job", machine.job ?? ""),
      ("\(base)/progress", machine.percent.map(String.init) ?? ""),
      ("\(base)/remaining", machine.remaining.map(String.init) ?? ""),
    ]
    for heater in machine.heaters where MachineTopics.isLevel(heater.name) {
      states.append(("\(base)/heaters/\(heater.name)", MachineTopics.tenths(heater.current)))
      states.append(("\(base)/heaters/\(heater.name)/target", MachineTopics.tenths(heater.target)))
    }
    return states
  }

  /// A firmware names its heaters: a name becomes a level of a topic only where it can be one.
  static func isLevel(_ name: String) -> Bool {
    (1...16).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private static func tenths(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 100_000 else { return "" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}

/// What may be ordered over MQTT.
public enum MachineCommand: String, Sendable, CaseIterable {
  /// Pauses what the machine prints.
  case pause
  /// Goes on with it.
  case resume
  /// Stops the machine at once.
  case estop
}
