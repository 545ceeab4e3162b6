import GCode

/// Makes the plan to go on with a print that was cut short: from the record, the raw file, the machine and a person's choices.
///
/// A value without input or output. The file goes in piece by piece, from its first byte, until `feed` says that the rest is of no
/// interest; `finish` gives what is known, what has to be asked, and the plan or why there is none (safety.md rule 15).
///
///     var recovery = Recovery(record: record, machine: machine, choice: choice, fileName: "part.gcode")
///     if recovery.refusal == nil { while let piece = readMore(), recovery.feed(piece) {} }
///     let result = recovery.finish()
public struct Recovery: Sendable {
  let record: StopRecord
  let machine: RecoveryMachine
  let choice: RecoveryChoice
  private let fileName: String
  private(set) var follower: FileFollower
  /// What stands in the way whatever the file says; then the file need not be read.
  public let refusal: RecoveryRefusal?

  /// Begins.
  public init(record: StopRecord, machine: RecoveryMachine, choice: RecoveryChoice, fileName: String) {
    self.record = record
    self.machine = machine
    self.choice = choice
    self.fileName = fileName
    follower = FileFollower(record: record, extruderRule: machine.extruderRule, choice: choice)
    refusal = Recovery.refusal(machine, record)
  }

  /// Reads the next piece of the file; false where the rest is of no interest.
  public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { follower.feed(bytes) }

  /// Ends the file and gives the result. Where the machine is refused the window is told all the same.
  public mutating func finish() -> RecoveryResult {
    follower.finish()
    var result = RecoveryResult()
    result.window = window
    result.heights = heights
    if let refusal {
      result.refusal = refusal
      return result
    }
    do throws(RecoveryRefusal) {
      try checkRecord()
      let height = try chosenHeight()
      let place = try chosenPlace(at: height)
      let believed = record.parkedAt?.z ?? height.least
      try check(place, believed: believed)
      let writer = try PlanWriter(
        machine: machine, record: record, place: place, checked: follower.checked ?? place.track.state,
        believed: believed, fileName: fileName)
      result.believedZ = believed
      result.place = ResumePlace(
        line: place.line, offset: place.offset, layer: layer(place), position: place.track.state.position)
      result.plan = writer.lines()
      result.questions = questions(writer)
      result.notes = writer.notes
      if let note = paceNote { result.notes.append(note) }
    } catch {
      result.refusal = error
    }
    return result
  }

  // MARK: - What is known

  private var paceNote: String? {
    guard record.staleSeconds > 0 else { return nil }
    guard let pace = follower.pace else {
      return
        "How fast the machine went is not on record: a speed of up to ten times the file's, as it can be set "
        + "at the printer, is reckoned with."
    }
    guard pace > 1.05 else { return nil }
    return
      "The machine went \(GCodeText.number(pace, places: 1)) times as fast as the file says, and may have gone "
      + "on so: that much more of the file is in doubt."
  }

  private var window: RunWindow? {
    guard record.acknowledged.line > 0, let first = follower.first else { return nil }
    let ran = first.line - 1
    return RunWindow(
      ranUpTo: ran, mayHaveRunUpTo: max(ran, follower.lastDoubtful), doubtful: follower.doubtfulCount)
  }

  /// Lowest first. A head that was parked stands where it was parked.
  var heights: [HeightChoice] {
    guard record.acknowledged.line > 0, record.parkedAt == nil else { return [] }
    return sortedHeights.map {
      HeightChoice(z: $0.least, layer: layer($0.place), line: $0.place.line)
    }
  }

  private var sortedHeights: [FileFollower.Height] { follower.heights.sorted { $0.least < $1.least } }

  private func layer(_ place: FileFollower.Place) -> Int32 {
    place.track.state.layer.map { $0 &+ 1 } ?? 0
  }

  // MARK: - What was chosen

  private func chosenHeight() throws(RecoveryRefusal) -> FileFollower.Height {
    let heights = sortedHeights
    guard let lowest = heights.first else {
      throw RecoveryRefusal(
        "recovery.notReached",
        "the file ends before the line that is on record: it is not the file that was printed")
    }
    guard record.parkedAt == nil, let wanted = choice.height else { return lowest }
    guard let found = heights.first(where: { abs($0.least - wanted) < 0.005 }) else {
      let known = heights.map { GCodeText.mm($0.least) }.joined(separator: ", ")
      throw RecoveryRefusal(
        "recovery.height", "the nozzle cannot stand at \(GCodeText.mm(wanted)): the print was at \(known)")
    }
    return found
  }

  private func chosenPlace(at height: FileFollower.Height) throws(RecoveryRefusal) -> FileFollower.Place {
    let end = follower.lastDoubtful
    switch choice.place {
    case .proposed: return height.place
    case .line(let line):
      guard let chosen = follower.chosen else {
        throw RecoveryRefusal(
          "recovery.notReached",
          "line \(line) was certainly not reached: the print stopped between line \(follower.first?.line ?? 0) and"
            + " \(end)")
      }
      return chosen
    case .layer(let layer):
      guard let chosen = follower.chosen else {
        throw RecoveryRefusal(
          "recovery.notReached",
          "the file has no layer \(layer) up to line \(end), where the print stopped at the latest")
      }
      return chosen
    }
  }
}
