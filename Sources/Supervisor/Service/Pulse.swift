import DriverInterface
import JobStore

/// That everybody answered, and what the host does.
struct Pulse: Equatable, Sendable {
  /// What each machine prints, by machine.
  var prints: [Print] = []
  /// Jobs that wait for a machine or a person.
  var waiting = 0
  /// Who asked that no job starts.
  var drainedBy: String?
  /// What became of a damaged database.
  var isRescued = false

  /// One machine's print.
  struct Print: Equatable, Sendable {
    var machine: String
    var name: String
    var percent: Int?
  }

  /// Something prints or is paused: the host should stay up.
  var isWorking: Bool { !prints.isEmpty }

  /// One sentence for `systemctl status`.
  var sentence: String {
    var parts: [String] = []
    if prints.isEmpty {
      parts.append("nothing prints")
    } else {
      parts.append(prints.map(\.words).joined(separator: ", "))
    }
    if waiting > 0 { parts.append(waiting == 1 ? "1 job waits" : "\(waiting) jobs wait") }
    if let drainedBy { parts.append("no job starts, said \(drainedBy)") }
    if isRescued { parts.append("the database was damaged: see fabline status") }
    return parts.joined(separator: "; ")
  }
}

extension Pulse.Print {
  var words: String {
    "\(machine) prints" + (name.isEmpty ? "" : " " + name) + (percent.map { " (\($0) %)" } ?? "")
  }
}

extension Supervisor {
  /// Asks everybody on whom the service depends; nil before the machines are kept. Throws where the store does not answer.
  func pulse() async throws -> Pulse? {
    guard isKeeping else { return nil }
    try await store.answers()
    var pulse = Pulse()
    let counts = try await store.jobCounts()
    pulse.waiting = [JobRecord.State.queued, .held].reduce(0) { $0 + (counts[$1] ?? 0) }
    pulse.drainedBy = try await store.drain()?.by
    pulse.isRescued = store.damage != nil
    for name in keepers.keys.sorted() {
      guard let running = await keepers[name]?.status?.running else { continue }
      pulse.prints.append(Pulse.Print(machine: name, name: running.name, percent: running.percent))
    }
    return pulse
  }
}

extension AttemptProgress {
  /// Of the file's bytes; nil where its size is not known.
  fileprivate var percent: Int? { size > 0 ? Int(max(0, min(100, byteOffset * 100 / size))) : nil }
}
