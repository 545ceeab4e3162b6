import Glibc

/// What the system tells of a port's adapter and of the computer's own supply, read from sysfs.
///
/// Files of the kernel's own, and yet a driver behind one may hang: not for a thread that must not wait.
public struct PortSurroundings: Equatable, Sendable {
  /// The kernel's driver: `ftdi_sio`, `ch341`, `cdc_acm`; `pty` for a pseudo-terminal; empty where not known.
  public var driver = ""
  /// How long the adapter collects received bytes, in ms; nil where it has no such timer. The corresponding file is
  /// `latency_timer`.
  public var latencyTimer: Int32?
  /// Whether the computer's voltage is or was too low; nil where it does not tell. The corresponding file is the Raspberry
  /// Pi's `get_throttled`: bit 0 is now, bit 16 since the boot.
  public var undervoltage: Bool?

  /// Looks around.
  public init(path: String) { self.init(path: path, paths: SystemPaths()) }

  package init(path: String, paths: SystemPaths) {
    var node = stat()
    if stat(path, &node) == 0, node.kind == .characterDevice {
      let device = "\(paths.system)/dev/char/\(node.major):\(node.minor)/device"
      let target = linkTarget(device + "/driver") ?? linkTarget(device + "/../driver") ?? ""
      driver = node.isPseudoTerminal ? "pty" : String(target.split(separator: "/").last ?? "")
      latencyTimer = firstLine(of: device + "/latency_timer").flatMap { Int32($0) }
    }
    let throttled = firstLine(of: "\(paths.system)/devices/platform/soc/soc:firmware/get_throttled")
    undervoltage = throttled.flatMap(PortSurroundings.flags).map { $0 & 0x1_0001 != 0 }
  }

  // Older kernels write the number with 0x, newer ones without; it is hexadecimal in both.
  private static func flags(_ text: String) -> UInt32? {
    UInt32(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text, radix: 16)
  }
}
