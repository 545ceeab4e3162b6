import CUdev
import Glibc

// Reads one device out of libudev's pointers into a value.
extension RawDevice {
  init(_ device: OpaquePointer) {
    let node = text(udev_device_get_devnode(device)) ?? ""
    var properties = propertiesOf(device)
    addKnownNames(device, to: &properties)
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
  take(["port_number"], udev_device_get_parent_with_subsystem_devtype(device, "usb-serial", nil))
  // Told to the device as a whole, it holds for each of its ports.
  if let whole = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device") {
    found["ID_MM_DEVICE_IGNORE"] = text(udev_device_get_property_value(whole, "ID_MM_DEVICE_IGNORE"))
  }
  return found
}

// udev's daemon looks the names up for most devices; where it did not, or does not run, the database is asked here.
private func addKnownNames(_ device: OpaquePointer, to properties: inout [String: String]) {
  guard properties["ID_MODEL_FROM_DATABASE"] == nil,
    let whole = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device"),
    let vendor = text(udev_device_get_sysattr_value(whole, "idVendor")),
    let product = text(udev_device_get_sysattr_value(whole, "idProduct")),
    let udev = udev_device_get_udev(device), let database = udev_hwdb_new(udev)
  else { return }
  defer { udev_hwdb_unref(database) }
  let alias = "usb:v\(vendor.uppercased())p\(product.uppercased())"
  var next = udev_hwdb_get_properties_list_entry(database, alias, 0)
  while let entry = next {
    if let name = text(udev_list_entry_get_name(entry)), properties[name] == nil,
      name == "ID_VENDOR_FROM_DATABASE" || name == "ID_MODEL_FROM_DATABASE"
    {
      properties[name] = text(udev_list_entry_get_value(entry))
    }
    next = udev_list_entry_get_next(entry)
  }
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
