/// Bytes in any pieces -> replies, one a line.
///
/// Lines end with LF or CR; NULs and empty lines are dropped; a line longer than `ReplyParser.longest` is cut there and the
/// rest of it ignored. Whatever a printer sends is a value; nothing traps, and nothing allocates once warm.
public struct ReplyParser: Sendable {
  /// The longest reply that is kept, in bytes; M115's line and Marlin's area report are the longest known.
  public static let longest = 1024

  /// The last reply's bytes, without line end.
  public private(set) var line: [UInt8] = []
  /// Where the words of the last reply start within `line`: behind `echo:`, `//action:notification `, `Cap:`.
  private var wordsStart = 0
  private var isComplete = false
  /// The last reply was `ok` and nothing else: the same once more leaves `line` as it is.
  private var isBareOk = false
  /// The temperatures of the last reply that had some.
  public private(set) var report = TemperatureReport()

  /// Makes a parser at the start of a line.
  public init() { line.reserveCapacity(Self.longest) }

  /// The words of the last reply: what stands behind `echo:`, `Error:`, the name of an action, or `Cap:`.
  public var words: ArraySlice<UInt8> { line[min(wordsStart, line.count)...] }

  /// Whether what has come since the last end of a line is noise: a wrong speed may never show one.
  var holdsNoise: Bool {
    guard !isComplete, line.count >= 4 else { return false }
    return line.withUnsafeBufferPointer { ReplyScanner(bytes: $0).isNoise() }
  }

  /// Takes bytes from `position` up to the next end of a line and reads it; nil when the bytes are used up before one.
  public mutating func next(in bytes: Span<UInt8>, at position: inout Int) -> Reply? {
    guard position < bytes.count else { return nil }
    if isComplete {
      if isBareOk, Self.isBareOk(in: bytes, at: position) {
        position &+= 3
        return .ok(Acknowledgement())
      }
      line.removeAll(keepingCapacity: true)
      isComplete = false
    }
    while position < bytes.count {
      let byte = bytes[position]
      position &+= 1
      if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
        if line.isEmpty { continue }
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

  /// Whether the next reply is two letters and nothing else, as by far the most are.
  @inline(__always)
  private static func isBareOk(in bytes: Span<UInt8>, at position: Int) -> Bool {
    position &+ 3 <= bytes.count && bytes[position] == UInt8(ascii: "o")
      && bytes[position &+ 1] == UInt8(ascii: "k") && bytes[position &+ 2] == ASCII.lineFeed
  }

  private mutating func classify() -> Reply {
    isBareOk = line.count == 2 && line[0] == UInt8(ascii: "o") && line[1] == UInt8(ascii: "k")
    if isBareOk {
      wordsStart = 0
      return .ok(Acknowledgement())
    }
    var start = 0
    var temperatures: TemperatureReport?
    let reply = line.withUnsafeBufferPointer { bytes in
      var scanner = ReplyScanner(bytes: bytes)
      let reply = scanner.read()
      start = scanner.wordsStart
      if reply.hasReport { temperatures = scanner.temperatures() }
      return reply
    }
    wordsStart = start
    if let temperatures { report = temperatures }
    return reply
  }
}
