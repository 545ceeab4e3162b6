import APIModel
import DriverClient
import DriverInterface
import GCode

/// The start of a direct print on a laser or a mill (safety.md rule 8): a person sees where the file works, how the machine is
/// set, and says yes before the first line.
struct AttendedPrint: Sendable {
  /// The file.
  let path: String
  /// Its staged attempt.
  let attempt: AttemptID
  /// `--yes` was given.
  let yes: Bool

  /// Whether a firmware, as it names itself when it connects, drives machines that cut or burn.
  static func isNeeded(_ firmware: String) -> Bool { firmware.lowercased().hasPrefix("grbl") }

  /// Shows and asks; throws where the person did not say yes, or where there is none.
  func agree(_ driver: DirectDriver) async throws {
    let answers = try await Self.parameters(driver)
    var bounds = try Self.bounds(of: path, answers)
    bounds.machine = driver.place.name
    for line in BoundsText.lines(bounds) { Output.complain(line) }
    guard !yes else {
      throw Failure(
        code: "machine.attended",
        sentence:
          "--yes does not start a laser or a mill: a person beside it has to have seen where it will work; leave --yes out",
        status: .usage)
    }
    try Consent.ask("start now? you stay beside it until it ends", hint: nil)
  }

  /// Asks an idle machine how it is set.
  private static func parameters(_ driver: DirectDriver) async throws(Failure) -> GrblParameters {
    var lines: [String] = []
    for question in GrblParameters.questions {
      if case .lines(let answer) = try await driver.ask(.send(line: question)) { lines += answer }
    }
    return GrblParameters(lines)
  }

  /// The file's box against what the machine told.
  static func bounds(of path: String, _ answers: GrblParameters) throws(Failure) -> BoundsModel {
    var work = WorkBounds()
    var splitter = LineSplitter()
    let pieces = FilePieces(path: path).makeIterator()
    while let piece = try pieces.next() {
      _ = piece.withUnsafeBufferPointer { bytes in
        splitter.forEachLine(in: bytes) { _, content in
          work.read(content)
          return true
        }
      }
    }
    if splitter.finish() != nil { splitter.content.withUnsafeBufferPointer { work.read($0) } }
    var bounds = BoundsModel(job: 0, machine: "", travel: answers.travel)
    bounds.least = work.least
    bounds.most = work.most
    bounds.workOffset = answers.workOffset
    bounds.maximumPower = answers.maximumPower
    bounds.laserMode = answers.laserMode
    bounds.warnings = warnings(work, answers)
    return bounds
  }

  /// What does not fit, or is not known.
  private static func warnings(_ work: WorkBounds, _ answers: GrblParameters) -> [String] {
    var warnings: [String] = []
    if work.least.allSatisfy({ $0 == nil }) { warnings.append("the file has no working move") }
    if work.isUncertain {
      warnings.append("the file moves relatively or sets its own zero: the bounds may lie elsewhere")
    }
    for (axis, name) in ["X", "Y", "Z"].enumerated() where axis < answers.travel.count {
      guard let least = work.least[axis], let most = work.most[axis], answers.travel[axis] > 0 else {
        continue
      }
      if most - least > answers.travel[axis] + 0.01 {
        warnings.append("\(name) works over more than its travel")
      }
    }
    if work.usesM3 { warnings.append("the file uses M3: a beam stays on while the machine stands still") }
    return warnings
  }
}
