import APIModel

/// An end that is not success: one sentence for a person, a stable code for a program, a status for the parent.
struct Failure: Error, Equatable, Sendable {
  /// The stable dotted code.
  var code: String
  /// What happened, to which file, port, job or machine, and what to do.
  var sentence: String
  /// What the process exits with.
  var status: SysExit
  /// Lines shown below the sentence, for example the problems of a file.
  var details: [String] = []

  /// A wrong argument that the parser could not see.
  static func usage(_ sentence: String) -> Failure {
    Failure(code: "request.usage", sentence: sentence, status: .usage)
  }
}

extension Failure {
  /// What the supervisor answered.
  init(_ problem: Problem) {
    self.init(
      code: problem.code, sentence: problem.detail.isEmpty ? problem.title : problem.detail,
      status: SysExit(httpStatus: problem.status, code: problem.code))
  }

  /// The problem document (RFC 9457) that `--json` prints for it, with the exit code where HTTP has its status.
  var document: FailureDocument {
    FailureDocument(
      type: "urn:fabline:problem:\(code)", title: status.explanation, detail: sentence, code: code,
      exitCode: status.rawValue, details: details.isEmpty ? nil : details)
  }
}

extension Failure {
  /// A port that is silent or answers garbage is most often one at the wrong speed: asks, where the sentence does not yet.
  func askingSpeed(_ baud: Int, option: String) -> Failure {
    guard ["handshake.noAnswer", "link.garbled"].contains(code), baud > 0, !sentence.contains("\(baud)")
    else {
      return self
    }
    var asking = self
    asking.sentence += sentence.hasSuffix("?") || sentence.hasSuffix(".") ? " " : ". "
    asking.sentence += "Is \(baud) baud its speed (\(option))?"
    return asking
  }
}

/// A failure as JSON.
struct FailureDocument: Codable, Equatable, Sendable {
  var type: String
  var title: String
  var detail: String
  var code: String
  var exitCode: Int32
  /// For example the problems of a file, a line each.
  var details: [String]?
}
