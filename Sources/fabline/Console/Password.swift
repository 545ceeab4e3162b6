import Glibc

/// Where a password comes from: a terminal, unseen; a file; or standard input that is no terminal. Never the command line, which
/// every process of the host can read.
enum Password {
  /// A new password; in a terminal it is typed twice.
  static func new(file: String?, of name: String) throws(Failure) -> String {
    if let given = try given(file) { return given }
    let first = try ask("new password of \(name): ")
    guard try ask("once more: ") == first else {
      throw Failure(
        code: "password.different", sentence: "the two were not the same: nothing was done", status: .usage)
    }
    return first
  }

  /// The password to sign in with; typed once.
  static func known(file: String?, of name: String) throws(Failure) -> String {
    if let given = try given(file) { return given }
    return try ask("password of \(name): ")
  }

  /// The password that is there already, where the next one comes from a file.
  static func current(of name: String) throws(Failure) -> String {
    try ask("current password of \(name): ")
  }

  private static func given(_ file: String?) throws(Failure) -> String? {
    if let file {
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw Failure(
          code: "password.file", sentence: "\(file) cannot be read: \(String(cString: strerror(errno)))",
          status: .noSuchFile)
      }
      defer { close(descriptor) }
      return try line(descriptor, file)
    }
    return isatty(STDIN_FILENO) == 1 ? nil : try line(STDIN_FILENO, "standard input")
  }

  /// The first line, without its end.
  private static func line(_ descriptor: Int32, _ source: String) throws(Failure) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= 1024, read(descriptor, &byte, 1) == 1, byte != 0x0A { bytes.append(byte) }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(
        code: "password.missing", sentence: "there is no password in the first line of \(source)",
        status: .usage)
    }
    return text
  }

  private static func ask(_ question: String) throws(Failure) -> String {
    guard let terminal = RawTerminal() else {
      throw Failure(
        code: "password.nobody", sentence: "a password is typed in a terminal, or read with --password-file",
        status: .usage)
    }
    defer {
      terminal.restore()
      Output.write("\n", to: STDERR_FILENO)
    }
    Output.write(question, to: STDERR_FILENO)
    var typed = PasswordLine()
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) == 1 {
      switch typed.type(byte) {
      case .more: continue
      case .done:
        guard let text = typed.text, !text.isEmpty else { throw .usage("nothing was typed") }
        return text
      case .cancelled:
        throw Failure(code: "password.cancelled", sentence: "nothing was done", status: .cancelled)
      }
    }
    throw Failure(code: "password.cancelled", sentence: "nothing was done", status: .cancelled)
  }
}
