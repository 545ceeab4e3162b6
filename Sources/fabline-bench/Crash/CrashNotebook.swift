import Foundation

/// What the people of a stage know without asking: what they submitted, what they said, what was printed before.
final class CrashNotebook {
  private(set) var parts: [Int: CrashPart] = [:]
  /// The parts of jobs that the supervisor accepted, by the job's number.
  private(set) var accepted: [Int64: Int] = [:]
  /// Submissions of which nobody knows whether they were accepted; the same key is sent again.
  var unsure: [Submission] = []
  /// How often a person queued a job again.
  var retries: [Int64: Int] = [:]
  /// How many prints a machine had begun when a person said that its bed is clear.
  var printsCleared: [String: Int] = [:]
  /// Jobs whose end was seen and will not change any more.
  var settled: Set<Int64> = []
  private(set) var next = 1

  struct Submission {
    var part: CrashPart
    var machine: String?
    var pool: String?
    var copies: Int
    var key: String { "key-\(part.number)" }
  }

  func makePart(moves: Int, kind: CrashPart.Kind) -> CrashPart {
    let part = CrashPart(number: next, moves: moves, kind: kind)
    next += 1
    parts[part.number] = part
    return part
  }

  func note(job: Int64, of part: Int) { accepted[job] = part }

  /// Long campaigns: what was settled long ago is not kept.
  func forget(partsBelow number: Int) {
    for old in parts.keys where old < number { parts[old] = nil }
  }
}
