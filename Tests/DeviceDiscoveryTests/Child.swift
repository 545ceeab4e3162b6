import Glibc

/// A program that a test runs to its end.
enum Child {
  struct Failure: Error {
    var words: String
  }

  /// Output and errors together, and the exit status; 127 where there is no such program.
  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(words: "no pipe: errno \(errno)") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var pid = pid_t()
    let result = posix_spawnp(&pid, arguments[0], &actions, nil, &pointers, environ)
    close(ends[1])
    guard result == 0 else {
      close(ends[0])
      return (127, "\(arguments[0]): \(String(cString: strerror(result)))")
    }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = piece.withUnsafeMutableBytes { read(ends[0], $0.baseAddress, $0.count) }
      if count > 0 { text += piece[..<count] } else if count == 0 || errno != EINTR { break }
    }
    close(ends[0])
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let exit = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    return (exit, String(decoding: text, as: UTF8.self))
  }

  /// Writes a small file.
  static func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure(words: "\(path) cannot be written") }
    defer { close(file) }
    _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
  }
}
