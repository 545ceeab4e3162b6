import Foundation
import JobStore

/// After the database was damaged: machines whose rows are lost, and whose drivers live.
extension Supervisor {
  /// Adds each machine again whose driver answers, with the settings that the driver was started with. What else people had
  /// set of it is lost, and told.
  func findMachines() async throws {
    let known = Set(try await store.machines().map(\.name))
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folders.driverSockets)) ?? []
    for name in names.sorted() where name.hasSuffix(".sock") {
      let machine = String(name.dropLast(5))
      guard !known.contains(machine), let living = try? await surroundings.host.adopt(machine: machine) else {
        continue
      }
      living.close()
      guard let settings = surroundings.startedWith(machine).flatMap(DriverOrder.settings) else { continue }
      do {
        _ = try await store.addMachine(settings, by: "fablined")
        log.warning(
          "found again by its driver, with the settings that one was started with: look at them",
          metadata: ["machine": "\(machine)"])
      } catch {
        log.error("cannot be added again: \(error.sentence)", metadata: ["machine": "\(machine)"])
      }
    }
  }
}

extension DriverOrder {
  /// The settings that an order's fingerprint tells of; nil where it names neither machine nor port.
  static func settings(_ fingerprint: String) -> MachineRecord.Settings? {
    var values: [String: String] = [:]
    var words = fingerprint.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    while let word = words.popFirst(), word.hasPrefix("--") {
      // An option's value never begins so: names, paths and numbers.
      if let value = words.first, !value.hasPrefix("--") {
        values[word] = value
        words = words.dropFirst()
      } else {
        values[word] = ""
      }
    }
    guard let name = values["--machine"], let port = values["--port"] else { return nil }
    var settings = MachineRecord.Settings(name: name, port: port)
    if let baud = values["--baud"].flatMap({ Int($0) }) { settings.baud = baud }
    if let limit = values["--max-tool"].flatMap({ Double($0) }) { settings.maxTool = limit }
    if let limit = values["--max-bed"].flatMap({ Double($0) }) { settings.maxBed = limit }
    let volume = values["--volume"]?.split(separator: ",").compactMap { Double($0) } ?? []
    if volume.count == 3 { settings.volume = volume }
    settings.holdsZ = values["--z-holds"] == "yes"
    settings.resetsOnOpen = values["--resets-on-open"].flatMap { ["yes": true, "no": false][$0] }
    settings.dialect = values["--dialect"].flatMap { $0 == "auto" ? nil : $0 }
    if let kinematics = values["--kinematics"] { settings.kinematics = kinematics }
    if let kind = values["--class"].flatMap(MachineRecord.Kind.init(rawValue:)) { settings.kind = kind }
    settings.hotEndOffAfter = values["--hot-end-off-after"].flatMap { Int($0) }
    settings.bedOffAfter = values["--bed-off-after"].flatMap { Int($0) }
    settings.standbyAfter = values["--standby-after"].flatMap { Int($0) }
    settings.allowM3 = values["--allow-m3"] != nil
    return settings
  }
}
