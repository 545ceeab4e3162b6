import GCode

/// Streaming a file.
extension PrinterSession {
  /// Starts a job; its lines are asked for by `wantsLine`.
  public mutating func startJob(_ start: JobStart, now: Int64) throws(SessionRefusal) {
    guard job == nil else { throw SessionRefusal(code: "machine.busy", sentence: "a job is already running") }
    guard phase == .idle, greeting == nil else { throw notReady() }
    guard hands.isEmpty else {
      throw SessionRefusal(code: "machine.busy", sentence: "a line or act by hand is still running")
    }
    job = Job(token: start.token, numberBefore: stream.highest)
    interrupted = nil
    progress = SessionProgress()
    sentOffset = 0
    modesChanged &+= 1
    planner.emptied()
    modal.layer = nil
    modal.layerCount = nil
    renumberings = 0
    script = nil
    waiting.clear()
    toolOffAt = nil
    bedOffAt = nil
    tell(.jobStarted(token: start.token))
    enter(.printing)
    // Long before the firmware's 32 bits are used up.
    if stream.highest > 1_000_000_000 { renumber(now: now) }
    advance(now: now)
  }

  func notReady() -> SessionRefusal {
    switch phase {
    case .killed:
      SessionRefusal(code: "machine.killed", sentence: "the firmware is stopped; reset it first")
    case .printingNotOurs:
      SessionRefusal(code: "machine.printingNotOurs", sentence: "a print from the printer's card is running")
    case .disconnected, .opening, .handshaking, .linkLost:
      SessionRefusal(code: "machine.notConnected", sentence: "the printer is not connected")
    case .idle, .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention:
      SessionRefusal(code: "machine.busy", sentence: "the machine is busy")
    }
  }

  /// Whether the next line of the file may be supplied now.
  public var wantsLine: Bool {
    var copy = self
    return copy.isLineWanted()
  }

  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  ///
  /// `fileLine` counts from 1, `endOffset` is the offset of the byte behind the line's end.
  public mutating func supply(line: Span<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    guard isLineWanted() else { return notWanted(fileLine, now: now) }
    job?.suppliedLine = fileLine
    job?.suppliedOffset = endOffset
    guard !line.isEmpty else { return }
    let most = Self.longestContent(stream.dialect.longestLine, behind: stream.highest)
    guard line.count <= most else { return tooLong(line.count, most, fileLine, now: now) }
    var command = Command()
    command.read(line)
    if command.isM, !permits(command, line, fileLine, endOffset, now: now) { return }
    guard stream.fits(line.count) else {
      return waiting.hold(line, command, fileLine: fileLine, endOffset: endOffset)
    }
    sendFile(line, &command, fileLine: fileLine, endOffset: endOffset, now: now)
  }

  /// Supplies the next line of the file, cleaned of comments and blanks.
  public mutating func supply(line: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    supply(line: line.span, fileLine: fileLine, endOffset: endOffset, now: now)
  }

  private mutating func notWanted(_ fileLine: Int64, now: Int64) {
    guard job != nil else { return }
    let fault = SessionFault(
      code: "stream.lineNotWanted", sentence: "line \(fileLine) came when no line was wanted", scope: .job,
      fileLine: fileLine)
    failJob(fault, now: now)
  }

  private mutating func tooLong(_ count: Int, _ most: Int, _ fileLine: Int64, now: Int64) {
    let words = "line \(fileLine) has \(count) characters, of which the firmware takes \(most)"
    failJob(
      SessionFault(code: "file.lineTooLong", sentence: words, scope: .job, fileLine: fileLine), now: now)
  }

  /// Whether an M command of the file may go; false where the job ends by it or a person is asked first.
  private mutating func permits(
    _ command: Command, _ line: Span<UInt8>, _ fileLine: Int64, _ endOffset: Int64, now: Int64
  ) -> Bool {
    switch judge.file(command) {
    case .send, .stop, .answer: return true
    case .refuse(let refusal):
      let fault = SessionFault(
        code: refusal.code == "limit.temperature" ? "file.overTemperature" : refusal.code,
        sentence: "line \(fileLine): \(refusal.sentence)", scope: .job, fileLine: fileLine)
      failJob(fault, now: now)
    case .ask(let words):
      let bytes = line.withUnsafeBufferPointer { Array($0) }
      job?.held = HeldLine(line: bytes, fileLine: fileLine, endOffset: endOffset)
      setPrompt(SessionPrompt(text: "line \(fileLine): \(words)", choices: ["send it", "leave it out"]))
      needAttention(.held, words, now: now)
    }
    return false
  }

