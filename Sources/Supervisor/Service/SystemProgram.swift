import CLinux
import Foundation
import Glibc

/// A program of the system, started in a session of its own, with a pipe to its input and one from all that it says.
///
/// It ends by itself when its input is closed, which the kernel does when this process dies: nothing is left behind.
struct SystemProgram: Sendable {
  let pid: Int32
  /// The writing end of its input.
  let input: Int32
  /// The reading end of its output and its errors.
  let output: Int32

  /// The path of a program in the folders of `path`, as a shell finds it.
  static func find(_ name: String, path: String) -> String? {
    path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Starts it; nil where the system does not. The corresponding call is `posix_spawn`.
  static func start(_ path: String, _ arguments: [String]) -> SystemProgram? {
    guard let toIt = pipe(), let fromIt = pipe() else { return nil }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    let pid = clinux_spawn(
      path, words, nil, toIt.reading, fromIt.writing, fromIt.writing, CLINUX_SPAWN_OWN_SESSION)
    close(toIt.reading)
    close(fromIt.writing)
    guard pid > 0 else {
      close(toIt.writing)
      close(fromIt.reading)
      return nil
    }
    return SystemProgram(pid: pid, input: toIt.writing, output: fromIt.reading)
  }

  /// What a program says until its end, without giving it any input; nil where it does not end in time or cannot be started.
  static func ask(_ path: String, _ arguments: [String], milliseconds: Int32) async -> String? {
    await withCheckedContinuation { continuation in
      onThread {
        guard let program = start(path, arguments) else { return continuation.resume(returning: nil) }
        close(program.input)
        var said: [UInt8] = []
        let isWhole = program.read(within: milliseconds) { said += $0 }
        if !isWhole { kill(program.pid, SIGKILL) }
        program.bury()
        continuation.resume(returning: isWhole ? String(decoding: said, as: UTF8.self) : nil)
      }
    }
  }

  /// Hands on what it says, piece by piece, until it ends; false where that takes longer than `milliseconds` (-1: ever).
  func read(within milliseconds: Int32, _ piece: (ArraySlice<UInt8>) -> Void) -> Bool {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
    var bytes = [UInt8](repeating: 0, count: 1024)
    while true {
      let now = DispatchTime.now().uptimeNanoseconds
      let left = milliseconds < 0 ? -1 : Int32(now >= end ? 0 : (end - now) / 1_000_000)
      var wanted = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let count = poll(&wanted, 1, left)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      let length = bytes.withUnsafeMutableBytes { Glibc.read(output, $0.baseAddress, $0.count) }
      if length < 0, errno == EINTR { continue }
      guard length > 0 else { return true }
      piece(bytes[..<length])
    }
  }

  /// Closes the pipe and takes the end of the process, which has ended or is about to. The call is `waitpid`.
  func bury() {
    close(output)
    var end = clinux_exit()
    _ = clinux_pid_wait(pid, 1, &end)
  }

  /// Runs `body` on a thread of its own: it blocks.
  static func onThread(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 256 << 10
    thread.start()
  }

  private static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
