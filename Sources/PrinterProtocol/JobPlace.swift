import GCode

/// A place in the file and in the firmware's count of lines.
public struct LineAnchor: Equatable, Sendable {
  /// The line of the file, from 1; 0 before the first.
  public var fileLine: Int64
  /// Bytes of the file up to the end of that line.
  public var byteOffset: Int64
  /// The firmware line number that carried it; 0 where unknown.
  public var lineNumber: Int64

  /// Makes an anchor; without arguments the place before the first line.
  public init(fileLine: Int64 = 0, byteOffset: Int64 = 0, lineNumber: Int64 = 0) {
    self.fileLine = fileLine
    self.byteOffset = byteOffset
    self.lineNumber = lineNumber
  }
}

/// Where a job stands, or stood when it was interrupted: all that a plan to go on needs.
public struct JobPlace: Sendable {
  /// The last line that the firmware acknowledged.
  public var acknowledged = LineAnchor()
  /// The last line of the file that was sent.
  public var sent = LineAnchor()
  /// The last acknowledged lines of this job, oldest first; they may not have moved yet.
  public var open: [LineAnchor] = []
  /// `open` holds only the first of them.
  public var isFirstOnly = false
  /// What the firmware remembered after the last line sent; in a pause as it was before that.
  public var modal = ModalState()
  /// The job is paused and lifted or parked.
  public var isParked = false
  /// Where it is parked; nil where it is not, or not known where.
  public var parkedAt: Position?
  /// Why it is paused; empty where a person asked for it.
  public var pauseReason = ""

  /// Makes the place before the first line.
  public init() {}

  /// The most lines in `open`: more than a planner and a command queue hold.
  public static let mostOpen = 64
}

extension PrinterSession {
  /// Where the running job stands, or where the last one stood when it ended.
  public mutating func jobPlace() -> JobPlace { interrupted ?? currentPlace() }

  /// Remembers where the job stands before what is known of the machine is given up.
  mutating func noteInterruption() {
    guard job != nil, interrupted == nil else { return }
    interrupted = currentPlace()
  }

  private func currentPlace() -> JobPlace {
    var place = JobPlace()
    place.acknowledged = LineAnchor(
      fileLine: progress.fileLine, byteOffset: progress.byteOffset, lineNumber: progress.lineNumber)
    place.sent = LineAnchor(
      fileLine: progress.sentFileLine,
      byteOffset: max(progress.byteOffset, sentOffset),
      lineNumber: progress.sentLineNumber)
    place.open = openLines()
    if let first = place.open.first, first == job?.openFrom {
      place.open = [first]
      place.isFirstOnly = true
    }
    place.modal = modal
    if let parked = job?.parked {
      place.modal = parked.state
      place.isParked = parked.isLifted
      let isPaused = phase == .paused || gap?.phase == .paused
      // A pause begins behind M400: nothing is left in planner or queue, until a resume is over.
      if isPaused || phase == .resuming || gap?.phase == .resuming {
        place.open = []
        place.isFirstOnly = false
      }
      let isThere = parked.isLifted && isPaused && modal.known.isSuperset(of: .xyz)
      place.parkedAt = isThere ? modal.position : nil
      place.pauseReason = isPaused ? gap?.reason ?? reason : ""
    }
    return place
  }

  /// The last lines of this job that were acknowledged, oldest first. Where the history does not reach back far enough, the
  /// first of them is the place behind which it does.
  private func openLines() -> [LineAnchor] {
    guard let job, progress.fileLine > 0 else { return [] }
    var lines: [LineAnchor] = []
    var number = min(progress.lineNumber, stream.history.newest)
    while lines.count < JobPlace.mostOpen, number > job.numberBefore,
      let facts = stream.history.facts(of: number)
    {
      if facts.kind == .file {
        lines.append(
          LineAnchor(fileLine: facts.fileLine, byteOffset: facts.endOffset, lineNumber: number))
      }
      number -= 1
    }
    if lines.count < JobPlace.mostOpen, lines.last.map({ $0.fileLine > job.openFrom.fileLine }) ?? true {
      if job.openFrom.fileLine > 0 { lines.append(job.openFrom) }
    }
    lines.reverse()
    return lines
  }
}

extension MachineSession {
  /// Where the running job stands, or where the last one stood when it ended.
  public mutating func jobPlace() -> JobPlace {
    guard family == .grbl else { return printer.jobPlace() }
    var place = JobPlace()
    let progress = grbl.progress
    place.acknowledged = LineAnchor(
      fileLine: progress.fileLine, byteOffset: progress.byteOffset, lineNumber: progress.lineNumber)
    place.sent = LineAnchor(fileLine: progress.sentFileLine, byteOffset: progress.byteOffset)
    place.modal = grbl.modal
    return place
  }
}