  /// Sends a line of the file. (`command` is not changed; `inout`, so that it is not copied.)
  mutating func sendFile(
    _ line: Span<UInt8>, _ command: inout Command, fileLine: Int64, endOffset: Int64, now: Int64
  ) {
    progress.sentFileLine = fileLine
    sentOffset = endOffset
    if stream.dialect.colonEndsLine, command.textOffset != nil {
      // Marlin 1.0 ends a line at `:`; the rest of the message would run as a command.
      let bytes = line.withUnsafeBufferPointer { Array($0) }
      let plain = bytes.map { $0 == ASCII.colon ? ASCII.space : $0 }
      send(plain.span, kind: .file, command: &command, fileLine: fileLine, endOffset: endOffset, now: now)
    } else {
      send(line, kind: .file, command: &command, fileLine: fileLine, endOffset: endOffset, now: now)
    }
    progress.sentLineNumber = stream.highest
  }

  /// Marlin 1.0 ends a line at `:`; the rest of a message would run as a command.
  func wireForm(of line: ArraySlice<UInt8>, _ command: Command?) -> ArraySlice<UInt8> {
    guard dialect.colonEndsLine, command?.textOffset != nil, line.contains(ASCII.colon) else { return line }
    return line.map { $0 == ASCII.colon ? ASCII.space : $0 }[...]
  }

  /// The longest line that fits with the widest number that will come.
  var longestContent: Int { Self.longestContent(stream.dialect.longestLine, behind: stream.highest) }

