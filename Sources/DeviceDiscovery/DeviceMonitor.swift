import CUdev
import Glibc

/// A port that came or went.
public enum DeviceEvent: Equatable, Sendable {
  /// Plugged in, with its links made and its group set: it can be opened now.
  case added(SerialDevice)
  /// Its properties or links changed.
  case changed(SerialDevice)
  /// Unplugged. Recognise it by its node: what sysfs knew (names of its own) is gone.
  case removed(SerialDevice)
}

/// What a monitor has to tell at the moment.
public enum DeviceReading: Equatable, Sendable {
  /// A port came, went or changed.
  case event(DeviceEvent)
  /// Nothing more for now.
  case nothing
  /// The kernel had no room for all events: some are lost, and only enumerating anew tells what is there.
  case overflow
}

/// Tells of ports that come and go, after udev has made their links.
///
/// Wait until `fd` is readable, then take events until nil. Not for use from two threads at once. Enumerate
/// after making the monitor, not before, and nothing is missed between.
public final class DeviceMonitor {
  private let udev: OpaquePointer
  private let monitor: OpaquePointer

  /// Becomes readable when something came or went; non-blocking. Belongs to the monitor.
  public let fd: Int32

  /// A monitor, or nil where there is no udev to hear (containers): then only enumerating helps.
  public convenience init?() {
    // Without the daemon libudev gives a monitor that never hears anything.
    guard access("/run/udev/control", F_OK) == 0 else { return nil }
    self.init(library: ())
  }

  // A monitor of libudev, whether a daemon runs or not: a test's own device bed has none.
  package init?(library: Void) {
    guard let udev = udev_new() else { return nil }
    guard let monitor = udev_monitor_new_from_netlink(udev, "udev") else {
      udev_unref(udev)
      return nil
    }
    let ready =
      udev_monitor_filter_add_match_subsystem_devtype(monitor, "tty", nil) >= 0
      && udev_monitor_enable_receiving(monitor) >= 0
    let fd = udev_monitor_get_fd(monitor)
    guard ready, fd >= 0 else {
      udev_monitor_unref(monitor)
      udev_unref(udev)
      return nil
    }
    self.udev = udev
    self.monitor = monitor
    self.fd = fd
  }

  deinit {
    udev_monitor_unref(monitor)
    udev_unref(udev)
  }

  /// The next event. Virtual terminals are passed over in silence.
  public func next() -> DeviceReading {
    while true {
      errno = 0
      guard let device = udev_monitor_receive_device(monitor) else {
        // A full netlink socket drops events and says so once: `netlink(7)`.
        return errno == ENOBUFS ? .overflow : .nothing
      }
      defer { udev_device_unref(device) }
      let action = udev_device_get_action(device).map { String(cString: $0) } ?? ""
      if let event = DeviceEvent(action: action, RawDevice(device)) { return .event(event) }
    }
  }
}

extension DeviceEvent {
  // What udev's word for an event means for a port; nil where it means nothing.
  package init?(action: String, _ raw: RawDevice) {
    var raw = raw
    // Its node is gone by now, and its parents in sysfs with it: the properties are what is left.
    if action == "remove" { raw.nodeExists = true }
    guard let device = SerialDevice(raw) else { return nil }
    switch action {
    case "add": self = .added(device)
    case "change", "move", "bind": self = .changed(device)
    case "remove": self = .removed(device)
    default: return nil
    }
  }
}
