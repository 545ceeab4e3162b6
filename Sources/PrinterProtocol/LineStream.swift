import GCode

/// Numbered lines out, acknowledgements in: who is in flight, what was lost, what has to be sent again.
///
///     plain --open--> streaming --Error, Resend--> draining --quiet--> replaying --last line sent--> streaming
///                         |  ^                        |  ^
///                      silence: asks with the      unclear: asks with a
///                      next number (stays)         number out of turn: eliciting
///
/// If the firmware errs (a reply is damaged, lost or doubled): nothing that a reply says is believed where it would end the
/// job, until the firmware's own count of lines, asked for once more, says the same. If we err (a line is sent while
/// `hasRoom` says no): it goes out all the same and is in the ledger; the firmware's numbering still guards it.
///
/// A repeat of a line is never used as a question: Marlin 2.1 drops a repeat of its last two numbers without a word.
struct LineStream: Sendable {
  enum State: Equatable, Sendable {
    /// Numbering is off: lines go without number, one at a time. Leads to `streaming` by `open`.
    case plain
    /// The window decides. Leads to `draining` when the firmware complains.
    case streaming
    /// Nothing is sent until the line is quiet. Leads to `replaying`, `streaming`, `eliciting` or `stopped`.
    case draining(Drain)
    /// The firmware was asked for its count by a number out of turn. Leads to `draining` with its answer, or to `stopped`.
    case eliciting(tries: Int, deadline: Int64)
    /// Lines up to the highest one are sent again, one at a time. Leads to `streaming`, `draining`, `eliciting`.
    case replaying(next: Int64)
    /// A failure was reported. Leads to `plain` by `close`.
    case stopped
  }

  /// What the firmware has said since it began to complain.
  struct Drain: Equatable, Sendable {
    /// The line that it wants; nil where no number could be read.
    var wanted: Int64?
    /// Whether an `Error` and whether a `Resend` named it.
    var byError = false
    var byResend = false
    /// Whether they named different lines.
    var isContradictory = false
    /// Whether it is the answer to a question out of turn.
    var isElicited = false
    /// Whether an `ok - ignored` began it.
    var byIgnored = false
    /// When the line counts as quiet.
    var quietAt: Int64
    /// `ok`s that nothing in flight explains: a piece of a damaged line may have run.
    var extraOks = 0
    /// Until when one `ok` belongs to the Resend itself; nil when that one has come.
    var ownOkUntil: Int64?

    /// Whether it was said in both ways that the firmware has.
    func isByBoth(_ dialect: Dialect) -> Bool { byResend && (byError || !dialect.complainsInWords) }
  }

