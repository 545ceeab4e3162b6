import CLinux
import DriverInterface
import GCode
import PrinterProtocol

/// The attempt that a dead driver left: taken over where the machine can tell that nothing is missing, else ended uncertain.
extension WireLoop {
  /// Called before the loop runs, so that reading a file here holds up nothing.
  func adoptOrphan(_ staged: StagedAttempt, anchor: AttemptProgress?, opener: SourceOpener) {
    let page = ProgressPage.readAll(path: configuration.pagePath)
    var remains = Remains()
    var adoption: JobAdoption?
    let now = clinux_monotonic_ns()
    if let page { remains.page = page.snapshot.attempt == staged.attempt ? .same : .other }
    if let page, remains.page == .same {
      adoption = prepare(staged, page, &remains, opener)
      remains.silence = now - page.aliveAt
    }
    let plan = adoptionPlan(remains)
    switch (plan, adoption, page) {
    case (.ask, let adoption?, let page?): adopt(staged, adoption, page, now)
    case (.ask, _, _): giveUp(staged, anchor, page, "its page cannot be used")
    case (.giveUp(let why), _, _): giveUp(staged, anchor, remains.page == .same ? page : nil, why)
    }
  }

  private func prepare(
    _ staged: StagedAttempt, _ page: PageContents, _ remains: inout Remains, _ opener: SourceOpener
  ) -> JobAdoption? {
    let snapshot = page.snapshot
    let modal = page.modes.modal(at: snapshot)
    let dialect = page.modes.dialect
    remains.wasStreaming = snapshot.state & 1 != 0
    remains.wasPaused = snapshot.isPaused && page.pause != nil
    remains.script = snapshot.script
    remains.firmwareTells =
      configuration.session.machineClass == .printer && dialect?.countsLines == true
      && dialect?.complainsInWords == true
    let learned: Bool? =
      switch snapshot.state >> 3 & 3 {
      case 1: false
      case 2: true
      default: nil
      }
    remains.opensWithoutReset =
      switch configuration.session.resetsOnOpen {
      case .no: learned != true
      case .yes: false
      case .unknown: learned == false
      }
    remains.patience = session.longestAbsence(modal)
    remains.isPortHeld = configuration.holdsPort
    do throws(Fault) {
      let source = try opener(staged.path)
      let isSame = source.facts.size == staged.size && source.facts.modified == page.modes.fileModified
      remains.file = isSame ? .same : .changed
      guard isSame, let lines = LinesInFlight.read(snapshot, source) else { return nil }
      remains.knowsLinesInFlight = true
      return JobAdoption(
        token: staged.attempt.rawValue, progress: SessionProgress(snapshot), sentOffset: snapshot.sentOffset,
        base: snapshot.base, lines: lines, modal: modal,
        openFrom: LineAnchor(
          fileLine: snapshot.openLine, byteOffset: snapshot.openOffset, lineNumber: snapshot.openNumber),
        aliveAt: page.aliveAt, openingResets: learned,
        pause: snapshot.isPaused ? page.pause?.place : nil)
    } catch {
      remains.file = .missing
      return nil
    }
  }

  private func adopt(
    _ staged: StagedAttempt, _ adoption: JobAdoption, _ page: PageContents, _ now: Int64
  ) {
    let ring = ByteRing(capacity: configuration.ringCapacity)
    source = LineSource(ring: ring, offset: adoption.sentOffset, line: adoption.progress.sentFileLine + 1)
    ledger.running = AttemptLedger.Running(
      staged: staged, startedAt: now, startedWhen: clinux_realtime_ns() / 1_000_000)
    ledger.running?.modified = page.modes.fileModified
    ledger.running?.wasAdjusted = page.snapshot.state & 4 != 0
    openingResets = adoption.openingResets
    beginPublication(staged, now)
    log(
      "attempt \(staged.attempt): the driver before this one died after line \(page.snapshot.fileLine) of \(staged.name); "
        + "the machine is asked what it did")
    orders.post(.goOn(staged, ring, from: adoption.sentOffset, modified: page.modes.fileModified))
    session.adoptJob(adoption, dialect: page.modes.dialect ?? configuration.session.dialect, now: now)
    // A banner that waits in the port's input is evidence.
    link.isReopening = true
    pump(now)
  }

