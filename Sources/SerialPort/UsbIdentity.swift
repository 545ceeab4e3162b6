import Glibc

/// What a USB device behind a port is, as sysfs tells it: compared before a port is opened, because a link named after a socket
/// leads to whatever is plugged in there.
public struct UsbIdentity: Equatable, Sendable, CustomStringConvertible {
  /// Four hexadecimal digits, lower case.
  public var vendor: String
  /// Four hexadecimal digits, lower case.
  public var product: String
  /// The serial number; empty where it has none, or where it is not to be compared.
  public var serial: String

  /// Reads `1a86:7523:SERIAL`; nil where that is not its form. The serial number may be empty and may hold colons.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 4 else { return nil }
    self.init(vendor: String(parts[0]), product: String(parts[1]), serial: String(parts[2]))
  }

  init(vendor: String, product: String, serial: String) {
    self.vendor = vendor.lowercased()
    self.product = product.lowercased()
    self.serial = serial
  }

  /// `1a86:7523`, with the serial number where it has one.
  public var description: String {
    serial.isEmpty ? "\(vendor):\(product)" : "\(vendor):\(product) with serial number \(serial)"
  }

  /// Why the port at `path` is not this device's, as a sentence; nil where it is, or where nothing is there at all.
  public func contradiction(at path: String) -> String? { contradiction(at: path, SystemPaths()) }

  package func contradiction(at path: String, _ paths: SystemPaths) -> String? {
    var node = stat()
    guard stat(path, &node) == 0 else { return nil }
    guard let found = UsbIdentity(behind: node, paths) else {
      return "\(path) is no USB device, and the machine's is \(self): it is not opened"
    }
    guard vendor == found.vendor, product == found.product,
      serial.isEmpty || UsbIdentity.letters(serial) == UsbIdentity.letters(found.serial)
    else { return "\(path) is another device, \(found), and the machine's is \(self): it is not opened" }
    return nil
  }

  // The nearest USB device above the terminal. An adapter's port stands some folders below it.
  package init?(behind node: stat, _ paths: SystemPaths) {
    guard node.kind == .characterDevice else { return nil }
    var folder = "\(paths.system)/dev/char/\(node.major):\(node.minor)/device"
    for _ in 0..<8 {
      if let vendor = firstLine(of: folder + "/idVendor"), let product = firstLine(of: folder + "/idProduct")
      {
        self.init(vendor: vendor, product: product, serial: firstLine(of: folder + "/serial") ?? "")
        return
      }
      folder += "/.."
    }
    return nil
  }

  // udev writes underscores for what it does not take in a name: only letters and digits are compared.
  private static func letters(_ text: String) -> [UInt8] {
    text.utf8.filter { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
  }
}
