import GCode

/// Greeting a board: banner, card, numbers, name, temperatures.
///
/// M27 is asked before M110, since a print from SD that somebody started at the machine is not ours to break.
extension PrinterSession {
  mutating func bannerOver(now: Int64) {
    guard var current = greeting, current.step == .banner else { return }
    current.bannerAt = nil
    current.step = .askCard
    greeting = current
    isReporting = false
    hasCard = false
    advance(now: now)
  }

  /// The opening of the port has shown whether it resets the board.
  mutating func openingShowed(resets: Bool) {
    isOpeningAwaited = false
    openingResets = resets
    tell(.openingResets(resets))
  }

  /// Sends the line of the current step; false where the step only waits.
  mutating func sendGreeting(now: Int64) -> Bool {
    // Each step waits for the answer to the one before.
    guard let current = greeting, stream.ledger.isEmpty else { return false }
    switch current.step {
    case .banner: return false
    case .askCard:
      // The line feed ends whatever the opening of the port left in the board's buffer.
      output.append(ASCII.lineFeed)
      sendPlain(OwnLine.bytes("M27"), due: now + configuration.patience.greeting, now: now)
    case .number:
      // A line that lost its line feed would take this one in, and count: Marlin 1.0 looks for M110 anywhere in it. (Smoothie
      // answers an empty line.)
      if current.isRenumbering, dialect.complainsInWords { output.append(ASCII.lineFeed) }
      sendPlain(OwnLine.bytes(dialect.numbering), due: now + configuration.patience.greeting, now: now)
    case .identify: sendOwn(OwnLine.bytes("M115"), .script, now: now)
    case .measure: sendOwn(OwnLine.bytes("M105"), .script, now: now)
    case .report:
      let seconds = max(1, configuration.pollInterval / 1_000_000_000)
      sendOwn(OwnLine.bytes("M155 S\(seconds)"), .script, now: now)
    }
    return true
  }

  /// The line of the current step was acknowledged.
  mutating func greetingAnswered(now: Int64) {
    guard var current = greeting else { return }
    if current.isDoubtful, current.tries < 3 {
      greeting?.isDoubtful = false
      greeting?.tries += 1
      return
    }
    current.isDoubtful = false
    current.tries = 0
    switch current.step {
    case .banner: return
    case .askCard: current.step = .number
    case .number:
      stream.open(after: 0)
      if current.isRenumbering {
        greeting = nil
        return
      }
      capabilities.removeAll()
      isWithoutEmergencyParser = false
      current.step = .identify
    case .identify: current.step = .measure
    case .measure:
      guard capabilities.contains("AUTOREPORT_TEMP") else { return greeted(now: now) }
      current.step = .report
    case .report:
      isReporting = true
      return greeted(now: now)
    }
    greeting = current
  }

  private mutating func greeted(now: Int64) {
    greeting = nil
    // Not sooner: a bootloader may listen longer than the banner is waited for, and then the first questions are lost.
    if isOpeningAwaited { openingShowed(resets: false) }
    isResetWanted = false
    pollAt = now + pollInterval
    tell(.connected(firmware: firmware))
    enter(.idle)
    coolNow(tools: isCoolingOwed || isToolOverdue, bed: isCoolingOwed || isBedOverdue)
    isCoolingOwed = false
    isToolOverdue = false
    isBedOverdue = false
  }

  /// Temperatures that come by themselves are still asked for now and then: the answer shows that the link is alive and
  /// that no `ok` was counted twice.
  var pollInterval: Int64 {
    isReporting ? max(configuration.pollInterval, 10_000_000_000) : configuration.pollInterval
  }

  /// A line without number stayed without answer.
  mutating func plainUnanswered(now: Int64) {
    guard var current = greeting else {
      guard phase == .printingNotOurs else { return }
      cardSilences += 1
      if cardSilences > 3 { silent(now: now) }
      return
    }
    current.tries += 1
    greeting = current
    guard current.tries >= configuration.patience.greetings else { return }
    giveUpGreeting(now: now)
  }

