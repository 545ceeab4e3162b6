import GCode

/// What a measurement found. A figure that is not exact is a lower bound: so much certainly fits.
public struct MeasuredBuffers: Equatable, Sendable {
  /// Bytes of the receive buffer; nil where nothing was found.
  public var receiveBuffer: Int?
  /// Whether it is exactly that.
  public var isReceiveBufferExact = false
  /// Lines that the command queue really takes, the running one included; nil where nothing was found. Marlin 1.0 leaves one
  /// place of its queue empty, which does not count here.
  public var queueLines: Int?
  /// Whether it is exactly that.
  public var isQueueExact = false
  /// How many bursts it took.
  public var bursts = 0

  /// Nothing found yet.
  public init() {}
}

extension SessionConfiguration {
  /// What was measured, where nobody told it before; sizes that no board has are passed over.
  mutating func take(_ found: MeasuredBuffers) {
    if receiveBuffer == nil, let bytes = found.receiveBuffer, (32...65_536).contains(bytes) {
      receiveBuffer = bytes
    }
    if queueLines == nil, let lines = found.queueLines, (1...1024).contains(lines) { queueLines = lines }
  }
}

/// Finds the sizes of a firmware's receive buffer and command queue, with the machine idle: nothing moves, nothing heats.
///
/// A short dwell (`G4`) occupies the firmware; meanwhile numbered `M105`s of one known length are sent. What the queue and
/// the receive buffer hold is answered afterwards; the first line that did not fit is the one that the firmware asks for. With
/// a queue of Q lines, of which the dwell takes one, and a buffer that holds R - 1 bytes, F lines of length L fit where
/// F = Q - 1 + R / L, rounded down, because the last line's end may come later. Each burst so leaves, for each Q, a range of R,
/// and the next length is the one that divides what is left best.
///
///     numbering -> dwelling -> bursting -> settling -> asking -> numbering ... -> proving -> over
///
/// Sans-IO like a session: bytes and `now` go in, `takeOutput` and `nextDeadline` come out; it has the port to itself from the
/// first to the last. The end is `M110` and two numbered lines that the firmware takes: numbering is right again.
public struct Measurement: Sendable {
  enum Step: Equatable, Sendable {
    /// M110 is out. Leads to `dwelling`, or to `proving`.
    case numbering(tries: Int)
    /// The dwell is out and is given the time to begin. Leads to `bursting`.
    case dwelling
    /// Lines go out one by one. Leads to `settling`.
    case bursting(sent: Int)
    /// The dwell and what follows are waited for. Leads to `asking`, or with everything answered to `numbering`.
    case settling
    /// A line behind all others asks what is missing. Leads to `numbering`.
    case asking
    /// Numbered lines must be taken; more than two sent means that one was refused. Leads to `over`.
    case proving(sent: Int, tries: Int)
    /// Nothing more will be sent.
    case over
  }

  /// What was found; nil before the end.
  public private(set) var result: MeasuredBuffers?
  /// Why nothing was found, though it is over: a sentence.
  public private(set) var failure: String?
  /// When `timeout` wants to be called; nil when it is over.
  public private(set) var nextDeadline: Int64?
  /// Whether it ended with numbered lines that the firmware took.
  public private(set) var isNumberingProven = false

  private var step = Step.numbering(tries: 0)
  private var parser = ReplyParser()
  private var output: [UInt8] = []
  private var sizes = PossibleSizes()
  private let lineTime: Int64
  private let byteTime: Int64

  private var burst = PossibleSizes.Burst(length: 40, extra: 0, place: 0)
  private var count = 16
  private var bursts = 0
  private var dwellFactor: Int64 = 1
  private var oks = 0
  /// The line that the firmware asked for.
  private var missing: Int64?
  private var isTooSlow = false
  /// Everything that was ever sent fitted: so many lines of 40 bytes.
  private var allFitted = 0
  /// Bursts cannot grow beyond what a wire takes in a second or two.
  private static let mostLines = 160
  private static let mostBursts = 24
  private static let millisecond: Int64 = 1_000_000

