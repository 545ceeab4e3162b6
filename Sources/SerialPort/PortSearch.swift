import CLinux
import Glibc

// What the error sentences need to know about the system: found only when something failed.
package struct PortSearch: Sendable {
  package let paths: SystemPaths

  package init(_ paths: SystemPaths = SystemPaths()) {
    self.paths = paths
  }

  // Serial ports that exist, best name first: `/dev/ttyUSB0 (usb-1a86_USB_Serial-if00-port0)`.
  package func existing() -> [String] {
    let identities = identitiesByNode()
    let nodes = (names(in: paths.devices) ?? []).filter(isLikelyPrinter)
    return nodes.sorted(by: naturalOrder).map { node in
      guard let identity = identities[node] else { return "\(paths.devices)/\(node)" }
      return "\(paths.devices)/\(node) (\(identity))"
    }
  }

  // USB adapters, USB modems (Arduino and most 32-bit boards) and the Raspberry Pi's own UARTs. ttyS0 to
  // ttyS31 exist on many machines without hardware behind them, so they are not proposed.
  private func isLikelyPrinter(_ name: String) -> Bool {
    ["ttyUSB", "ttyACM", "ttyAMA"].contains { prefix in
      name.hasPrefix(prefix) && name.utf8.dropFirst(prefix.utf8.count).allSatisfy { (48...57).contains($0) }
    }
  }

  private func identitiesByNode() -> [String: String] {
    let folder = "\(paths.devices)/serial/by-id"
    var found: [String: String] = [:]
    for name in (names(in: folder) ?? []).sorted() {
      guard let target = linkTarget("\(folder)/\(name)") else { continue }
      found[String(target.split(separator: "/").last ?? "")] = name
    }
    return found
  }

  private func naturalOrder(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
  }

  // The processes that have this terminal open, by their descriptors. Those of other users are invisible to
  // anyone but root, so an empty answer does not mean that there is none. The asker's own attempt is no holder.
  package func holders(of terminal: stat, but own: Int32? = nil) -> [PortHolder] {
    let attempt = own.map { (pid: getpid(), descriptor: "\($0)") }
    var found: [PortHolder] = []
    for name in names(in: paths.processes) ?? [] {
      guard let pid = Int32(name) else { continue }
      let unasked = attempt.flatMap { $0.pid == pid ? $0.descriptor : nil }
      guard holds(pid, terminal, but: unasked) else { continue }
      found.append(PortHolder(pid: pid, name: firstLine(of: "\(paths.processes)/\(pid)/comm") ?? "?"))
    }
    return found.sorted { $0.pid < $1.pid }
  }

  // Only links into a devices folder are followed: a stat of any other could wait for a dead network disk.
  private func holds(_ pid: Int32, _ terminal: stat, but unasked: String?) -> Bool {
    let folder = "\(paths.processes)/\(pid)/fd"
    return (names(in: folder) ?? []).contains { descriptor in
      guard descriptor != unasked else { return false }
      let link = "\(folder)/\(descriptor)"
      guard let target = linkTarget(link), target.hasPrefix("/dev/") else { return false }
      var other = stat()
      return stat(link, &other) == 0 && other.isSameTerminal(as: terminal)
    }
  }
}
