import DriverInterface
import Foundation
import JobStore
import Supervisor

/// A machine's state in OctoPrint's words.
struct OctoState: Encodable {
  var text: String
  var flags: [String: Bool]

  init(_ machine: MachineView?) {
    self.init(
      phase: machine?.status?.phase, hasJob: machine?.status?.running != nil, reason: machine?.reason)
  }

  init(phase: MachinePhase?, hasJob: Bool, reason: String?) {
    let word: String =
      switch phase {
      case nil, .disconnected: "Offline"
      case .opening, .handshaking: "Connecting"
      case .idle: "Operational"
      case .printing, .resuming, .printingNotOurs: "Printing"
      case .pausing: "Pausing"
      case .paused, .needsAttention: hasJob ? "Paused" : "Operational"
      case .cancelling: "Cancelling"
      case .killed, .linkLost: "Error"
      }
    text = word == "Error" ? "Error: " + (reason ?? "see fabline status") : word
    let operational = !["Offline", "Connecting", "Error"].contains(word)
    flags = [
      "operational": operational, "printing": word == "Printing", "paused": word == "Paused",
      "pausing": word == "Pausing", "cancelling": word == "Cancelling", "error": word == "Error",
      "ready": word == "Operational", "closedOrError": !operational, "sdReady": false,
    ]
  }
}

/// `GET /api/printer`.
struct OctoPrinter: Encodable {
  struct Reading: Encodable {
    var actual: Double
    var target: Double
    var offset = 0
  }
  var state: OctoState
  var temperature: [String: Reading] = [:]
  var sd = ["ready": false]

  init(_ machine: MachineView?) {
    state = OctoState(machine)
    for heater in machine?.status?.heaters ?? [] {
      temperature[OctoPrinter.name(heater.name)] = Reading(actual: heater.current, target: heater.target)
    }
  }

  /// `T` and `T0` are `tool0`, `B` is the bed, `C` the chamber.
  private static func name(_ heater: String) -> String {
    switch heater.uppercased() {
    case "T", "T0": "tool0"
    case "B": "bed"
    case "C": "chamber"
    case let name where name.hasPrefix("T") && Int(name.dropFirst()) != nil: "tool" + name.dropFirst()
    default: heater.lowercased()
    }
  }
}

extension JSONValue {
  /// `GET /api/job`: every member is there, since clients ask for it by name; what is not known is null.
  static func octoJob(_ machine: MachineView?) -> JSONValue {
    let running = machine?.status?.running
    func number(_ value: Int64?) -> JSONValue { value.map { .number(Int($0)) } ?? .null }
    let share = running.flatMap { $0.size > 0 ? Double($0.byteOffset) * 100 / Double($0.size) : nil }
    let file: JSONValue = [
      "name": running.map { .text($0.name) } ?? .null, "path": running.map { .text($0.name) } ?? .null,
      "origin": running == nil ? .null : "local", "size": number(running?.size), "date": .null,
    ]
    let total = running.flatMap { running in running.remaining.map { $0 + running.elapsed } }
    return [
      "job": ["file": file, "estimatedPrintTime": number(total), "filament": .null, "user": .null],
      "progress": [
        "completion": share.map { .decimal($0) } ?? .null, "filepos": number(running?.byteOffset),
        "printTime": number(running?.elapsed), "printTimeLeft": number(running?.remaining),
      ],
      "state": .text(OctoState(machine).text),
    ]
  }
}

/// A stored file in `GET /api/files`.
struct OctoFile: Encodable {
  var name: String
  var path: String
  var display: String
  var size: Int64
  var date: Int64
  var hash: String
  var origin = "local"
  var type = "machinecode"
  var typePath = ["machinecode", "gcode"]

  init(_ file: FileRecord) {
    name = file.name
    path = file.name
    display = file.name
    size = file.size
    date = file.createdAt / 1000
    hash = file.hash
  }
}

/// `GET /api/files`.
struct OctoFiles: Encodable {
  var files: [OctoFile]
  var free: Int64
  var total: Int64
}
