import CUdev
import Glibc

// Reads one device out of libudev's pointers into a value.
extension RawDevice {
  init(_ device: OpaquePointer) {
    let node = text(udev_device_get_devnode(device)) ?? ""
    self.init(
      node: node,
      sysfsPath: text(udev_device_get_syspath(device)) ?? "",
      properties: propertiesOf(device),
      links: listOf(udev_device_get_devlinks_list_entry(device)).map(\.name),
      attributes: attributesOf(device),
      driver: driverAbove(device),
      nodeExists: access(node, F_OK) == 0)
  }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
  pointer.map { String(cString: $0) }
}

// A list as libudev has it: each entry is a name, sometimes with a value.
private func listOf(_ first: OpaquePointer?) -> [(name: String, value: String?)] {
  var entries: [(name: String, value: String?)] = []
  var next = first
  while let entry = next {
    if let name = text(udev_list_entry_get_name(entry)) {
      entries.append((name, text(udev_list_entry_get_value(entry))))
    }
    next = udev_list_entry_get_next(entry)
  }
  return entries
}

private func propertiesOf(_ device: OpaquePointer) -> [String: String] {
  var properties: [String: String] = [:]
  for entry in listOf(udev_device_get_properties_list_entry(device)) { properties[entry.name] = entry.value }
  return properties
}

// The parents belong to the device and need no release.
private func attributesOf(_ device: OpaquePointer) -> [String: String] {
  var found: [String: String] = [:]
  func take(_ names: [String], _ from: OpaquePointer?) {
    guard let from else { return }
    for name in names { found[name] = text(udev_device_get_sysattr_value(from, name)) }
  }
  take(["type", "console"], device)
  take(["bInterfaceNumber"], udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface"))
  take(
    ["idVendor", "idProduct", "serial", "manufacturer", "product"],
    udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device"))
  return found
}

private func driverAbove(_ device: OpaquePointer) -> String? {
  var next = udev_device_get_parent(device)
  while let parent = next {
    if let driver = text(udev_device_get_driver(parent)) { return driver }
    next = udev_device_get_parent(parent)
  }
  return nil
}