  /// What it executed is not known, so a person decides; with all that is known.
  private func giveUp(
    _ staged: StagedAttempt, _ anchor: AttemptProgress?, _ page: PageContents?, _ why: String
  ) {
    var progress =
      anchor
      ?? AttemptProgress(
        attempt: staged.attempt, job: staged.job, name: staged.name, size: staged.size, layers: staged.layers)
    var point =
      ledger.point(staged.attempt)
      ?? ResumePoint(attempt: staged.attempt, job: staged.job, at: clinux_realtime_ns() / 1_000_000)
    if let anchor, point.acknowledged.fileLine < anchor.fileLine {
      point.acknowledged = StreamAnchor(
        fileLine: anchor.fileLine, byteOffset: anchor.byteOffset, lineNumber: anchor.lineNumber)
    }
    var sent = ""
    if let page {
      progress.take(page.snapshot)
      sent = ", line \(page.snapshot.sentFileLine) was the last one sent"
      point.take(page)
    } else if point.modal.parkedAt.isEmpty {
      // The machine may have gone on until the next anchor was due, and that one's sync was waited for: 2 s are long for a card
      // that is well, and one that was slower before may be so again.
      point.staleMs = configuration.anchors.shortest / 1_000_000 + max(2000, 2 * point.syncMs)
    }
    keep(point)
    let during = page?.snapshot.script.words.map { ", in the middle of \($0)" } ?? ""
    let isPaused = page?.snapshot.isPaused ?? !point.modal.parkedAt.isEmpty
    let doing =
      isPaused
      ? "while \(staged.name) was \(point.modal.pauseWords)" : "while it printed \(staged.name)\(during)"
    let sentence =
      "the driver died \(doing): line \(progress.fileLine) (byte \(progress.byteOffset) of "
      + "\(progress.size)) was the last one acknowledged\(sent); it does not go on by itself: \(why); look at the machine "
      + "and decide"
    let fault = Fault(
      code: "attempt.driverDied", sentence: sentence, scope: .job, fileLine: progress.fileLine)
    let outcome = AttemptOutcome(
      kind: .uncertain, progress: progress, fault: fault, endedAt: clinux_realtime_ns() / 1_000_000)
    ledger.end(outcome)
    log("attempt \(staged.attempt): \(sentence)")
    tellEnd(outcome)
  }
}

/// The lines of the file that were on their way when a driver died.
enum LinesInFlight {
  /// More than these bytes of a file are on no wire at once.
  private static let most: Int64 = 64 * 1024

  /// Reads them from the file, number by number; nil where page and file do not fit together.
  static func read(_ page: ProgressSnapshot, _ source: any JobSource) -> [AdoptedLine]? {
    let count = page.highest - page.base
    guard count >= 0, count <= 64, page.byteOffset >= 0, page.sentOffset >= page.byteOffset,
      page.sentOffset - page.byteOffset <= most, page.sentFileLine >= page.fileLine
    else { return nil }
    guard let bytes = slice(of: source, page.byteOffset, page.sentOffset) else { return nil }
    var commands = commands(in: bytes, page)[...]
    var lines: [AdoptedLine] = []
    for bit in 0..<UInt64(count) {
      guard page.fileBits >> bit & 1 == 1 else {
        lines.append(AdoptedLine(bytes: nil))
        continue
      }
      guard let command = commands.popFirst() else { return nil }
      lines.append(command)
    }
    return commands.isEmpty ? lines : nil
  }

  private static func commands(in bytes: [UInt8], _ page: ProgressSnapshot) -> [AdoptedLine] {
    var splitter = LineSplitter(offset: page.byteOffset, line: page.fileLine + 1)
    var found: [AdoptedLine] = []
    func take(_ line: LineSplitter.Line) {
      let content = cleaned(splitter.content)
      guard !content.isEmpty, line.number <= page.sentFileLine else { return }
      found.append(AdoptedLine(bytes: Array(content), fileLine: line.number, endOffset: line.end))
    }
    var position = 0
    while let line = splitter.next(in: bytes.span, at: &position) { take(line) }
    if let last = splitter.finish() { take(last) }
    return found
  }

  private static func slice(of source: any JobSource, _ start: Int64, _ end: Int64) -> [UInt8]? {
    guard source.skip(start) else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(end - start))
    var count = 0
    while count < bytes.count {
      let result = bytes.withUnsafeMutableBytes { space in
        source.read(into: UnsafeMutableRawBufferPointer(rebasing: space[count...]))
      }
      guard case .bytes(let more) = result else { return nil }
      count += more
    }
    return bytes
  }
}

extension JobSource {
  /// Leaves out so many bytes; false where there are not as many.
  func skip(_ count: Int64) -> Bool {
    var space = [UInt8](repeating: 0, count: 64 * 1024)
    var left = count
    while left > 0 {
      let wanted = Int(min(left, Int64(space.count)))
      let result = space.withUnsafeMutableBytes {
        read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
      }
      guard case .bytes(let read) = result else { return false }
      left -= Int64(read)
    }
    return true
  }
}

extension SessionProgress {
  init(_ page: ProgressSnapshot) {
    self.init()
    fileLine = page.fileLine
    byteOffset = page.byteOffset
    lineNumber = page.lineNumber
    acknowledged = page.acknowledged
    resends = page.resends
    sentFileLine = page.sentFileLine
    sentLineNumber = page.sentLineNumber
  }
}

extension AttemptProgress {
  /// Takes over what the page of a dead driver says.
  fileprivate mutating func take(_ page: ProgressSnapshot) {
    fileLine = page.fileLine
    byteOffset = page.byteOffset
    lineNumber = page.lineNumber
    acknowledged = page.acknowledged
    resends = page.resends
    layer = Int32(clamping: page.layer)
  }
}
