import GCode

/// The link was lost in mid-job and the job is kept (safety rule 14).
///
///     away --port open again--> asking --the firmware's count--> measuring --still hot--> the phase before
///      ^ |                        |                                |
///      | `-------- any of them: lost again --- (stays one gap) ----'
///      `- from each: the time is over, a banner, lost numbering, silence, a cold hot end -> the job ends uncertain
///
/// Lines that were in flight are sent again only where the firmware's own count says that it did not take them.
struct LinkGap: Sendable {
  enum Step: Equatable, Sendable {
    /// The port is not open.
    case away
    /// The firmware was asked for its count.
    case asking
    /// Its numbering is intact; M105 with this number is in flight. How long the link was away in ns.
    case measuring(number: Int64, gap: Int64)
    /// It is still hot; M114 with this number is in flight. Only where a driver died.
    case placing(number: Int64, gap: Int64)
  }

  var step = Step.away
  /// When the link was lost first.
  var lostAt: Int64
  /// When it is too late to go on without a person.
  var deadline: Int64
  /// What was wrong with the port.
  var words: String
  /// The phase to go back to.
  var phase: SessionPhase
  /// Why it was in that phase.
  var reason = ""
  /// Heaters as last read before.
  var temperatures: [Temperature]
  /// When the hot end was to go to standby.
  var standbyAt: Int64?

  /// When `gapTimeout` has something to do.
  var due: Int64? {
    switch step {
    case .away, .asking: deadline
    case .measuring, .placing: nil
    }
  }

  /// Not the link was away but the driver.
  var isAdoption = false
  /// What M114 said.
  var position: PositionReport?
}

extension PrinterSession {
  /// Whether a job is kept although its link is lost.
  public var isJobKept: Bool { gap != nil }

  /// Whether opening the port is known not to reset the board. What is not known counts as resetting.
  var opensWithoutReset: Bool {
    switch configuration.resetsOnOpen {
    case .no: openingResets != true
    case .yes: false
    case .unknown: openingResets == false
    }
  }

  /// Whether a lost link may turn out to be a glitch.
  private var canKeepJob: Bool {
    guard job != nil, greeting == nil, stopWatch == nil, opensWithoutReset else { return false }
    guard configuration.patience.gap > 0 else { return false }
    guard stream.isNumbering, dialect.countsLines, dialect.complainsInWords else { return false }
    switch phase {
    case .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention: return true
    case .disconnected, .opening, .handshaking, .idle, .killed, .linkLost, .printingNotOurs: return false
    }
  }

  /// The link is lost: keeps the job where that may be right; false where it has to end.
  mutating func keepJob(_ words: String, now: Int64) -> Bool {
    if gap != nil {
      gap?.step = .away
      quieten()
      enter(.linkLost, reason: words)
      return true
    }
    guard canKeepJob else { return false }
    noteInterruption()
    gap = LinkGap(
      lostAt: now, deadline: now + longestGap(modal), words: words, phase: phase, reason: reason,
      temperatures: temperatures, standbyAt: standbyAt)
    quieten()
    endHands(SessionFault(code: "link.lost", sentence: words, scope: .connection))
    enter(.linkLost, reason: words)
    return true
  }

  /// 30 s, and never longer than the firmware holds its motors (rule 14).
  func longestGap(_ modal: ModalState) -> Int64 {
    let timeout = modal.stepperTimeout ?? Double(configuration.scripts.stepperTimeout)
    guard timeout > 0 else { return configuration.patience.gap }
    return min(configuration.patience.gap, PlannedTime.nanoseconds(timeout))
  }

  /// Nothing is sent, asked or waited for until the port is back.
  mutating func quieten() {
    stream.interrupt()
    parser.reset()
    dropOutput()
    pollAt = nil
    isPollDue = false
    standbyAt = nil
    heatWatch = nil
    promptBegun = nil
  }

  /// The port is open again: the firmware is asked where it stands.
  mutating func reopened(now: Int64) {
    gap?.step = .asking
    goodReplies = 0
    noiseReplies = 0
    // Only what is read from here on tells whether it is still hot.
    temperatures.removeAll(keepingCapacity: true)
    enter(.handshaking, reason: "the port is open again, and the firmware is asked where it stands")
    ask(now: now)
  }

  private mutating func ask(now: Int64) {
    let start = output.count
    stream.askAfterGap(now: now, into: &output)
    counted.asked += 1
    counted.linesSent += 1
    outputGrew(from: start)
  }

  /// The time in which it may go on by itself is over.
  mutating func gapTimeout(now: Int64) {
    guard let current = gap, current.deadline <= now else { return }
    switch current.step {
    case .away, .asking:
      endGap("it was away for more than \(OwnLine.text(Double(longestGap(modal)) / 1e9)) s", now: now)
    case .measuring, .placing: break  // it came back in time: only what it says about heat is waited for
    }
  }

  /// The stream's answer while a gap is open.
  mutating func gapAnswered(_ failure: StreamFailure, now: Int64) {
    switch failure {
    case .silent:
      // A firmware in the middle of something long may answer later; the deadline ends it.
      if gap?.step == .asking { return ask(now: now) }
      endGap("the firmware answers no longer", now: now)
    case .numberingLost: restarted(words: "it lost count of the lines", now: now)
    case .fragmentMayHaveRun, .resendLoop, .outOfHistory, .alteredOnTheWay, .unaccountable:
      endGap("a piece of a damaged line may have run", now: now)
    }
  }

