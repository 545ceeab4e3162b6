import Glibc

/// Follows the ports of this machine, for a thread that has nothing else to do.
///
/// Where udev runs it waits for its events, and looks anew at each; where none runs (containers) it looks once a second
/// whether the names in `/dev` are others. Belongs to the thread that made it.
public final class DeviceWatch {
  private let monitor: DeviceMonitor?
  private var tracker: DeviceTracker
  private var names: [String]

  /// What was there when it was looked last.
  public var list: DeviceList { tracker.list }

  /// Whether changes are told by udev at once; false where they are found by looking once a second.
  public var hearsEvents: Bool { monitor != nil }

  /// Begins to listen, then looks: nothing is missed in between.
  public convenience init() { self.init(DeviceMonitor()) }

  package init(_ monitor: DeviceMonitor?) {
    self.monitor = monitor
    names = DeviceWatch.nodes()
    tracker = DeviceTracker(.current())
  }

  /// Waits until something changed, or until `stop` is readable or closed at its other end: then nil.
  public func changes(orUntil stop: Int32) -> [DeviceChange]? {
    while true {
      var waits = [pollfd(fd: stop, events: Int16(POLLIN), revents: 0)]
      if let monitor { waits.append(pollfd(fd: monitor.fd, events: Int16(POLLIN), revents: 0)) }
      guard poll(&waits, nfds_t(waits.count), monitor == nil ? 1000 : -1) >= 0 else {
        if errno == EINTR { continue }
        return nil
      }
      if waits[0].revents != 0 { return nil }
      guard isStale() else { continue }
      let changes = tracker.look(.current())
      if !changes.isEmpty { return changes }
    }
  }

  // Whether there is a reason to look anew. All that waits in the monitor is taken, so that one look is enough.
  private func isStale() -> Bool {
    guard let monitor else {
      let now = DeviceWatch.nodes()
      defer { names = now }
      return now != names
    }
    var stale = false
    while true {
      let reading = monitor.next()
      if reading == .nothing { return stale }
      if tracker.note(reading) { stale = true }
    }
  }

  // The nodes of adapters and boards; a mainboard's own ports neither come nor go.
  private static func nodes() -> [String] {
    guard let folder = opendir("/dev") else { return [] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") { found.append(name) }
    }
    return found.sorted()
  }
}