  var state = State.plain
  /// Lines in flight, oldest first.
  var ledger = LineLedger()
  var history = SentHistory()
  var window: SendWindow
  let patience: SessionPatience
  var dialect: Dialect
  var pace: WirePace
  /// What the link has shown.
  var health = LinkHealth()
  /// How long answers to lines take that wait for nothing but room.
  var answers = AnswerTime()
  /// When the last answer came: lines behind another one wait for it.
  private(set) var answeredAt: Int64 = 0
  /// Bytes in flight, and lines among them that hold up whatever is behind them.
  private(set) var bytesInFlight = 0
  private var blockingInFlight = 0
  /// For how many ns lines that hold up whatever is behind them were in flight; that of the one in flight is not in it.
  private var heldUpBefore: Int64 = 0
  /// Lines that were acknowledged and not yet taken by `nextRetired`.
  private var retired = LineLedger(capacity: 32)
  /// The highest number that was ever retired: a replay retires only lines of the file a second time.
  var highestRetired: Int64 = 0
  /// Timeouts in a row without any sign of life.
  var unanswered = 0
  /// How often the firmware says that it is busy, as M113 set it; 0 for never, nil where nobody did.
  var keepalive: Int64?
  /// The firmware was heard to say `busy`, which it does as long as it works.
  var hasBeenBusy = false
  /// The firmware said that it has nothing to do, and nothing was sent since.
  var hasNothingToDo = false
  /// When the firmware last said that it works.
  var lastSign: Int64 = 0
  /// Questions out of turn since a line was last acknowledged.
  var questionsInVain = 0
  /// Whether M105's `ok` was seen to carry temperatures, and whether `ok`s were seen to carry line numbers.
  var reportsCarryTemperatures = false
  var numberedOks = 0
  /// The highest line in flight when a command without number was acknowledged that nobody sent: a piece of one of them ran.
  var pieceRanBy: Int64 = -1
  /// Pieces that were no commands, whose `ok`s are still to come.
  var harmlessPieces = 0
  /// The firmware quoted a command that was never sent: where its `ok` names a line, that line ran altered.
  var isAlteredOkDue = false
  /// The line in flight that the firmware seems to have read as a command it does not know; -1 for none.
  var altered: Int64 = -1
  /// What it read instead, so that a second time shows a firmware that quotes otherwise than it was told.
  var lastAltered: [UInt8] = []
  /// The line that a firmware which names it only once seemed to go back to; -1 for none.
  var doubted: Int64 = -1
  /// Lines that went out under a new number, because the firmware seemed to have counted but not run them.
  var renewals: [Renewal] = []
  /// The question that goes ahead of lines which must not run twice, while it is not answered; -1 for none.
  var barrier: Int64 = -1
  /// Where the last such question was put in, for the session that knows places by their numbers; nil once it took note.
  var insertedAt: Int64?
  /// The firmware asks a person: what lies in its queue does not run, and a piece of a line there has not shown itself.
  var isAskingPerson = false
  /// What an `ok` has shown that the stream cannot mend; the session takes it.
  var found: StreamFailure?
  /// `ok`s in a row that came too early to be believed, for which no second one has come yet.
  var disbelieved = 0
  /// The line asked for last, and how many times in a row.
  var lastWanted: Int64 = -1
  var timesWanted = 0
  /// The first line that was not acknowledged when the link was lost; nil while it is not.
  var lostFrom: Int64?

  init(configuration: SessionConfiguration) {
    window = SendWindow(configuration: configuration)
    patience = configuration.patience
    dialect = configuration.dialect
    pace = WirePace(baud: configuration.baud)
  }

  /// The firmware is known from its own words.
  mutating func adopt(_ next: Dialect, configuration: SessionConfiguration) {
    guard next != dialect else { return }
    dialect = next
    var known = configuration
    known.dialect = next
    window = SendWindow(configuration: known)
  }

  /// The firmware's buffers are known from a measurement.
  mutating func measured(_ configuration: SessionConfiguration) {
    var known = configuration
    known.dialect = dialect
    window = SendWindow(configuration: known)
  }

  /// A line was passed over, most often one behind a refused one: its `ok` is nobody's.
  mutating func skipped(now: Int64) {
    switch state {
    case .draining(var drain):
      drain.quietAt = now + patience.quiet
      drain.ownOkUntil = now + Self.ownOkTime
      state = .draining(drain)
    case .streaming where isHeeding, .replaying where isHeeding:
      // The complaint itself was not heard: which line is wanted has to be asked.
      var word = Drain(wanted: nil, quietAt: now + patience.quiet)
      word.ownOkUntil = now + Self.ownOkTime
      state = .draining(word)
    case .plain, .streaming, .eliciting, .replaying, .stopped: askSoon(now)
    }
  }

  // MARK: What the session asks

  /// The highest number sent.
  var highest: Int64 { history.newest }
  /// Whether the firmware names the line in its `ok`s (ADVANCED_OK).
  var numbersOks: Bool { numberedOks > 1 }
  /// Whether numbering is on.
  var isNumbering: Bool {
    switch state {
    case .plain, .stopped: false
    case .streaming, .draining, .eliciting, .replaying: true
    }
  }
  /// Whether nothing is in flight and nothing has to be sent again.
  var isIdle: Bool { ledger.isEmpty && (isStreaming || isPlain) }
  /// Whether the window decides.
  var isStreaming: Bool {
    if case .streaming = state { return true }
    return false
  }
  private var isPlain: Bool {
    if case .plain = state { return true }
    return false
  }

