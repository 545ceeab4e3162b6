import DriverInterface

/// Why a driver cannot be reached, or does not answer any more.
public enum ConnectionError: Error, Equatable, Sendable {
  /// No driver listens on this socket; `errno` says what the system found there.
  case unreachable(path: String, errno: Int32)
  /// The path does not fit into a socket address.
  case pathTooLong(path: String)
  /// The driver answered and will not talk to us.
  case refused(Fault)
  /// No answer in time; the connection itself still stands.
  case timedOut
  /// This end closed the connection.
  case closed
  /// The task that waited for the answer was cancelled; the request may still be carried out.
  case cancelled
  /// The driver closed the connection or died.
  case lost
  /// The driver sent something that is no message.
  case malformed(FrameError)
  /// The request is larger than a frame may be.
  case requestTooLarge

  /// The stable dotted code.
  public var code: String {
    switch self {
    case .unreachable: "driver.unreachable"
    case .pathTooLong: "driver.socketPath"
    case .refused(let fault): fault.code
    case .timedOut: "driver.noAnswer"
    case .closed: "driver.connectionClosed"
    case .cancelled: "driver.requestCancelled"
    case .lost: "driver.connectionLost"
    case .malformed: "driver.malformed"
    case .requestTooLarge: "driver.requestTooLarge"
    }
  }

  /// One sentence for a person.
  public var sentence: String {
    switch self {
    case .unreachable(let path, let errno):
      "no driver answers on \(path): \(systemWords(for: errno))"
    case .pathTooLong(let path):
      "\(path) is too long for a socket's name (107 bytes): choose a shorter run folder"
    case .refused(let fault): fault.sentence
    case .timedOut: "the driver does not answer in time"
    case .closed: "the connection to the driver was closed"
    case .cancelled: "nobody waits for the driver's answer any more"
    case .lost: "the driver closed the connection or ended"
    case .malformed: "the driver sent something that is not a message of this interface"
    case .requestTooLarge: "the request is larger than the driver takes (1 MB)"
    }
  }
}
