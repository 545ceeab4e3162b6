import CUdev
import Glibc

// Reads one device out of libudev's pointers into a value.
extension RawDevice {
  init(_ device: OpaquePointer) {
    let node = text(udev_device_get_devnode(device)) ?? ""
    let properties = propertiesOf(device)
    self.init(
      node: node,
      sysfsPath: text(udev_device_get_syspath(device)) ?? "",
      properties: properties,
      links: (properties["DEVLINKS"] ?? "").split(separator: " ").map(String.init),
      attributes: attributesOf(device),
      driver: driverAbove(device),
      nodeExists: access(node, F_OK) == 0)
  }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
  pointer.map { String(cString: $0) }
}

private func propertiesOf(_ device: OpaquePointer) -> [String: String] {
  var properties: [String: String] = [:]
  var next = udev_device_get_properties_list_entry(device)
  while let entry = next {
    if let name = text(udev_list_entry_get_name(entry)) {
      properties[name] = text(udev_list_entry_get_value(entry))
    }
    next = udev_list_entry_get_next(entry)
  }
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
    // Since Linux 6.5 a layer of its own, `serial-base`, stands between a UART's port and its driver.
    let isLayer = text(udev_device_get_subsystem(parent)) == "serial-base"
    if !isLayer, let driver = text(udev_device_get_driver(parent)) { return driver }
    next = udev_device_get_parent(parent)
  }
  return nil
}