  @inline(__always)
  private static func longestContent(_ longestLine: Int, behind highest: Int64) -> Int {
    // Seven digits are allowed for from the beginning.
    let limit = LineLimit(characters: longestLine).content(widestNumber: max(highest + 1, 9_999_999))
    return min(limit, SentHistory.longestLine - longestFrame)
  }

  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) { modal.note(mark) }

  /// The file has no more lines.
  public mutating func endOfFile(now: Int64) {
    guard job != nil else { return }
    job?.isSourceOpen = false
    advance(now: now)
  }

  /// The file cannot be read on; the job fails with this fault after the safe ending.
  public mutating func sourceFailed(_ fault: SessionFault, now: Int64) { failJob(fault, now: now) }

  // MARK: Ends

  /// The job ends as failed after the safe ending: heaters off, lift, park.
  mutating func failJob(_ fault: SessionFault, now: Int64) {
    guard job != nil else { return tell(.fault(fault)) }
    if job?.ending == nil { job?.ending = Ending(end: .failed, fault: fault) }
    guard gap == nil else {
      gap?.phase = .cancelling
      return
    }
    beginEnding(why: fault.sentence, now: now)
  }

  /// Leads into the safe ending; whatever script ran is over.
  mutating func beginEnding(why: String, now: Int64) {
    let isFirst = phase != .cancelling
    if isFirst { script = nil }
    waiting.clear()
    job?.untaken.removeAll()
    job?.held = nil
    job?.attention = nil
    setPrompt(nil)
    standbyAt = nil
    let waits = isFirst && stream.ledger.contains(where: { $0.facts.waitsForHeat || $0.facts.isOpenEnded })
    enter(.cancelling, reason: waits && !dialect.breaksWaits ? why + "; " + unbreakable : why)
    if waits { breakWait(now: now) }
    advance(now: now)
  }

  /// Why the ending does not begin at once where the firmware waits and cannot be told to stop waiting.
  private var unbreakable: String {
    dialect.limits.isEmpty ? "it begins when the firmware's own wait is over" : dialect.limits
  }

  /// The job is over.
  mutating func endJob(_ end: JobEnd, _ fault: SessionFault?, now: Int64) {
    guard let ended = job else { return }
    noteInterruption()
    if end == .done {
      progress.fileLine = max(progress.fileLine, ended.suppliedLine)
      progress.byteOffset = max(progress.byteOffset, ended.suppliedOffset)
    }
    job = nil
    script = nil
    waiting.clear()
    heatWatch = nil
    standbyAt = nil
    setPrompt(nil)
    if end == .uncertain, modal.isAnyHeaterOn { armHeaterTimers(now: now) }
    tell(.jobEnded(token: ended.token, end, fault: fault))
  }

  /// The stream cannot go on.
  mutating func streamFailed(_ failure: StreamFailure, now: Int64) {
    if gap != nil { return gapAnswered(failure, now: now) }
    if failure != .silent, let current = greeting, !current.isRenumbering {
      // The greeting's M110 did not take, or a line of it was lost; set the numbers again.
      stream.close()
      greeting = Greeting(step: .number, restarts: current.restarts + 1)
      if current.restarts + 1 >= configuration.patience.greetings { giveUpGreeting(now: now) }
      return
    }
    switch failure {
    case .silent: silent(now: now)
    case .numberingLost:
      restarted(words: "it lost count of the lines", now: now)
    case .resendLoop, .outOfHistory, .fragmentMayHaveRun, .alteredOnTheWay, .unaccountable:
      let fault = fault(failure, fileLine: fileLine(of: failure))
      switch failure {
      case .fragmentMayHaveRun(let line), .alteredOnTheWay(let line): rewindProgress(before: line)
      default: break
      }
      renumberings += 1
      guard renumberings < 6 else { return silent(now: now) }
      renumber(now: now)
      if job != nil { failJob(fault, now: now) } else { tell(.fault(fault)) }
    }
  }

  /// Nothing answers any more.
  mutating func silent(now: Int64) {
    if greeting != nil, greeting?.isRenumbering == false { return giveUpGreeting(now: now) }
    let fault = SessionFault(
      code: "link.silent",
      sentence:
        "the printer answers no longer; the last line it took is line \(progress.fileLine) of the file",
      scope: .connection, fileLine: job.map { _ in progress.fileLine })
    loseLink(fault, now: now)
    actions.append(.closeLink)
  }

  private func fileLine(of failure: StreamFailure) -> Int64? {
    let number: Int64
    switch failure {
    case .resendLoop(let line, _), .fragmentMayHaveRun(let line), .alteredOnTheWay(let line),
      .unaccountable(let line):
      number = line
    case .outOfHistory, .numberingLost, .silent: return job.map { _ in progress.fileLine }
    }
    guard let line = stream.history.facts(of: number)?.fileLine, line > 0 else { return nil }
    return line
  }

  /// What most likely makes a firmware ask for one line for ever.
  private var loopCause: String {
    guard stream.history.newest - stream.lastWanted < 3, counted.resends < 40 else {
      return "check the cable, its shield and the baud rate"
    }
    return
      "the same bytes are refused again and again, so the firmware itself does not take them (a line too long for it, or a letter that it reads as something else), or the cable damages them"
  }

  private func fault(_ failure: StreamFailure, fileLine: Int64?) -> SessionFault {
    let place = fileLine.map { "line \($0) of the file" } ?? "a line of the host's own"
    switch failure {
    case .resendLoop(let number, let times):
      let bytes = String(decoding: stream.history.line(number).dropLast(), as: UTF8.self)
      let said = complaint.isEmpty ? "" : "; it says \u{201c}\(complaint)\u{201d}"
      return SessionFault(
        code: "stream.resendLoop",
        sentence:
          "the printer asked \(times) times for \(place), each time sent as \u{201c}\(bytes)\u{201d}\(said): \(loopCause)",
        scope: .job, fileLine: fileLine)
    case .outOfHistory(let wanted, let oldest):
      return SessionFault(
        code: "stream.resendOutOfHistory",
        sentence: "the printer asks for line number \(wanted), but only those from \(oldest) on are kept",
        scope: .job, fileLine: fileLine)
    case .fragmentMayHaveRun:
      return SessionFault(
        code: "stream.fragmentMayHaveRun",
        sentence:
          "\(place) arrived damaged and a piece of it may have run; it is not one that can be repeated without harm",
        scope: .job, fileLine: fileLine)
    case .alteredOnTheWay:
      return SessionFault(
        code: "stream.alteredOnTheWay",
        sentence:
          "\(place) arrived as a command that the printer does not know, with a checksum that fitted: it did not run, and the printer has gone past it",
        scope: .job, fileLine: fileLine)
    case .unaccountable:
      return SessionFault(
        code: "stream.answerMissing",
        sentence:
          "\(place) stayed without an answer, and this firmware does not count lines: whether it ran is not known",
        scope: .job, fileLine: fileLine)
    case .numberingLost, .silent:
      return SessionFault(
        code: "stream.failed", sentence: "the stream failed at \(place)", scope: .job, fileLine: fileLine)
    }
  }
}
