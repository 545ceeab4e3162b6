import CLinux
import Glibc
import Synchronization
import Testing

/// A program with a terminal of its own as its controlling one: a person in front of it, who types, reads and leaves.
final class TerminalSession: Sendable {
  /// `setsid`, which waits for the program and ends with its status.
  let process: Process
  private let master: Mutex<Int32>
  private let shown = Mutex<[UInt8]>([])

  private init(process: Process, master: Int32) {
    self.process = process
    self.master = Mutex(master)
  }

  deinit { hangUp() }

  /// Starts `fabline` in front of a terminal of 80 cells.
  static func fabline(_ sandbox: Sandbox, _ arguments: String...) throws -> TerminalSession {
    try start(sandbox, arguments)
  }

  /// The same for a list of arguments.
  static func start(
    _ sandbox: Sandbox, _ arguments: [String], columns: UInt16 = 80
  ) throws -> TerminalSession {
    let (master, path) = try PseudoTerminals.open()
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    let slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    defer { close(slave) }
    _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
    let words = ["--ctty", "--wait", Programs.path("fabline")] + arguments
    let process = try sandbox.start("/usr/bin/setsid", words, descriptors: (slave, slave, slave))
    return TerminalSession(process: process, master: master)
  }

  /// What the terminal showed so far, its control sequences included.
  var screen: String {
    let all = shown.withLock { shown in
      shown += master.withLock { Self.drain($0) }
      return shown
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// Types.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    master.withLock { master in
      _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }
  }

  /// Waits until the terminal shows `text`.
  func shows(_ text: String) async throws {
    try await Deadline.wait(for: "'\(text)' on the terminal", explain: { self.screen }) {
      self.screen.contains(text) ? true : nil
    }
  }

  /// Closes the terminal's window: the kernel hangs up on the programs in it.
  func hangUp() {
    master.withLock { master in
      if master >= 0 { close(master) }
      master = -1
    }
  }

  /// Waits for the end of the program; the screen is read all the while, or its writes would block.
  func end(seconds: Double = 120) async throws -> (status: Int32, screen: String) {
    let status = try await Deadline.wait(
      seconds: seconds, for: "end of \(process.name)", explain: { self.screen }
    ) {
      _ = self.screen
      return self.process.status()
    }
    return (status, screen)
  }

  private static func drain(_ master: Int32) -> [UInt8] {
    guard master >= 0 else { return [] }
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = piece.withUnsafeMutableBytes { read(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return all }
      all += piece[..<count]
    }
  }
}

/// Pairs of pseudo terminals.
enum PseudoTerminals {
  /// A master and the path of its slave.
  static func open() throws -> (master: Int32, path: String) {
    let master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    // Glibc's module hides posix_openpt and its kin: TIOCSPTLCK and TIOCGPTN are what they do.
    var unlocked: Int32 = 0
    var number: Int32 = 0
    let made = ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0
    try #require(made)
    return (master, "/dev/pts/\(number)")
  }
}
