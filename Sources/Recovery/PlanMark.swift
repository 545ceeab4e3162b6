/// Where a plan ends and the original file goes on: written into the plan, so that a print which is cut short a second time is told
/// in the lines of the original.
public struct PlanMark: Equatable, Sendable {
  /// The line of the original with which it goes on.
  public var line: Int64
  /// The offset of its first byte there.
  public var offset: Int64
  /// How many lines the plan has.
  public var planLines: Int64
  /// How many bytes.
  public var planEnd: Int64
  /// The first line of the plan that moves anything, the lift.
  public var lift: Int64

  private static let words = "; The file goes on here: line "

  /// The plan's last line.
  static func text(line: Int64, offset: Int64) -> String { "\(words)\(line), byte \(offset)" }

  /// Reads the mark out of the beginning of a file that was made for a recovery; nil where it has none.
  public init?(head: [UInt8]) {
    var end = 0
    var number: Int64 = 0
    var lift: Int64?
    for text in head.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      end += text.count + 1
      let text = String(decoding: text, as: UTF8.self)
      if lift == nil, text.hasPrefix("G1 Z") { lift = number }
      guard text.hasPrefix(Self.words) else { continue }
      let numbers = text.dropFirst(Self.words.utf8.count).split(separator: ",")
      guard numbers.count == 2, let line = Int64(numbers[0]), numbers[1].hasPrefix(" byte "),
        let offset = Int64(numbers[1].dropFirst(6)), line > 0, offset >= 0, let lift, end <= head.count
      else { return nil }
      self.line = line
      self.offset = offset
      self.lift = lift
      planLines = number
      planEnd = Int64(end)
      return
    }
    return nil
  }
}

/// What a record of a recovered print says, once the plan is taken away.
public enum RecordBehindPlan: Equatable, Sendable {
  /// All that is in doubt is of the original; the record in its lines.
  case original(StopRecord)
  /// Certainly nothing had moved yet: it stands as it did before the plan ran.
  case unmoved
  /// The plan may have been moving when it was cut short; its last line on record.
  case inPlan(Int64)
}

extension StopRecord {
  /// The record in the lines of the original.
  ///
  /// The driver's own last word, not an older one, has to say that not even the lift was sent: heat alone changes no height.
  public func behind(_ mark: PlanMark) -> RecordBehindPlan {
    let firstInDoubt = min(firstUnsure?.line ?? .max, acknowledged.line + 1)
    guard firstInDoubt > mark.planLines else {
      let isHeating = staleSeconds == 0 && max(sent.line, acknowledged.line) < mark.lift
      return isHeating ? .unmoved : .inPlan(max(sent.line, acknowledged.line))
    }
    var record = self
    record.acknowledged = acknowledged.moved(mark)
    record.sent = sent.line > mark.planLines ? sent.moved(mark) : record.acknowledged
    record.firstUnsure = firstUnsure?.moved(mark)
    record.earlierLine = earlierLine > mark.planLines ? earlierLine - mark.planLines + mark.line - 1 : 0
    return .original(record)
  }
}

extension StopRecord.Anchor {
  fileprivate func moved(_ mark: PlanMark) -> StopRecord.Anchor {
    StopRecord.Anchor(
      line: line - mark.planLines + mark.line - 1, end: end > 0 ? end - mark.planEnd + mark.offset : 0)
  }
}

extension RecoveryRefusal {
  /// The plan itself was cut short while it may have been moving.
  public static func inPlan(_ line: Int64, job: Int64) -> RecoveryRefusal {
    RecoveryRefusal(
      "recovery.inPlan",
      "it was cut short a second time while the plan itself ran, at its line \(line): how high the nozzle stands is not known"
        + " any more, and homing Z would press it into the part; take the part off and `fabline retry \(job)`, or give it up:"
        + " `fabline recover \(job) --failed`")
  }
}
