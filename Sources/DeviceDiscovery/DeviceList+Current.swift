import CUdev
import Glibc

extension DeviceList {
  /// The ports that are there now. Empty where there is no sysfs to ask, as in some containers; without a
  /// running udev there are no links and fewer names. Takes some milliseconds. `udev_enumerate_scan_devices`.
  public static func current() -> DeviceList {
    guard let udev = udev_new() else { return DeviceList([]) }
    defer { udev_unref(udev) }
    return DeviceList(rawDevices(udev).compactMap { SerialDevice($0) })
  }

  private static func rawDevices(_ udev: OpaquePointer) -> [RawDevice] {
    guard let enumeration = udev_enumerate_new(udev) else { return [] }
    defer { udev_enumerate_unref(enumeration) }
    // Where udev runs, what it has not finished yet has no links and the wrong group: its event comes later.
    if access("/run/udev/control", F_OK) == 0 { udev_enumerate_add_match_is_initialized(enumeration) }
    guard udev_enumerate_add_match_subsystem(enumeration, "tty") >= 0,
      udev_enumerate_scan_devices(enumeration) >= 0
    else { return [] }
    var found: [RawDevice] = []
    var next = udev_enumerate_get_list_entry(enumeration)
    while let entry = next {
      next = udev_list_entry_get_next(entry)
      guard let path = udev_list_entry_get_name(entry), !isVirtual(path) else { continue }
      // A device may go between the scan and this line: then it is not there.
      guard let device = udev_device_new_from_syspath(udev, path) else { continue }
      found.append(RawDevice(device))
      udev_device_unref(device)
    }
    return found
  }

  // Every machine has 64 virtual terminals: reading their attributes would be most of the work.
  private static func isVirtual(_ path: UnsafePointer<CChar>) -> Bool {
    strncmp(path, "/sys/devices/virtual/", 21) == 0
  }
}
