import Foundation
import JobStore
import Logging

/// What a machine's keeper works with; shared by all of them.
struct Surroundings: Sendable {
  let store: JobStore
  let host: any DriverHost
  let hub: EventHub
  let folders: Folders
  let clock: HostClock
  let log: Logger
  /// Something changed that may let a job start.
  let changed: @Sendable () -> Void

  func publish(_ event: HostEvent) { hub.publish(event) }

  /// Where it stands how far a machine's events were taken in.
  func seenPath(_ machine: String) -> String { "\(folders.driverState(machine))/seen" }

  /// Makes the folder for what is known of a machine's driver.
  func makeFolder(of machine: String) {
    try? FileManager.default.createDirectory(
      atPath: folders.driverState(machine), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o750])
  }

  /// Whether a driver runs with other settings than these; not where nobody noted what it was started with.
  func isStale(_ settings: MachineRecord.Settings, _ port: MachinePort) -> Bool {
    guard let noted = startedWith(settings.name) else { return false }
    return noted != DriverOrder(settings, folders: folders, port: port).fingerprint
  }

  private func fingerprintPath(_ machine: String) -> String { "\(folders.driverState(machine))/started-with" }

  /// Notes what a driver was started with, for a supervisor that adopts it.
  func write(fingerprint: String, of machine: String) {
    try? Data(fingerprint.utf8).write(to: URL(fileURLWithPath: fingerprintPath(machine)), options: .atomic)
  }

  /// What a machine's driver was started with, as `write(fingerprint:of:)` noted it.
  func startedWith(_ machine: String) -> String? {
    FileManager.default.contents(atPath: fingerprintPath(machine)).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Lets so many through at once and so many a second from then on.
struct TokenBucket: Equatable, Sendable {
  private let capacity: Double
  private let perSecond: Double
  private var tokens: Double
  private var last: Int64?
  /// How many were held back since one was let through.
  private(set) var heldBack = 0

  init(capacity: Double, perSecond: Double) {
    self.capacity = capacity
    self.perSecond = perSecond
    self.tokens = capacity
  }

  /// Whether one more may pass at `now` (monotonic nanoseconds).
  mutating func admits(at now: Int64) -> Bool {
    if let last { tokens = min(capacity, tokens + Double(now - last) / 1e9 * perSecond) }
    last = now
    guard tokens >= 1 else {
      heldBack += 1
      return false
    }
    tokens -= 1
    return true
  }

  /// How many were held back, counted from zero again.
  mutating func takeHeldBack() -> Int {
    defer { heldBack = 0 }
    return heldBack
  }
}
