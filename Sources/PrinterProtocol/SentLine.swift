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
  /// When the session stops waiting for its answer and asks.
  var askAt: Int64
  /// The firmware's own count proved that it was taken; only its `ok` is missing.
  var isAccepted = false
  /// The firmware said that it is busy while this was the oldest line in flight.
  var wasBusy = false
  /// A question whose answer is no longer needed: another one was answered.
  var isSpare = false
  /// The firmware complained while it was in flight, without numbering.
  var isRefused = false
  /// An `ok` came sooner than its bytes could have reached the firmware, and was not believed.
  var hadEarlyOk = false
}

/// How many lines and bytes may be in flight.
struct SendWindow: Equatable, Sendable {
  /// The most lines.
  var lines: Int
  /// The most bytes, line feeds included: the firmware's receive buffer less one; nil where lines alone count.
  var bytes: Int?

  /// Whether another line of `next` bytes fits behind those in flight.
  func hasRoom(lines inFlight: Int, bytes: Int, next: Int) -> Bool {
    guard inFlight < lines else { return false }
    guard let limit = self.bytes else { return true }
    return inFlight == 0 || bytes + next <= limit
  }
}