  /// Begins at once. `baud` is 0 where bytes take no time.
  public init(baud: Int64, now: Int64) {
    byteTime = baud > 0 ? 10_000_000_000 / baud : 0
    lineTime = 2 * Self.millisecond
    number(now: now)
  }

  /// The bytes to write now.
  public mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) {
    var position = 0
    while step != .over, let reply = parser.next(in: bytes, at: &position) { take(reply, now: now) }
  }

  /// The time is `now`.
  public mutating func timeout(now: Int64) {
    guard let deadline = nextDeadline, deadline <= now else { return }
    switch step {
    case .numbering(let tries):
      guard tries < 4 else { return fail("the firmware does not answer M110") }
      step = .numbering(tries: tries + 1)
      number(now: now)
    case .dwelling:
      step = .bursting(sent: 0)
      sendLine(now: now)
    case .bursting: sendLine(now: now)
    case .settling: ask(now: now)
    case .asking: judge(now: now)
    case .proving(_, let tries):
      guard tries < 3 else { return fail("numbered lines are not taken any more: reset the machine") }
      step = .proving(sent: 0, tries: tries + 1)
      number(now: now)
    case .over: break
    }
  }

  // MARK: Replies

  private mutating func take(_ reply: Reply, now: Int64) {
    switch reply {
    case .ok: acknowledged(now: now)
    case .resend(let number): complained(number, now: now)
    case .error(.line(_, let last)): complained(last.map { $0 + 1 }, now: now)
    case .error(.killed), .start, .banner: fail("the firmware restarted or was stopped")
    case .error, .busy, .wait, .temperatures, .position, .action, .firmware, .capability, .sdPrinting,
      .notSDPrinting,
      .unknownCommand, .homeFirst, .lineNumber, .text, .garbage, .skip:
      break
    }
  }

  private mutating func acknowledged(now: Int64) {
    switch step {
    case .numbering:
      // What is late of the round before has passed in the quiet before M110.
      if isOver { prove(0, now: now) } else { dwell(now: now) }
    case .dwelling, .bursting:
      // The dwell is over before the burst is: what was sent since found more room.
      isTooSlow = true
      oks += 1
    case .settling:
      oks += 1
      if oks == count + 1 { ask(now: now) } else { wait(300 * Self.millisecond, now: now, atLeast: true) }
    case .asking: wait(300 * Self.millisecond, now: now, atLeast: false)
    case .proving(let sent, let tries):
      if sent < 2 { return prove(sent, now: now, tries: tries) }
      guard sent == 2 else { return }
      isNumberingProven = true
      end()
    case .over: break
    }
  }

  private mutating func complained(_ number: Int64?, now: Int64) {
    switch step {
    case .dwelling, .bursting: isTooSlow = true
    case .settling, .asking:
      if missing == nil { missing = number }
      wait(300 * Self.millisecond, now: now, atLeast: false)
    case .proving(_, let tries):
      // Its time runs out, and it begins anew.
      step = .proving(sent: 3, tries: tries)
    case .numbering, .over: break
    }
  }

  // MARK: One round

  private mutating func number(now: Int64) {
    output += OwnLine.bytes("\nN0 M110*35\n")
    nextDeadline = now + 2000 * Self.millisecond
  }

  private mutating func dwell(now: Int64) {
    bursts += 1
    oks = 0
    missing = nil
    isTooSlow = false
    let line = max(lineTime, Int64(burst.longest) * byteTime * 5 / 4)
    let milliseconds = (200 + Int64(count) * line / Self.millisecond * 3 / 2) * dwellFactor
    dwellEnd = now + milliseconds * Self.millisecond
    encodeNumbered(1, OwnLine.bytes("G4 P\(milliseconds)")[...], into: &output)
    step = .dwelling
    nextDeadline = now + 60 * Self.millisecond
  }
  private var dwellEnd: Int64 = 0

  private mutating func sendLine(now: Int64) {
    guard case .bursting(let sent) = step else { return }
    guard sent < count else {
      step = .settling
      // A dwell that is over already tells nothing: no use in waiting for the end that it should have had.
      if isTooSlow { dwellEnd = now }
      nextDeadline = max(dwellEnd, now) + 700 * Self.millisecond
      patienceEnd = max(dwellEnd, now) + 8000 * Self.millisecond
      return
    }
    encodeFiller(Int64(sent) + 2, length: burst.length(of: sent))
    step = .bursting(sent: sent + 1)
    nextDeadline = now + max(lineTime, Int64(burst.longest) * byteTime * 5 / 4)
  }

  /// A numbered M105 of exactly `length` bytes: blanks before the `*`, and a checksum of three digits.
  private mutating func encodeFiller(_ number: Int64, length: Int) {
    let start = output.count
    // A checksum of zero would still be right with its digits cut off; a leading zero of the number makes another one.
    for zeros in 0...1 {
      output.removeSubrange(start...)
      output.append(ASCII.upperN)
      for _ in 0..<zeros { output.append(ASCII.zero) }
      appendDecimal(number, to: &output)
      output += OwnLine.bytes(" M105")
      while output.count - start < length - 5 { output.append(ASCII.space) }
      let sum = Checksum.xor(output[start...])
      output.append(ASCII.star)
      for digit in [sum / 100, sum / 10 % 10, sum % 10] { output.append(ASCII.zero + digit) }
      output.append(ASCII.lineFeed)
      if sum != 0 { break }
    }
  }

  /// The line feed ends what was cut off; the number is one behind all others.
  private mutating func ask(now: Int64) {
    output.append(ASCII.lineFeed)
    encodeNumbered(Int64(count) + 2, OwnLine.bytes("M105")[...], into: &output)
    step = .asking
    patienceEnd = now + 4000 * Self.millisecond
    nextDeadline = now + 1500 * Self.millisecond
  }

  /// Waits until nothing has come for so long; during a dwell until that is over too.
  private mutating func wait(_ time: Int64, now: Int64, atLeast: Bool) {
    // Some firmwares repeat what they ask for without end.
    nextDeadline = min(patienceEnd, atLeast ? max(now + time, dwellEnd + time) : now + time)
  }
  private var patienceEnd: Int64 = .max

  private mutating func judge(now: Int64) {
    defer {
      step = .numbering(tries: 0)
      number(now: now)
    }
    if isTooSlow {
      dwellFactor *= 2
      return
    }
    guard let missing else {
      // All of it fitted.
      allFitted = max(allFitted, count)
      count *= 2
      return
    }
    // Less than the queue alone cannot be: then something else was damaged.
    let fitting = Int(missing) - 2
    guard fitting > 0, fitting <= count else { return }
    sizes.note(fitting, burst)
    (burst, count) = sizes.nextBurst
  }

  private var isOver: Bool {
    sizes.isExact || count > Self.mostLines || bursts >= Self.mostBursts || dwellFactor > 16
      || sizes.isContradictory || (sizes.isKnown && !sizes.canBeDivided)
  }

  // MARK: The end

  private mutating func prove(_ sent: Int, now: Int64, tries: Int = 0) {
    step = .proving(sent: sent + 1, tries: tries)
    encodeNumbered(Int64(sent) + 1, OwnLine.bytes("M105")[...], into: &output)
    nextDeadline = now + 2000 * Self.millisecond
  }

  private mutating func end() {
    var found = MeasuredBuffers()
    found.bursts = bursts
    if sizes.isContradictory {
      // It keeps its lines in another way than in places of a queue behind a buffer (Prusa counts bytes): nothing is said.
      found.receiveBuffer = nil
    } else if sizes.isKnown {
      found.queueLines = sizes.leastQueue
      found.isQueueExact = sizes.leastQueue == sizes.mostQueue
      found.receiveBuffer = sizes.leastBuffer
      found.isReceiveBufferExact = sizes.leastBuffer == sizes.mostBuffer
    } else if allFitted > PossibleSizes.mostQueue {
      found.receiveBuffer = (allFitted - PossibleSizes.mostQueue) * 40
    }
    result = found
    step = .over
    nextDeadline = nil
  }

  private mutating func fail(_ sentence: String) {
    failure = sentence
    step = .over
    nextDeadline = nil
  }
}

