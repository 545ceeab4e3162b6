/// On whose account a line is sent.
enum LineKind: UInt8, Sendable {
  /// The job's file.
  case file
  /// A step of a greeting, pause, resume, cancel or ending.
  case script
  /// A request for temperatures.
  case poll
  /// A question by which a missing answer is found.
  case question
  /// A line by hand.
  case hand
}

/// What is known of a line before it is sent, as far as resends and silence need it.
struct LineFacts: Equatable, Sendable {
  /// On whose account.
  var kind: LineKind
  /// The line of the file, from 1; 0 for others.
  var fileLine: Int64 = 0
  /// Bytes of the file up to the end of that line; 0 for others.
  var endOffset: Int64 = 0
  /// Whether running it twice does the same as running it once, in the modes that held when it was sent.
  var isRepeatable = true
  /// Whether it holds up everything behind it, so that nothing may be in flight behind it but a question.
  var isBlocking = false
  /// Whether no clock tells when it is done: heat, a person.
  var isOpenEnded = false
  /// Whether it waits for a temperature.
  var waitsForHeat = false
  /// Whether its `ok` carries temperatures: M105.
  var isReport = false
  /// How long it works once what was sent before it is over, in ns, where that is no more than a dwell; nil otherwise.
  var dwell: Int64?
  /// When its answer is due at the latest, on the session's clock; nil for an open end.
  var due: Int64?
}

/// A line that was sent and not answered yet: an entry of the ledger.
struct SentLine: Equatable, Sendable {
  /// Its number; -1 for a line without one.
  var number: Int64
  /// What is known of it.
  var facts: LineFacts
  /// When its bytes were handed over.
  var sentAt: Int64
  /// How many bytes it has on the wire.
  var length: Int
  /// When the session asks about its answer; counts while it is the oldest line in flight.
  var askAt: Int64
  /// When its silence begins to count against the link.
  var lateAt: Int64
  /// Questions about it before it was late.
  var earlyQuestions = 0
  /// The firmware's own count proved that it was taken; only its `ok` is missing.
  var isAccepted = false
  /// It went out for a second time at least.
  var isAgain = false
  /// The firmware said that it is busy while this was the oldest line in flight.
  var wasBusy = false
  /// A question whose answer is no longer needed: another one was answered.
  var isSpare = false
  /// The firmware complained while it was in flight, without numbering.
  var isRefused = false
  /// An `ok` came sooner than its bytes could have reached the firmware, and was not believed.
  var hadEarlyOk = false

  /// What fills a place of a ledger that holds no line.
  static let none = SentLine(
    number: -1, facts: LineFacts(kind: .script), sentAt: 0, length: 0, askAt: .max, lateAt: .max)
}

/// How many lines and bytes may be in flight: as many as certainly fit.
struct SendWindow: Equatable, Sendable {
  /// The most bytes, line feeds included: the firmware's receive buffer less one.
  let bytes: Int
  /// The most lines: its queue less one, so that M112 and M108 find room.
  private(set) var lines: Int
  /// The queue's size less one where it is known; else what an `ok` has shown of it twice.
  private let isLinesKnown: Bool
  private let most: Int
  private var seen = 0

  /// What fits where nothing is known: STM32 UARTs often have 64 bytes, and no firmware queues fewer than three lines.
  private static let unknownBytes = 63
  private static let unknownLines = 2

  init(configuration: SessionConfiguration) {
    let dialect = configuration.dialect
    bytes = max(1, (configuration.receiveBuffer ?? dialect.receiveBuffer).map { $0 - 1 } ?? Self.unknownBytes)
    let queue = configuration.queueLines ?? dialect.queueLines
    isLinesKnown = queue != nil
    // A firmware that does not count lines would run those behind a damaged one.
    let wanted = configuration.windowLines > 0 ? configuration.windowLines : dialect.isWindowed ? .max : 1
    most = dialect.countsLines ? wanted : 1
    lines = max(1, min(most, queue.map { $0 - 1 } ?? Self.unknownLines))
  }

  /// Whether another line of `next` bytes fits behind those in flight.
  @inline(__always)
  func hasRoom(lines inFlight: Int, bytes held: Int, next: Int) -> Bool {
    inFlight == 0 || (inFlight < lines && held + next <= bytes)
  }

  /// ADVANCED_OK told of `free` places in the queue while one line was being answered: the queue has at least one more.
  ///
  /// Believed when it was said twice, since a digit may be damaged.
  @inline(__always)
  mutating func queueShowed(_ free: Int) {
    guard !isLinesKnown, free > lines, free <= 64 else { return }
    if free == seen { lines = max(1, min(most, free)) }
    seen = free
  }
}
