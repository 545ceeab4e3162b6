/// The last events that happened: what a client that comes back is told.
///
/// Progress and temperatures are never among them, of which only the newest ones are of use: an entry has no room for either,
/// which is half of an event.
struct EventRing: Sendable {
  private struct Entry: Sendable {
    var id: Int64
    var at: Int64
    var kind: HostEvent.Kind
    var job: Int64?
    var machine: String?
    var state: String?
    var level: String?
    var message: String?
  }

  private let capacity: Int
  private var entries: [Entry] = []
  /// The oldest entry, once the ring is full.
  private var start = 0
  /// The highest number that fell out; what was given to `init` while none did.
  private(set) var forgotten: Int64

  /// A ring for `capacity` events; numbers up to `forgotten` were never in it.
  init(capacity: Int, forgotten: Int64) {
    self.capacity = capacity
    self.forgotten = forgotten
  }

  /// Keeps an event; the oldest falls out where there is no room.
  mutating func keep(_ event: HostEvent) {
    let entry = Entry(
      id: event.id, at: event.at, kind: event.kind, job: event.job, machine: event.machine,
      state: event.state, level: event.level, message: event.message)
    guard entries.count == capacity else { return entries.append(entry) }
    forgotten = entries[start].id
    entries[start] = entry
    start = (start + 1) % capacity
  }

  /// The events above a number that are wanted, oldest first.
  func events(above number: Int64, where isWanted: (HostEvent) -> Bool) -> [HostEvent] {
    var found: [HostEvent] = []
    for entry in entries[start...] where entry.id > number { take(entry, isWanted, &found) }
    for entry in entries[..<start] where entry.id > number { take(entry, isWanted, &found) }
    return found
  }

  private func take(_ entry: Entry, _ isWanted: (HostEvent) -> Bool, _ found: inout [HostEvent]) {
    var event = HostEvent(
      kind: entry.kind, at: entry.at, machine: entry.machine, job: entry.job, state: entry.state,
      level: entry.level, message: entry.message)
    event.id = entry.id
    if isWanted(event) { found.append(event) }
  }
}
