/// What a port is known by from one plugging to the next.
public enum DeviceIdentity: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// By its own serial number: the same wherever it is plugged in.
  case serial(usbID: String, serial: String, interface: UInt8?)
  /// By the socket that it is plugged into: all that tells two adapters without serial numbers apart.
  case place(String)

  /// A stable text, fit to be stored: `usb:2c99:0002:CZPX1234:if00` or `path:pci-0000:00:14.0-usb-0:2:1.0`.
  public var description: String {
    switch self {
    case .serial(let usbID, let serial, let interface):
      "usb:\(usbID):\(serial)"
        + (interface.map { ":if" + ($0 < 16 ? "0" : "") + String($0, radix: 16) } ?? "")
    case .place(let path): "path:\(path)"
    }
  }
}
