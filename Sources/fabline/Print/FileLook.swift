import GCode
import Glibc

/// A file that was looked at before any port or supervisor is.
struct FileLook: Sendable {
  /// Absolute.
  var path: String
  /// The last part of the path.
  var name: String
  /// Bytes.
  var size: Int64
  /// What its lines say.
  var content = FileContent()

  /// Looks at the file's kind and its first bytes: exists, is a regular file, is text.
  static func opening(at path: String) throws(Failure) -> FileLook {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw unreadable(path, errno) }
    if let kind = irregular(facts.st_mode) {
      throw Failure(
        code: "file.notRegular", sentence: "\(path) is \(kind), not a file to print", status: .noSuchFile)
    }
    let look = FileLook(path: path, name: lastPart(path), size: Int64(facts.st_size))
    let inspection = FileInspection(head: try head(path), size: look.size)
    if let problem = inspection.problem { throw failure(path, [problem]) }
    return look
  }

  /// Looks at all of it as well: problems with their lines, what the slicer says.
  ///
  /// - Throws: `Failure` with the first five problems that stand in the way; with `force`, only those that no option lifts.
  static func whole(at path: String, limits: FileCheckLimits = FileCheckLimits(), force: Bool = false)
    throws(Failure) -> FileLook
  {
    var look = try opening(at: path)
    look.content = try FileContent.read(path, size: look.size, limits: limits)
    let standing = look.content.problems.filter {
      $0.severity == .refused || $0.severity == .forceable && !force
    }
    guard standing.isEmpty else {
      throw failure(
        path, standing, more: look.content.problemsBeyond,
        forceable: standing.allSatisfy { $0.severity == .forceable })
    }
    return look
  }

  /// The warnings that do not stand in the way, for a person.
  var warnings: [String] { content.problems.filter { $0.severity == .warning }.map(Self.text) }

  /// One sentence for one problem; the first five and a count for more.
  private static func failure(
    _ path: String, _ problems: [FileProblem], more: Int64 = 0, forceable: Bool = false
  ) -> Failure {
    let code = problems.first?.code ?? "file.bad"
    let hint = forceable ? " (--force prints it all the same)" : ""
    if problems.count == 1, more == 0, let only = problems.first {
      return Failure(code: code, sentence: "\(path): \(text(only))\(hint)", status: .badGCode)
    }
    let total = Int64(problems.count) + more
    var details = problems.prefix(5).map(text)
    if total > 5 { details.append("and \(NumberText.count(total - 5, "more problem"))") }
    return Failure(
      code: code,
      sentence: "\(path) cannot be printed as it is: \(NumberText.count(total, "problem"))\(hint)",
      status: .badGCode, details: details)
  }

  private static func text(_ problem: FileProblem) -> String {
    problem.line.map { "line \($0): \(problem.sentence)" } ?? problem.sentence
  }

  private static func unreadable(_ path: String, _ number: Int32) -> Failure {
    let words =
      switch number {
      case ENOENT: "there is no file \(path)"
      case EACCES: "you may not read \(path)"
      case let other: "\(path) cannot be read: \(String(cString: strerror(other)))"
      }
    return Failure(
      code: number == ENOENT ? "file.missing" : "file.unreadable", sentence: words, status: .noSuchFile)
  }

  private static func irregular(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe (FIFO)"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }

  private static func head(_ path: String) throws(Failure) -> ArraySlice<UInt8> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: FileInspection.headLength)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw unreadable(path, errno) }
    return bytes[..<count]
  }

  private static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