  /// Whether a line may be sent: room in the window, nothing blocking in flight, no resend going on.
  mutating func hasRoom() -> Bool {
    switch state {
    case .plain: return ledger.isEmpty
    case .streaming:
      return blockingInFlight == 0
        && window.hasRoom(lines: ledger.count, bytes: bytesInFlight, next: Self.shortest)
    case .draining, .eliciting, .replaying, .stopped: return false
    }
  }

  /// Whether a line of `count` bytes without number and checksum may be sent now.
  ///
  /// `mutating`, as the others that are asked for each line, so that the stream is looked at where it lies: a method that
  /// changes nothing gets a copy of a value as large as this one.
  mutating func fits(_ count: Int) -> Bool {
    guard hasRoom() else { return false }
    // A line alone fits always, and nothing has to be counted for it.
    return ledger.isEmpty
      || window.hasRoom(
        lines: ledger.count, bytes: bytesInFlight, next: count + Self.digits(history.newest + 1) + 7)
  }

  /// The digits of a line's number.
  private static func digits(_ number: Int64) -> Int {
    var count = 1
    var power: Int64 = 10
    while number >= power, count < 18 {
      power *= 10
      count += 1
    }
    return count
  }

  /// The bytes of the shortest line worth sending, with number, checksum and line feed.
  private static let shortest = 10

  /// The next acknowledged line in order, or nil.
  @inline(__always)
  mutating func nextRetired() -> SentLine? { retired.popFirst() }

  // MARK: Sending

  /// Numbering is on from here: the firmware has taken `number` as its last line.
  mutating func open(after number: Int64) {
    history.restart(at: number + 1)
    highestRetired = number
    ledger.removeAll()
    recount()
    state = .streaming
    unanswered = 0
    questionsInVain = 0
    pieceRanBy = -1
    harmlessPieces = 0
    renewals.removeAll()
    barrier = -1
    doubted = -1
    insertedAt = nil
    isAskingPerson = false
    disbelieved = 0
    isAlteredOkDue = false
    altered = -1
    lastAltered.removeAll()
    found = nil
    timesWanted = 0
    lastWanted = -1
    lostFrom = nil
  }

  /// Numbering is off and nothing is in flight: the link is new, or the firmware restarted.
  mutating func close() {
    ledger.removeAll()
    recount()
    retired.removeAll()
    state = .plain
    isAskingPerson = false
    lostFrom = nil
    unanswered = 0
    hasBeenBusy = false
    keepalive = nil
  }

  /// The longest silence of a busy firmware; nil where it says nothing.
  var busyInterval: Int64? {
    guard let keepalive else { return dialect.busyInterval }
    return keepalive > 0 ? keepalive : nil
  }

  /// M113 was sent: so often, in seconds, the firmware says from now on that it is busy.
  mutating func keepAlive(every seconds: Double) {
    keepalive = PlannedTime.nanoseconds(min(max(0, seconds), 3600))
    if keepalive == 0 { hasBeenBusy = false }
  }

  /// Sends the next numbered line.
  mutating func send(_ line: Span<UInt8>, _ facts: LineFacts, now: Int64, into output: inout [UInt8]) {
    let length = history.append(line, facts, into: &output)
    note(history.newest, facts, length: length, now)
  }

  /// Sends the next numbered line.
  mutating func send(_ line: ArraySlice<UInt8>, _ facts: LineFacts, now: Int64, into output: inout [UInt8]) {
    send(line.span, facts, now: now, into: &output)
  }

  /// Sends a line without number: before numbering is on, and the few commands that act out of turn only so (M108).
  mutating func sendPlain(
    _ line: ArraySlice<UInt8>, _ facts: LineFacts, now: Int64, into output: inout [UInt8]
  ) {
    let start = output.count
    encodePlain(line, into: &output)
    note(-1, facts, length: output.count - start, now)
  }

  mutating func note(_ number: Int64, _ facts: LineFacts, length: Int, _ now: Int64) {
    var line = SentLine(
      number: number, facts: facts, sentAt: now, length: length, askAt: .max, lateAt: lateAt(facts, now))
    if ledger.isEmpty { line.askAt = askAt(line, now) }
    health.lines += 1
    hasNothingToDo = false
    bytesInFlight += length
    if facts.isBlocking { blockingInFlight += 1 }
    ledger.append(line)
  }