  /// The firmware's count is known: lines up to `taken` are with it, those behind are sent again.
  mutating func gapSettled(taken: Int64, now: Int64) {
    guard let current = gap, current.step == .asking else { return }
    let untaken = stream.takeBack(after: taken, now: now)
    let lines = untaken.filter { $0.facts.kind == .file }
    job?.untaken.insert(contentsOf: lines, at: 0)
    let steps = untaken.count(where: { $0.facts.kind == .script })
    script?.next -= steps
    script?.inFlight -= steps
    let away = now - current.lostAt
    if !current.isAdoption, stream.ledger.contains(where: { $0.facts.waitsForHeat }) {
      // It is waiting for heat, and says so itself.
      return closeGap(away: away, now: now)
    }
    sendOwn(OwnLine.bytes("M105"), .poll, now: now)
    gap?.step = .measuring(number: stream.highest, gap: away)
  }

  /// Looks whether the temperatures have come.
  mutating func goOnAfterGap(now: Int64) {
    guard let current = gap else { return }
    let away: Int64
    switch current.step {
    case .away, .asking: return
    case .placing(let number, let time):
      guard stream.highestRetired >= number else { return }
      if let why = misplacement(current.position) { return endGap(why, now: now) }
      return closeGap(away: time, now: now)
    case .measuring(let number, let time):
      guard stream.highestRetired >= number else { return }
      away = time
    }
    // A pause is kept whatever the heat is: nothing moves before a resume has warmed up.
    for tool in 0..<max(1, configuration.tools) where !(current.isAdoption && current.phase == .paused) {
      guard let why = coldness(of: .tool(tool), asked: modal.target(tool: tool) ?? 0, before: current) else {
        continue
      }
      return endGap(why, now: now)
    }
    guard current.isAdoption else { return closeGap(away: away, now: now) }
    sendOwn(OwnLine.bytes("M114"), .poll, now: now)
    gap?.step = .placing(number: stream.highest, gap: away)
  }

  /// Why a hot end is not as it was; nil where it is, or was off.
  private func coldness(of heater: Heater, asked: Double, before: LinkGap) -> String? {
    guard asked > 0 else { return nil }
    guard let reading = temperatures.first(where: { $0.heater == heater }) else {
      return "the firmware does not tell how hot \(heater.name) is"
    }
    if abs(reading.target - asked) > 2 {
      return
        "\(heater.name) was set to \(OwnLine.text(asked)) °C, and the firmware has \(OwnLine.text(reading.target)) °C"
    }
    // It may have been on its way up when the link was lost.
    let was = before.temperatures.first(where: { $0.heater == heater })?.current ?? asked
    guard reading.current < min(asked, was) - configuration.patience.cooling else { return nil }
    return "\(heater.name) has cooled to \(OwnLine.text(reading.current)) °C"
  }

  /// All is as it was: the job goes on.
  private mutating func closeGap(away: Int64, now: Int64) {
    guard let current = gap else { return }
    gap = nil
    interrupted = nil
    isCoolingOwed = false
    standbyAt = current.standbyAt
    pollAt = now + pollInterval
    tell(.link(.glitch(gap: away)))
    let isHeld = current.phase == .paused || current.phase == .pausing
    enter(current.phase, reason: isHeld ? current.reason : "")
    if current.phase == .cancelling, script == nil { setPrompt(nil) }
    advance(now: now)
  }

  /// Sends the next line that the firmware did not take before, under a new number. The modal state has followed it already.
  mutating func sendUntaken(now: Int64) -> Bool {
    guard let line = job?.untaken.first, stream.fits(line.bytes.count) else { return false }
    job?.untaken.removeFirst()
    var facts = line.facts
    facts.due = facts.due.map { max($0, now) + slowest.nanoseconds }
    let start = output.count
    stream.send(line.bytes[...], facts, now: now, into: &output)
    counted.linesSent += 1
    progress.resends += 1
    progress.sentLineNumber = stream.highest
    outputGrew(from: start)
    return true
  }

  /// It cannot go on by itself: the job ends uncertain, and the machine is greeted anew where its port is open.
  mutating func endGap(_ why: String, now: Int64) {
    guard let current = gap else { return }
    let isOpen = current.step != .away
    forgetConversation()
    let fault = SessionFault(
      code: current.isAdoption ? "attempt.driverDied" : "link.lost",
      sentence:
        "\(current.words); the print does not go on by itself: \(why); the last line taken is line \(progress.fileLine) of the file",
      scope: .connection, fileLine: progress.fileLine)
    endAfterGap(fault, current, now: now)
    guard isOpen else { return enter(.linkLost, reason: fault.sentence) }
    greeting = Greeting(step: .banner, bannerAt: now + configuration.patience.bannerQuiet)
    enter(.handshaking, reason: why)
  }

  /// A person who cancelled meanwhile gets that end, and heat goes off as soon as anything can be sent.
  private mutating func endAfterGap(_ fault: SessionFault, _ gap: LinkGap, now: Int64) {
    guard let ending = job?.ending else {
      endJob(.uncertain, fault, now: gap.lostAt)
      return
    }
    endJob(ending.end, ending.fault ?? fault, now: now)
    isToolOverdue = true
    isBedOverdue = true
  }
}
