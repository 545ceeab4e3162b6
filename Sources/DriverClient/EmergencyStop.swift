import CLinux
import DriverInterface
import Glibc

/// What became of an emergency stop.
public struct EmergencyStopResult: Equatable, Sendable {
  /// The firmware showed within a second that it stopped.
  public var confirmed: Bool
  /// What happened and, unconfirmed, what to do.
  public var sentence: String
}

/// The emergency stop straight to a driver's socket: one blocking call, no runtime, no tasks, no supervisor.
public enum EmergencyStop {
  /// Sends the stop and waits for the driver's word on it.
  ///
  /// The driver carries it out before any other request and without a greeting. It answers within about a second.
  ///
  /// - Throws: `unreachable` where no driver listens; `timedOut` or `lost` where the stop went out and no answer came:
  ///   the machine has to be looked at.
  public static func send(
    socketPath: String, timeoutMilliseconds: Int32 = 1500
  ) throws(ConnectionError) -> EmergencyStopResult {
    let deadline = clinux_monotonic_ns() + Int64(timeoutMilliseconds) * 1_000_000
    let socket = try connect(socketPath, deadline: deadline)
    defer { close(socket) }
    var frame: [UInt8] = []
    do {
      try DriverMessage.request(number: 1, .emergencyStop).encode(into: &frame)
    } catch {
      throw .malformed(error)
    }
    try write(frame, to: socket, deadline: deadline)
    return try awaitReply(on: socket, deadline: deadline)
  }

  private static func connect(_ path: String, deadline: Int64) throws(ConnectionError) -> Int32 {
    while true {
      if let socket = try UnixSocket.connect(to: path) { return socket }
      guard clinux_monotonic_ns() < deadline else { throw .timedOut }
      _ = poll(nil, 0, 2)
    }
  }

  private static func write(_ frame: [UInt8], to socket: Int32, deadline: Int64) throws(ConnectionError) {
    var rest = frame[...]
    while !rest.isEmpty {
      guard let count = UnixSocket.write(rest, to: socket) else { throw .lost }
      rest = rest.dropFirst(count)
      if count == 0, !UnixSocket.wait(for: Int32(POLLOUT), on: socket, until: deadline) { throw .timedOut }
    }
  }

  private static func awaitReply(on socket: Int32, deadline: Int64) throws(ConnectionError)
    -> EmergencyStopResult
  {
    var decoder = FrameDecoder()
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      guard UnixSocket.wait(for: Int32(POLLIN), on: socket, until: deadline) else { throw .timedOut }
      guard let count = space.withUnsafeMutableBytes({ UnixSocket.read(into: $0, from: socket) }) else {
        throw .lost
      }
      decoder.receive(space[0..<count])
      do throws(FrameError) {
        while let frame = try decoder.next() {
          if case .message(.reply(1, let reply)) = frame { return try result(of: reply) }
        }
      } catch {
        throw .malformed(error)
      }
    }
  }

  private static func result(of reply: DriverReply) throws(FrameError) -> EmergencyStopResult {
    switch reply {
    case .stopped(let confirmed, let sentence): EmergencyStopResult(confirmed: confirmed, sentence: sentence)
    case .refused(let fault): EmergencyStopResult(confirmed: false, sentence: fault.sentence)
    case .hello, .done, .status, .lines, .link, .measured, .resumePoint: throw .unknownValue
    }
  }
}