  /// For how many ns blocking lines have held up the stream: heat-ups, dwells, homing.
  func heldUp(now: Int64) -> Int64 {
    guard blockingInFlight > 0, let line = ledger.first(where: { $0.facts.isBlocking }) else {
      return heldUpBefore
    }
    return heldUpBefore + (now - line.sentAt)
  }

  /// Counts what is in flight anew.
  mutating func recount() {
    bytesInFlight = 0
    blockingInFlight = 0
    for line in ledger {
      bytesInFlight += line.length
      if line.facts.isBlocking { blockingInFlight += 1 }
    }
  }

  /// When to ask for the answer to a line that is now the oldest in flight.
  ///
  /// A line that waits for nothing but room is asked about as soon as answers like its usually have come, even where a long
  /// move may hold it up: the question waits behind it, and its answer comes the moment that the move is over. Behind a
  /// blocking line the room is kept; a firmware that sends keepalives is asked when they stay out.
  mutating func askAt(_ line: SentLine, _ now: Int64) -> Int64 {
    guard let due = line.facts.due else { return now + grace }
    guard !isPlain else { return line.lateAt }
    // There a question is a number out of turn, which costs another resend.
    if isReplaying { return max(due, now) + patience.margin / 2 }
    if let dwell = line.facts.dwell { return now + dwell + answers.patience(soonest: patience.soonest) }
    guard line.facts.isBlocking else { return now + answers.patience(soonest: patience.soonest) }
    return busyInterval == nil
      ? max(due, now) + patience.soonest : now + min(max(0, due - now) + patience.soonest, grace)
  }

  /// When silence about a line begins to count: past four times what it should take at most, since accelerations and the
  /// feedrate knob are not known; sooner from a firmware that was heard to say that it is busy.
  mutating func lateAt(_ facts: LineFacts, _ now: Int64) -> Int64 {
    guard let due = facts.due else { return now + grace }
    guard !isPlain, facts.kind != .question else { return max(due, now) + patience.margin }
    let most = 4 * min(max(0, due - now), Self.longest) + patience.margin
    return now + (hasBeenBusy ? min(most, grace + patience.margin) : most)
  }

  /// A day: longer than any line takes.
  private static let longest: Int64 = 86_400_000_000_000

  /// How long a busy firmware may be silent.
  var grace: Int64 { (busyInterval ?? 2_000_000_000) + 500_000_000 }

  mutating func retire(_ line: SentLine) {
    if line.number >= 0 {
      if line.number == barrier { barrier = -1 }
      if line.number <= highestRetired, line.facts.kind != .file { return }
      highestRetired = max(highestRetired, line.number)
    }
    retired.append(line)
  }

  /// Retires the first `count` lines in flight.
  mutating func retireFirst(_ count: Int, now: Int64) {
    for _ in 0..<count {
      guard let line = ledger.popFirst() else { break }
      bytesInFlight -= line.length
      if line.facts.isBlocking {
        blockingInFlight -= 1
        heldUpBefore += now - line.sentAt
      }
      retire(line)
    }
    unanswered = 0
    questionsInVain = 0
    answeredAt = now
    guard !ledger.isEmpty else {
      // Every line has its answer: the one that was not believed was nobody's, and pieces before them have theirs.
      disbelieved = 0
      harmlessPieces = 0
      return
    }
    watchOldest(now)
  }

  /// A line that has become the oldest in flight is waited for from now on.
  mutating func watchOldest(_ now: Int64) {
    guard !ledger.isEmpty, ledger[0].askAt == .max else { return }
    ledger[0].askAt = askAt(ledger[0], now)
  }

  /// Learns how long the oldest line's own answer took; not from lines that the machine takes its time for.
  @inline(__always)
  mutating func learn(_ now: Int64) {
    let sentAt = ledger[0].sentAt
    health.roundTrip(now - sentAt)
    guard !ledger[0].facts.isBlocking, ledger[0].facts.due != nil, isStreaming else { return }
    answers.observe(now - max(sentAt, answeredAt))
  }
}
