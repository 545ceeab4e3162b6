import Foundation
import Testing

@testable import Notices

/// What goes to a broker, and when.
@Suite struct MachineTopicsTests {
  private func reading(_ phase: String = "printing") -> MachineReading {
    var reading = MachineReading(name: "ender", phase: phase, needsPerson: false)
    reading.job = "bracket.gcode"
    reading.percent = 40
    reading.heaters = [
      .init(name: "T0", current: 209.96, target: 210), .init(name: "a/b#", current: 1, target: 1),
    ]
    return reading
  }

  private func topics(commands: Bool = false, discovery: String? = nil) -> MachineTopics {
    MachineTopics(prefix: "lab", discovery: discovery, takesCommands: commands)
  }

  @Test("Everything is told once, then only what changed, and everything again after a new connection")
  func changes() {
    var topics = topics()
    let first = topics.update([reading()])
    #expect(first.contains(BrokerMessage(topic: "lab/machines/ender/phase", payload: "printing")))
    #expect(first.contains(BrokerMessage(topic: "lab/machines/ender/heaters/T0", payload: "210.0")))
    #expect(first.contains(BrokerMessage(topic: "lab/machines/ender/remaining", payload: "")))
    #expect(first.count == 8)
    let same = topics.update([reading()])
    #expect(same.isEmpty)
    let changed = topics.update([reading("paused")])
    #expect(changed == [BrokerMessage(topic: "lab/machines/ender/phase", payload: "paused")])
    topics.forget()
    let again = topics.update([reading("paused")])
    #expect(again.count == 8)
  }

  @Test("A machine that is removed is taken back from the broker")
  func removed() {
    var topics = topics(discovery: "homeassistant")
    let told = topics.update([reading()])
    let taken = topics.update([])
    let kept = told.filter { !$0.payload.isEmpty }.map(\.topic).sorted()
    #expect(taken.map(\.topic) == kept && taken.allSatisfy { $0.payload.isEmpty })
  }

  @Test(
    "A heater's name is a level of a topic only where it can be one", arguments: ["", "a/b", "+", "#", "열"])
  func levels(_ name: String) { #expect(!MachineTopics.isLevel(name)) }

  @Test("Home Assistant is told of a device with its entities, of buttons only where commands are taken")
  func discovery() throws {
    var quiet = topics(discovery: "ha")
    let told = quiet.update([reading()]).filter { $0.topic.hasPrefix("ha/") }
    #expect(told.count == 6 && told.allSatisfy { $0.topic.hasSuffix("/config") })
    var identifiers: Set<String> = []
    for message in told {
      let entity = try #require(
        try JSONSerialization.jsonObject(with: Data(message.payload.utf8)) as? [String: Any])
      #expect(entity["availability_topic"] as? String == "lab/status")
      #expect((entity["state_topic"] as? String)?.hasPrefix("lab/machines/ender/") == true)
      #expect(((entity["device"] as? [String: Any])?["identifiers"] as? [String]) == ["lab_ender"])
      identifiers.insert(entity["unique_id"] as? String ?? "")
    }
    #expect(identifiers.count == told.count)
    var commanded = topics(commands: true, discovery: "ha")
    let buttons = commanded.update([reading()]).filter { $0.topic.hasPrefix("ha/button/") }
    #expect(buttons.count == MachineCommand.allCases.count)
  }

  @Test("Commands are words on the command topic, and only where they are taken")
  func commands() {
    let open = topics(commands: true)
    #expect(open.command(topic: "lab/machines/ender/command", payload: "estop")?.command == .estop)
    #expect(open.command(topic: "lab/machines/ender/command", payload: "estop")?.machine == "ender")
    for (topic, payload) in [
      ("lab/machines/ender/command", "G28"), ("lab/machines/a/b/command", "estop"),
      ("lab/machines//command", "estop"), ("other/machines/ender/command", "estop"),
      ("lab/machines/ender/phase", "estop"),
    ] {
      #expect(open.command(topic: topic, payload: payload) == nil)
    }
    #expect(topics().command(topic: "lab/machines/ender/command", payload: "estop") == nil)
  }
}
