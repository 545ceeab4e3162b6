import CLinux
import Glibc

/// What a read or a write came to. Silence and the end of the link are different answers.
public enum Transfer: Equatable, Sendable {
  /// That many bytes were moved; at least one. A write may take fewer than were given.
  case bytes(Int)
  /// Nothing to read, or no room to write, at the moment.
  case wouldBlock
  /// The link is over; close the port at once, or the device comes back under the next number.
  case hangUp(HangUp)
}

/// How the end of a link showed itself.
public struct HangUp: Equatable, Sendable {
  /// The sign that was seen.
  public enum Sign: Equatable, Sendable {
    /// `read` gave 0 and `poll` says POLLHUP or POLLERR.
    case silence
    /// A call failed with an errno that only a dead link gives: EIO, ENODEV, ENXIO.
    case deadLink
    /// A call failed with an errno that nobody expects of a terminal.
    case unexpected
  }

  /// The sign that was seen.
  public let sign: Sign
  /// `read` or `write`.
  public let call: StaticString
  /// The errno; 0 with `.silence`.
  public let errno: Int32

  init(_ sign: Sign, call: StaticString, errno: Int32) {
    self.sign = sign
    self.call = call
    self.errno = errno
  }

  /// Two ends are equal if they showed the same way.
  public static func == (left: HangUp, right: HangUp) -> Bool {
    left.sign == right.sign && left.errno == right.errno && left.call.description == right.call.description
  }
}

extension Transfer {
  // With VMIN and VTIME zero a silent terminal reads 0, as a hung-up one does: only `poll` tells them apart.
  // So a read of 0 costs one more call, which happens seldom: the caller reads when poll said POLLIN.
  package static func ofRead<Calls: TerminalCalls>(_ result: Int, _ fd: Int32, _ calls: Calls) -> Transfer {
    if result > 0 { return .bytes(result) }
    if result < 0 { return failed("read", Int32(-result)) }
    let conditions = calls.conditions(fd)
    if conditions < 0 { return failed("poll", -conditions) }
    if conditions & Int32(POLLHUP | POLLERR | POLLNVAL) == 0 { return .wouldBlock }
    return .hangUp(HangUp(.silence, call: "read", errno: 0))
  }

  package static func ofWrite(_ result: Int) -> Transfer {
    if result > 0 { return .bytes(result) }
    return result == 0 ? .wouldBlock : failed("write", Int32(-result))
  }

  private static func failed(_ call: StaticString, _ error: Int32) -> Transfer {
    switch error {
    case EAGAIN: .wouldBlock
    case EIO, ENODEV, ENXIO: .hangUp(HangUp(.deadLink, call: call, errno: error))
    default: .hangUp(HangUp(.unexpected, call: call, errno: error))
    }
  }
}
