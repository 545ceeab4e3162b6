import Foundation

/// What Home Assistant is told of each machine: a device with its entities.
///
/// The form is home-assistant.io/integrations/mqtt, "MQTT discovery".
extension MachineTopics {
  /// One entity; members that are nil stay out.
  private struct Entity: Encodable {
    struct Device: Encodable {
      var identifiers: [String]
      var name: String
      var manufacturer = "Fabline"
    }
    var name: String
    var uniqueId: String
    var stateTopic: String?
    var commandTopic: String?
    var payloadPress: String?
    var availabilityTopic: String
    var deviceClass: String?
    var unitOfMeasurement: String?
    var stateClass: String?
    var icon: String?
    var device: Device
  }

  func descriptions(of machine: MachineReading) -> [(String, String)] {
    let base = "\(prefix)/machines/\(machine.name)"
    var entities = [
      described(machine, "sensor", "phase", "Phase") {
        $0.stateTopic = "\(base)/phase"
        $0.icon = "mdi:printer-3d"
      },
      described(machine, "binary_sensor", "attention", "Needs a person") {
        $0.stateTopic = "\(base)/attention"
        $0.deviceClass = "problem"
      },
      described(machine, "sensor", "job", "Job") { $0.stateTopic = "\(base)/job" },
      described(machine, "sensor", "progress", "Progress") {
        $0.stateTopic = "\(base)/progress"
        $0.unitOfMeasurement = "%"
        $0.stateClass = "measurement"
      },
      described(machine, "sensor", "remaining", "Time left") {
        $0.stateTopic = "\(base)/remaining"
        $0.deviceClass = "duration"
        $0.unitOfMeasurement = "s"
      },
    ]
    for heater in machine.heaters where MachineTopics.isLevel(heater.name) {
      let title = heater.name == "B" ? "Bed" : heater.name == "C" ? "Chamber" : "Tool \(heater.name)"
      entities.append(
        described(machine, "sensor", "heater_\(heater.name)", title) {
          $0.stateTopic = "\(base)/heaters/\(heater.name)"
          $0.deviceClass = "temperature"
          $0.unitOfMeasurement = "°C"
          $0.stateClass = "measurement"
        })
    }
    guard takesCommands else { return entities }
    for command in MachineCommand.allCases {
      let title = command == .estop ? "Emergency stop" : command.rawValue.capitalized
      entities.append(
        described(machine, "button", command.rawValue, title) {
          $0.commandTopic = "\(base)/command"
          $0.payloadPress = command.rawValue
        })
    }
    return entities
  }

  private func described(
    _ machine: MachineReading, _ kind: String, _ key: String, _ title: String, _ fill: (inout Entity) -> Void
  ) -> (String, String) {
    // Two supervisors at one broker have prefixes of their own, and so identifiers.
    let node = "\(prefix)_\(machine.name)".map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    let identifier = String(node)
    var entity = Entity(
      name: title, uniqueId: "\(identifier)_\(key)", availabilityTopic: statusTopic,
      device: .init(identifiers: [identifier], name: machine.name))
    fill(&entity)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = (try? encoder.encode(entity)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return ("\(discovery ?? "")/\(kind)/\(identifier)/\(key)/config", json)
  }
}
