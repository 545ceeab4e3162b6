import Glibc

/// A password, from a file or from the terminal.
enum Password {
  /// A file's first line, as it stands there.
  static func inFile(_ path: String) throws(Failure) -> String {
    guard let bytes = InstallPlan.bytes(path) else {
      throw Failure(code: "password.unreadable", sentence: "\(path) cannot be read", status: .noSuchFile)
    }
    return String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
  }

  /// Asked on the terminal without echo. The corresponding call is `tcsetattr`. Throws `consent.nobody` where there is no terminal.
  static func ask(_ question: String) throws(Failure) -> String {
    var before = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0 else {
      throw Failure(
        code: "consent.nobody",
        sentence:
          "this asks for a password, and standard input is no terminal: --password-file, or --token-file",
        status: .usage)
    }
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      Output.write("\n", to: STDERR_FILENO)
    }
    Output.write(question + " ", to: STDERR_FILENO)
    return readLine() ?? ""
  }
}
