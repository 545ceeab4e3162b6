/// Bytes in any pieces -> replies of a GRBL, one a line.
///
/// Both CR and LF end a line, so that a damaged one of the two leaves a single stray byte, which is taken off again. A word of
/// two letters that one flipped bit parts from `ok` is an `ok`: nothing else that a GRBL says is that short. Nothing traps.
public struct GrblReplyParser: Sendable {
  /// The longest reply that is kept, in bytes.
  public static let longest = 512

  /// The last reply's bytes, without line end.
  public private(set) var line: [UInt8] = []
  private var wordsStart = 0
  private var wordsEnd = 0
  private var isComplete = false

  /// Makes a parser at the start of a line.
  public init() { line.reserveCapacity(Self.longest) }

  /// The words of the last reply: what stands between `[MSG:` and `]`.
  public var words: ArraySlice<UInt8> { line[min(wordsStart, line.count)..<max(wordsStart, wordsEnd)] }

  /// Takes bytes from `position` up to the next end of a line and reads it; nil when the bytes are used up before one.
  public mutating func next(in bytes: Span<UInt8>, at position: inout Int) -> GrblReply? {
    if isComplete {
      line.removeAll(keepingCapacity: true)
      isComplete = false
    }
    while position < bytes.count {
      let byte = bytes[position]
      position &+= 1
      if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
        // A lone damaged CR or LF is no line.
        if line.isEmpty || (line.count == 1 && Self.isDamagedEnd(line[0])) {
          line.removeAll(keepingCapacity: true)
          continue
        }
        isComplete = true
        return classify()
      }
      if byte != 0, line.count < Self.longest { line.append(byte) }
    }
    return nil
  }

  /// Forgets a line that has begun, as after a reopening of the port.
  public mutating func reset() {
    line.removeAll(keepingCapacity: true)
    isComplete = false
  }

  private static func isDamagedEnd(_ byte: UInt8) -> Bool {
    isOneBitFrom(byte, ASCII.lineFeed) || isOneBitFrom(byte, ASCII.carriageReturn)
  }

  static func isOneBitFrom(_ a: UInt8, _ b: UInt8) -> Bool { (a ^ b).nonzeroBitCount == 1 }

  private mutating func classify() -> GrblReply {
    var words = 0..<0
    let reply = line.withUnsafeBufferPointer { bytes in
      let whole = 0..<bytes.count
      var scanner = GrblReplyScanner(bytes: bytes, range: whole)
      if let reply = scanner.read() {
        words = scanner.words
        return reply
      }
      // One byte too many at either end is a line end of which a bit was flipped.
      var trimmed = whole
      if let first = bytes.first, Self.isOneBitFrom(first, ASCII.lineFeed) {
        trimmed = trimmed.lowerBound + 1..<trimmed.upperBound
      }
      if let last = bytes.last, trimmed.count > 1, Self.isOneBitFrom(last, ASCII.carriageReturn) {
        trimmed = trimmed.lowerBound..<trimmed.upperBound - 1
      }
      if trimmed != whole {
        var second = GrblReplyScanner(bytes: bytes, range: trimmed)
        if let reply = second.read() {
          words = second.words
          return reply
        }
      }
      return scanner.readDamaged()
    }
    wordsStart = words.lowerBound
    wordsEnd = words.upperBound
    return reply
  }
}