/// The sizes that explain all bursts so far: for each length of the queue a range of buffers.
struct PossibleSizes: Sendable {
  /// The lengths of a burst's lines.
  struct Burst: Equatable, Sendable {
    /// Of each line, in bytes.
    var length: Int
    /// How much longer one of them is: by it the buffer is measured to the byte.
    var extra: Int
    /// Which: the first behind those that the queue takes.
    var place: Int

    var longest: Int { length + extra }
    func length(of line: Int) -> Int { line == place ? length + extra : length }
  }

  static let mostQueue = 64
  private static let largest = 1 << 20
  /// For a queue of index + 1 lines, the dwell's own place included.
  private var ranges = [ClosedRange<Int>?](repeating: 1...largest, count: mostQueue)
  private(set) var isKnown = false

  /// So many lines of this burst fitted, and not one more.
  mutating func note(_ fitting: Int, _ burst: Burst) {
    isKnown = true
    for index in ranges.indices {
      let inBuffer = fitting - index
      guard let range = ranges[index], inBuffer >= 0 else {
        ranges[index] = nil
        continue
      }
      let low = max(range.lowerBound, inBuffer == 0 ? 0 : inBuffer * burst.length + burst.extra)
      let high = min(range.upperBound, (inBuffer + 1) * burst.length + burst.extra - 1)
      ranges[index] = low <= high ? low...high : nil
    }
  }

