import CLinux
import Glibc

/// The journal's socket for entries with fields. Sending never waits.
public final class JournalSocket: Sendable {
  private let descriptor: Int32

  /// Connects to the journal's socket; nil where there is none.
  public init?(path: String = "/run/systemd/journal/socket") {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard clinux_unix_connect(descriptor, path) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The journal, where stderr is connected to it: `JOURNAL_STREAM` names stderr's device and inode then.
  ///
  /// A process below a service inherits the variable with stderr turned elsewhere: then its lines go where stderr goes.
  public static func ofStandardError() -> JournalSocket? {
    guard let words = getenv("JOURNAL_STREAM") else { return nil }
    var facts = stat()
    guard fstat(STDERR_FILENO, &facts) == 0,
      String(cString: words) == "\(facts.st_dev):\(facts.st_ino)"
    else { return nil }
    return JournalSocket()
  }

  /// Sends one entry; false where it was not taken, for which the caller has stderr.
  public func send(_ entry: JournalEntry) -> Bool {
    let bytes = entry.bytes
    return bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        == bytes.count
    }
  }
}
