import Glibc

/// systemd's notification socket: datagrams tell how the service does.
///
/// Where nobody listens nothing is sent; a datagram that cannot be sent is no error of the service. The protocol is that of
/// `sd_notify`.
public struct ServiceNotifier: Equatable, Sendable {
  /// The socket; `@` stands for the zero byte of an abstract name. Nil where no service manager listens.
  let path: String?
  /// A sign of life is wanted at least this often, in nanoseconds; nil where nobody watches.
  public let watchdog: Int64?

  /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of the process `pid`.
  public init(environment: [String: String], pid: Int32) {
    let socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    // Anything else is a kind of socket that this program does not speak to.
    path = socket.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == pid } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdog =
      path != nil && isForUs && (1...1_000_000_000_000).contains(microseconds) ? microseconds * 1000 : nil
  }

  /// Takes the variables out of this process's environment: drivers are no part of the conversation.
  public static func forget() {
    for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(name) }
  }

  /// Sends assignments, for example `READY=1`, as one datagram; true where it was sent. The call is `sendto`.
  @discardableResult
  public func send(_ assignments: String...) -> Bool {
    guard let path, let (address, length) = ServiceNotifier.address(path) else { return false }
    // One assignment a line: a line feed in a sentence would begin another.
    let text = assignments.map { $0.split(separator: "\n").joined(separator: " ") }.joined(separator: "\n")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bytes.withUnsafeBytes {
          sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address, length)
        } == bytes.count
      }
    }
  }

  /// The address of a path or of an abstract name; nil where it is too long. An abstract name has no end but its length.
  private static func address(_ path: String) -> (sockaddr_un, socklen_t)? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    let isAbstract = name.first == 0x40
    if isAbstract { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let head = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    return (address, socklen_t(head + name.count + (isAbstract ? 0 : 1)))
  }
}
