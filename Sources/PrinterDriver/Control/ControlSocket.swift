import CLinux
import DriverInterface
import Glibc

/// The driver's named socket: one listener, mode 0600, guarded by a lock file beside it.
///
/// The lock tells a living driver from a dead one without a race: who holds `SOCKET.lock` owns the name, and whatever stands
/// there is a leftover. It ends with the process, however that ends.
final class ControlSocket {
  let descriptor: Int32
  private let path: String
  private let lock: Int32

  /// Takes the name. Throws `driver.running` where another driver has it.
  init(path: String) throws(Fault) {
    self.path = path
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw ControlSocket.fault("open", path + ".lock", errno) }
    if clinux_flock(lock, CLINUX_LOCK_EXCLUSIVE | CLINUX_LOCK_NONBLOCK) < 0 || ControlSocket.isAlive(path) {
      close(lock)
      throw Fault(
        code: "driver.running", sentence: "another driver serves \(path): connect to it or end it first",
        scope: .process)
    }
    do throws(Fault) {
      descriptor = try ControlSocket.listen(path)
    } catch {
      close(lock)
      throw error
    }
    self.lock = lock
  }

  /// Takes the name away before anything else ends, so that nobody connects to a driver that is going.
  func unlinkName() { unlink(path) }

  deinit {
    close(descriptor)
    close(lock)
  }

  /// The next connection of this user or root, non-blocking; nil where there is none.
  func accept() -> Int32? {
    while true {
      let connection = clinux_accept(descriptor, 0)
      if connection == -EINTR || connection == -ECONNABORTED { continue }
      guard connection >= 0 else { return nil }
      var peer = clinux_peer()
      if clinux_peer_credentials(connection, &peer) == 0, peer.uid == 0 || peer.uid == geteuid() {
        return connection
      }
      close(connection)
    }
  }

  /// Whether somebody answers on the name: a driver whose lock file was removed under it.
  private static func isAlive(_ path: String) -> Bool {
    let probe = clinux_unix_socket(0)
    guard probe >= 0 else { return false }
    defer { close(probe) }
    let result = clinux_unix_connect(probe, path)
    return result == 0 || result == -EAGAIN
  }

  private static func listen(_ path: String) throws(Fault) -> Int32 {
    let socket = clinux_unix_socket(0)
    guard socket >= 0 else { throw fault("socket", path, -socket) }
    unlink(path)
    // The socket's own mode becomes that of its name: there is no moment at which others could connect, and no other thread
    // makes a folder under a mask that was not meant for it. Source: Linux, unix_bind_bsd in net/unix/af_unix.c.
    let modeSet = fchmod(socket, 0o600) == 0 ? 0 : -errno
    let bound = modeSet == 0 ? clinux_unix_bind(socket, path) : modeSet
    guard bound == 0 else {
      close(socket)
      throw fault("bind", path, -bound)
    }
    guard Glibc.listen(socket, 32) == 0 else {
      let number = errno
      close(socket)
      throw fault("listen", path, number)
    }
    return socket
  }

  private static func fault(_ call: String, _ path: String, _ number: Int32) -> Fault {
    Fault(
      code: "driver.socket", sentence: "\(call) of \(path) failed: \(systemWords(number))", scope: .process)
  }
}