  var isContradictory: Bool { ranges.allSatisfy { $0 == nil } }
  var isExact: Bool { isKnown && !isContradictory && leastQueue == mostQueue && leastBuffer == mostBuffer }
  var leastQueue: Int { (ranges.firstIndex { $0 != nil } ?? 0) + 1 }
  var mostQueue: Int { (ranges.lastIndex { $0 != nil } ?? 0) + 1 }
  var leastBuffer: Int { ranges.reduce(Self.largest) { min($0, $1?.lowerBound ?? Self.largest) } }
  var mostBuffer: Int { ranges.reduce(0) { max($0, $1?.upperBound ?? 0) } }

  /// Whether a burst of some length would tell more.
  var canBeDivided: Bool { isKnown && best.worst < ranges.reduce(0) { $0 + ($1?.count ?? 0) } }

  /// The next lengths, and so many lines that some will not fit.
  var nextBurst: (burst: Burst, count: Int) {
    let burst = best.burst
    var most = 0
    for (index, range) in ranges.enumerated() {
      if let range { most = max(most, index + range.upperBound / burst.length) }
    }
    return (burst, most + 2)
  }

  /// The lengths whose answer leaves least in the worst case; long lines first, for they need fewer.
  private var best: (burst: Burst, worst: Int) {
    let isQueueExact = leastQueue == mostQueue
    var best = (burst: Burst(length: 16, extra: 0, place: 0), worst: Int.max)
    for length in stride(from: 64, through: 16, by: -1) {
      for extra in 0...(isQueueExact ? 15 : 0) {
        let burst = Burst(length: length, extra: extra, place: leastQueue - 1)
        let worst = largestRest(after: burst)
        if worst < best.worst { best = (burst, worst) }
      }
    }
    return best
  }

  /// How many sizes would be left in the worst case.
  private func largestRest(after burst: Burst) -> Int {
    var rests = [Int](repeating: 0, count: 1)
    for (index, range) in ranges.enumerated() {
      guard let range else { continue }
      let first = max(0, range.lowerBound - burst.extra) / burst.length
      let last = max(0, range.upperBound - burst.extra) / burst.length
      for inBuffer in first...last {
        let low = max(range.lowerBound, inBuffer == 0 ? 0 : inBuffer * burst.length + burst.extra)
        let high = min(range.upperBound, (inBuffer + 1) * burst.length + burst.extra - 1)
        let fitting = index + inBuffer
        if fitting >= rests.count { rests += [Int](repeating: 0, count: fitting + 1 - rests.count) }
        rests[fitting] += max(0, high - low + 1)
      }
    }
    return rests.max() ?? 0
  }
}
