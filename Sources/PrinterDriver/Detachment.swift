import CLinux
import DriverInterface
import Glibc

/// Leaving the terminal's session, so that neither its hang-up nor its parent's death reaches the driver.
public enum Detachment {
  /// Makes this process the leader of its own session, or starts it again as one.
  ///
  /// Returns true where the caller goes on as the driver; false where another process does and this one has to end. The
  /// corresponding calls are `setsid` and, for a process that leads a group already, `posix_spawn` with `POSIX_SPAWN_SETSID`.
  public static func leaveSession(arguments: [String]) throws(Fault) -> Bool {
    if getsid(0) == getpid() || setsid() >= 0 { return true }
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    let pid = clinux_spawn("/proc/self/exe", pointers, nil, -1, -1, 2, CLINUX_SPAWN_OWN_SESSION)
    guard pid > 0 else {
      throw Fault(
        code: "driver.detach", sentence: "the driver cannot leave the terminal: \(systemWords(-pid))",
        scope: .process)
    }
    return false
  }
}
