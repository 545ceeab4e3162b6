import APIModel
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
    let answers = try await GrblAnswers.ask(driver)
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

  /// The file's box against what the machine told.
  static func bounds(of path: String, _ answers: GrblAnswers) throws(Failure) -> BoundsModel {
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
    bounds.maximumPower = answers.setting(30)
    bounds.laserMode = answers.setting(32).map { $0 == 1 }
    bounds.warnings = warnings(work, answers)
    return bounds
  }

  /// What does not fit, or is not known.
  private static func warnings(_ work: WorkBounds, _ answers: GrblAnswers) -> [String] {
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

/// What a GRBL machine answered to `$$`, `$#` and `$G`.
struct GrblAnswers: Equatable, Sendable {
  private var settings: [Int: Double] = [:]
  private var offsets: [String: [Double]] = [:]
  private var active = "G54"

  /// Reads the lines in any order; what is none of these is passed over.
  init(_ lines: [String]) {
    for line in lines { read(line) }
  }

  /// Asks an idle machine.
  static func ask(_ driver: DirectDriver) async throws(Failure) -> GrblAnswers {
    var lines: [String] = []
    for question in ["$$", "$#", "$G"] {
      if case .lines(let answer) = try await driver.ask(.send(line: question)) { lines += answer }
    }
    return GrblAnswers(lines)
  }

  /// `$N`.
  func setting(_ number: Int) -> Double? { settings[number] }

  /// `$130` to `$132`, in mm.
  var travel: [Double] {
    let axes = [130, 131, 132].compactMap { settings[$0] }
    return axes.count == 3 ? axes : []
  }

  /// Where the file's zero lies in the machine: the offset in force and G92; nil where it was not said.
  var workOffset: [Double]? {
    guard let base = offsets[active] else { return nil }
    return zip(base, offsets["G92"] ?? [0, 0, 0]).map { $0 + $1 }
  }

  private mutating func read(_ line: String) {
    if line.hasPrefix("$"), let equals = line.firstIndex(of: "=") {
      let value = line[line.index(after: equals)...].prefix { $0 != " " && $0 != "(" }
      if let number = Int(line[line.index(after: line.startIndex)..<equals]), let value = Double(value) {
        settings[number] = value
      }
    } else if line.hasPrefix("[GC:") {
      let words = line.dropFirst(4).split(whereSeparator: { $0 == " " || $0 == "]" })
      if let word = words.first(where: { $0.hasPrefix("G5") && $0 >= "G54" }) { active = String(word) }
    } else if line.hasPrefix("[G"), line.hasSuffix("]"), let colon = line.firstIndex(of: ":") {
      let values = line[line.index(after: colon)...].dropLast().split(separator: ",").compactMap {
        Double($0)
      }
      guard values.count >= 3 else { return }
      offsets[String(line[line.index(after: line.startIndex)..<colon])] = Array(values.prefix(3))
    }
  }
}
