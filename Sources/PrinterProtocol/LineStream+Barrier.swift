import GCode

/// Lines that must not run twice, and a firmware that says it has not taken them.
///
/// A line that lost its number runs unnumbered. While the planner is full, what is left of it lies in the firmware's queue,
/// and the complaint about the next line comes before its `ok`: nothing has shown it yet. So a question goes ahead of the
/// lines, under their first number: it passes through the same queue, and its answer is like no other. An `ok` before that
/// answer which belongs to no line taken is a piece's.
extension LineStream {
  /// Whether the answer to the question can be told from a line's, and the number that is wanted is said twice.
  var showsPieces: Bool { reportsCarryTemperatures && dialect.complainsInWords }

  /// Puts the question under the number that is wanted; the lines from there on move up by one.
  ///
  /// It may take as long as the first line that must not run twice, which is due at `due`, since it may wait for the same room.
  mutating func putBarrier(before wanted: Int64, due: Int64?) {
    let facts = LineFacts(kind: .poll, isReport: true, due: due)
    history.insert(Self.reportLine, facts, at: wanted)
    for index in renewals.indices {
      if renewals[index].old >= wanted { renewals[index].old += 1 }
      if renewals[index].new >= wanted { renewals[index].new += 1 }
    }
    if highestRetired >= wanted { highestRetired += 1 }
    barrier = wanted
    insertedAt = wanted
  }

  /// A piece ran of what was to go out again behind the question.
  func pieceRan() -> StreamFailure {
    let line = (lastWanted...highest).first { history.facts(of: $0)?.isRepeatable != true }
    return .fragmentMayHaveRun(line: line ?? lastWanted + 1)
  }
}