  /// The firmware refused a line without number: it is sent again, as if it had not been answered.
  mutating func plainRefused(now: Int64) { plainUnanswered(now: now) }

  mutating func giveUpGreeting(now: Int64) {
    let isGarbled = (noiseReplies > 0 || parser.holdsNoise) && goodReplies == 0
    let fault =
      isGarbled
      ? SessionFault(
        code: "link.garbled",
        sentence:
          "the port answers bytes that are no words: most likely the baud rate\(baudWords) is not the printer's",
        scope: .connection)
      : SessionFault(
        code: "handshake.noAnswer",
        sentence:
          "the port opened, but nothing on it answered \(configuration.patience.greetings) times: is the printer on, is this its port, does it need a reset?",
        scope: .connection)
    loseLink(fault, now: now)
    actions.append(.closeLink)
  }

  private var baudWords: String { configuration.baud > 0 ? " of \(configuration.baud)" : "" }

  /// The numbers are set anew after the stream could not go on; what runs goes on behind it.
  mutating func renumber(now: Int64) {
    stream.close()
    stepScriptBack()
    let fault = SessionFault(
      code: "stream.failed", sentence: "the line was damaged on its way and may have run in part",
      scope: .line)
    for work in hands where work.inFlight > 0 { tell(.answered(token: work.token, fault: fault)) }
    hands.removeAll(where: { $0.inFlight > 0 })
    greeting = Greeting(step: .number, isRenumbering: true)
  }

  /// Lines of a script that were in flight are sent again, unless running twice would do harm.
  private mutating func stepScriptBack() {
    guard var current = script, current.inFlight > 0 else { return }
    let first = max(0, current.next - current.inFlight)
    current.inFlight = 0
    let isSafe = current.lines[first..<current.next].allSatisfy { line in
      Command(line[...]).map { !CommandTraits.of($0).isDisjoint(with: [.idempotent, .changesModes]) } ?? false
    }
    if isSafe { current.next = first }
    script = current
  }

  // MARK: A print that is not ours

  mutating func cardPrints(byte: Int64, of size: Int64, now: Int64) {
    timesNotPrinting = 0
    cardSilences = 0
    hasCard = true
    if script?.purpose == .check {
      let fault = SessionFault(
        code: "machine.printingNotOurs",
        sentence:
          "a print from the printer's card runs, which somebody started at the machine; the job was not begun",
        scope: .job)
      endJob(.failed, fault, now: now)
    }
    guard phase == .printingNotOurs || greeting?.step == .askCard || (job == nil && greeting == nil) else {
      return
    }
    guard phase != .killed else { return }
    greeting = nil
    let percent = size > 0 ? Int32(clamping: byte * 100 / size) : nil
    sdPercent = percent
    enter(.printingNotOurs, reason: "a print from the printer's card runs, which this host did not start")
    tell(.sdProgress(percent: percent))
    cardPollAt = now + configuration.patience.sdPoll
  }

  mutating func cardDoesNotPrint(now: Int64) {
    hasCard = true
    guard phase == .printingNotOurs else { return }
    timesNotPrinting += 1
    // Once may be a damaged report of something else.
    guard timesNotPrinting > 1 else {
      cardPollAt = now + configuration.patience.greeting
      return
    }
    sdPercent = nil
    cardPollAt = nil
    tell(.sdProgress(percent: nil))
    if stream.isNumbering { enter(.idle) }
  }

  /// M27 was acknowledged while a print that is not ours ran: where that is over, the greeting goes on.
  mutating func cardAnswered(now: Int64) {
    guard phase == .printingNotOurs, timesNotPrinting > 1 else { return }
    greeting = Greeting(step: .number)
    enter(.handshaking)
  }

  mutating func askCard(now: Int64) {
    cardPollAt = nil
    guard phase == .printingNotOurs else { return }
    cardPollAt = now + configuration.patience.sdPoll
    guard stream.hasRoom() else { return }
    if stream.isNumbering {
      sendOwn(OwnLine.bytes("M27"), .poll, now: now)
    } else {
      sendPlain(OwnLine.bytes("M27"), due: now + configuration.patience.greeting * 3, now: now)
    }
  }
}
