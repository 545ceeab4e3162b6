/// Whether a client keeps up: what it may take its time for, and how long.
///
///     head (firstHead) --headRead--> body (stall, again after each kB) --endRead--> none --answered--> head (idle)
///
/// Beside it: an answer that the client does not take (`stall`), and the host's end (`ending`). Whatever deadline passes ends the
/// connection. While nothing is asked of the client (an answer is being made, an event stream is quiet, nobody reads the body)
/// no time counts. A value without a clock: times in nanoseconds go in, the next deadline comes out.
struct ConnectionPace: Equatable, Sendable {
  private enum Request: Equatable {
    /// A head has to come until then.
    case head(deadline: Int64)
    /// A body comes; `received` bytes since the deadline was set.
    case body(deadline: Int64, received: Int)
    /// It is whole, and not all is answered.
    case whole
  }

  private let limits: ConnectionLimits
  private var request: Request
  private var owed = 0
  private var isAsked = true
  private var untaken: Int64?
  private var end: Int64?

  /// A connection that was opened at `now`.
  init(limits: ConnectionLimits, now: Int64) {
    self.limits = limits
    request = .head(deadline: now + limits.firstHead)
  }

  /// When `timeout` has to be called; nil while nothing is waited for.
  var nextDeadline: Int64? {
    [requestDeadline, untaken, end].compactMap(\.self).min()
  }

  /// Whether a request that was read is not answered yet.
  var owesAnswer: Bool { owed > 0 }

  private var requestDeadline: Int64? {
    switch request {
    case .head(let deadline), .body(let deadline, _): deadline
    case .whole: nil
    }
  }

  /// A request's head was read.
  mutating func headRead(now: Int64) {
    owed += 1
    request = .body(deadline: now + limits.stall, received: 0)
  }

  /// A piece of its body was read.
  mutating func bodyRead(_ bytes: Int, now: Int64) {
    guard case .body(let deadline, let received) = request else { return }
    let sum = received + bytes
    request =
      sum >= limits.leastProgress
      ? .body(deadline: now + limits.stall, received: 0) : .body(deadline: deadline, received: sum)
  }

  /// Its end was read; one that was answered before leaves the next to be waited for.
  mutating func endRead(now: Int64) {
    request = owed == 0 ? .head(deadline: now + limits.idle) : .whole
  }

  /// An answer's end was written.
  mutating func answered(now: Int64) {
    owed = max(0, owed - 1)
    if owed == 0, request == .whole { request = .head(deadline: now + limits.idle) }
  }

  /// Whether bytes are asked of the client; false while what it sent waits to be used.
  mutating func asks(_ asks: Bool) { isAsked = asks }

  /// Whether the client takes what it is sent.
  mutating func takes(_ takes: Bool, now: Int64) { untaken = takes ? nil : now + limits.stall }

  /// The host ends.
  mutating func ending(now: Int64) { end = now + limits.ending }

  /// Time has passed; whether the connection ends. What was not asked for is not late.
  mutating func timeout(now: Int64) -> Bool {
    if case .body(let deadline, let received) = request, now >= deadline, !isAsked {
      request = .body(deadline: now + limits.stall, received: received)
    }
    return nextDeadline.map { now >= $0 } ?? false
  }
}
