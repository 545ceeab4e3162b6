import CLinux
import Glibc

/// Drivers in systemd units of their own: each connection to `fabline-driver.socket` starts one.
///
/// A driver that is a child of the supervisor lives in that one's unit, and `systemctl kill`, a memory limit or a device rule
/// means both. In a unit of its own it is outside all of that. No right is needed for it but to connect.
public struct DriverUnits: Sendable {
  private let path: String

  /// Units behind the socket at `path`.
  public init(path: String) { self.path = path }

  /// A driver that is being started: the connection stays open as long as the process lives.
  final class Starting: Sendable {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    /// The other end is gone.
    var hasEnded: Bool {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&wanted, 1, 0) > 0
    }
  }

  /// Sends a driver's arguments, without the program's name. Throws `driver.units` where nobody listens.
  func start(log: String, arguments: [String]) throws(HostError) -> Starting {
    let descriptor = clinux_unix_socket(1)
    guard descriptor >= 0 else { throw failure(-descriptor) }
    let starting = Starting(descriptor)
    let connected = clinux_unix_connect(descriptor, path)
    guard connected >= 0 else { throw failure(-connected) }
    var text: [UInt8] = []
    for word in [log] + arguments {
      text += word.utf8
      text.append(0)
    }
    var rest = text[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { clinux_send(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failure(Int32(-count)) }
      rest = rest.dropFirst(count)
    }
    shutdown(descriptor, Int32(SHUT_WR))
    return starting
  }

  private func failure(_ number: Int32) -> HostError {
    HostError(
      code: "driver.units",
      sentence: "no driver can be started through \(path): \(String(cString: strerror(number)))")
  }
}
