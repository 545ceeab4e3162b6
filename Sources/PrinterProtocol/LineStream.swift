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
/// `canSend` is false): it goes out all the same and is in the ledger; the firmware's numbering still guards it.
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
    /// When the line counts as quiet.
    var quietAt: Int64
    /// `ok`s that nothing in flight explains: a piece of a damaged line may have run.
    var extraOks = 0
    /// Until when one `ok` belongs to the Resend itself; nil when that one has come.
    var ownOkUntil: Int64?
  }

  var state = State.plain
  /// Lines in flight, oldest first.
  var ledger: [SentLine] = []
  var history = SentHistory()
  let window: SendWindow
  let patience: SessionPatience
  let busyInterval: Int64?
  var pace: WirePace
  /// Lines that were acknowledged and not yet taken by `nextRetired`.
  private var retired: [SentLine] = []
  private var retiredNext = 0
  /// The highest number that was ever retired: a replay retires only lines of the file a second time.
  var highestRetired: Int64 = 0
  /// Timeouts in a row without any sign of life.
  var unanswered = 0
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
  /// `ok`s in a row that came too early to be believed, for which no second one has come yet.
  var disbelieved = 0
  /// The line asked for last, and how many times in a row.
  var lastWanted: Int64 = -1
  var timesWanted = 0

  init(configuration: SessionConfiguration) {
    window = SendWindow(lines: max(1, configuration.windowLines), bytes: nil)
    patience = configuration.patience
    busyInterval = configuration.dialect.busyInterval
    pace = WirePace(baud: configuration.baud)
    ledger.reserveCapacity(16)
    retired.reserveCapacity(32)
  }

  // MARK: What the session asks

  /// The highest number sent.
  var highest: Int64 { history.newest }
  /// Whether the firmware names the line in its `ok`s (ADVANCED_OK).
  var numbersOks: Bool { numberedOks > 1 }
  /// Whether numbering is on.
  var isNumbering: Bool { state != .plain && state != .stopped }
  /// Whether nothing is in flight and nothing has to be sent again.
  var isIdle: Bool { ledger.isEmpty && (state == .streaming || state == .plain) }

  /// Whether a line may be sent: room in the window, nothing blocking in flight, no resend going on.
  var canSend: Bool {
    switch state {
    case .plain: return ledger.isEmpty
    case .streaming: break
    case .draining, .eliciting, .replaying, .stopped: return false
    }
    var bytes = 0
    for line in ledger {
      if line.facts.isBlocking { return false }
      bytes += line.length
    }
    return window.hasRoom(lines: ledger.count, bytes: bytes, next: 0)
  }

  /// The next acknowledged line in order, or nil.
  mutating func nextRetired() -> SentLine? {
    guard retiredNext < retired.count else {
      retired.removeAll(keepingCapacity: true)
      retiredNext = 0
      return nil
    }
    retiredNext += 1
    return retired[retiredNext - 1]
  }

  // MARK: Sending

  /// Numbering is on from here: the firmware has taken `number` as its last line.
  mutating func open(after number: Int64) {
    history.restart(at: number + 1)
    highestRetired = number
    ledger.removeAll(keepingCapacity: true)
    state = .streaming
    unanswered = 0
    questionsInVain = 0
    pieceRanBy = -1
    harmlessPieces = 0
    disbelieved = 0
    timesWanted = 0
    lastWanted = -1
  }

  /// Numbering is off and nothing is in flight: the link is new, or the firmware restarted.
  mutating func close() {
    ledger.removeAll(keepingCapacity: true)
    retired.removeAll(keepingCapacity: true)
    retiredNext = 0
    state = .plain
    unanswered = 0
  }

  /// Sends the next numbered line.
  mutating func send(_ line: ArraySlice<UInt8>, _ facts: LineFacts, now: Int64, into output: inout [UInt8]) {
    let start = output.count
    encodeNumbered(history.newest + 1, line, into: &output)
    history.append(output[start...], facts)
    note(history.newest, facts, length: output.count - start, now)
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
    let line = SentLine(
      number: number, facts: facts, sentAt: now, length: length, askAt: askAt(facts, now))
    ledger.append(line)
  }

  /// When to ask for the answer to a line sent now.
  ///
  /// A firmware that sends keepalives while it works is asked when they stay out, however long the work may be.
  private func askAt(_ facts: LineFacts, _ now: Int64) -> Int64 {
    let grace = self.grace
    guard let due = facts.due else { return now + grace }
    if facts.isBlocking, busyInterval != nil { return now + min(max(0, due - now) + patience.margin, grace) }
    return max(due, now) + patience.margin
  }

  /// How long a busy firmware may be silent.
  var grace: Int64 { (busyInterval ?? 2_000_000_000) * 2 + patience.margin }

  mutating func retire(_ line: SentLine) {
    if line.number >= 0 {
      if line.number <= highestRetired, line.facts.kind != .file { return }
      highestRetired = max(highestRetired, line.number)
    }
    retired.append(line)
  }

  /// Retires the first `count` lines in flight.
  mutating func retireFirst(_ count: Int) {
    for index in 0..<count { retire(ledger[index]) }
    ledger.removeFirst(count)
    unanswered = 0
    questionsInVain = 0
    // Every line has its answer: the one that was not believed was nobody's.
    if ledger.isEmpty { disbelieved = 0 }
  }
}
