import Glibc

/// A person's yes, for what moves, heats or burns: asked in a terminal, or given beforehand with `--yes`.
enum Consent {
  /// Returns where a person agreed; throws where they did not, or where there is nobody to ask.
  ///
  /// - Parameter hint: what a script can do instead; nil where only a person may say yes.
  static func ask(_ question: String, given: Bool = false, hint: String? = "--yes") throws(Failure) {
    if given { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(
        code: "consent.nobody",
        sentence: "this asks a person, and standard input is no terminal"
          + (hint.map { "; \($0) says yes beforehand" } ?? ""),
        status: .usage)
    }
    Output.write(question + " [y/N] ", to: STDERR_FILENO)
    let answer = (readLine() ?? "").trimmingBlanks().lowercased()
    guard answer == "y" || answer == "yes" else {
      throw Failure(code: "consent.refused", sentence: "nothing was done", status: .cancelled)
    }
  }
}
