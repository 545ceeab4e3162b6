/// Cuts a stream of bytes, which comes in pieces of any size, into lines.
///
/// A line ends at LF, CRLF or CR, also where the pieces part a CRLF, and at the end of the file. The same bytes give
/// the same lines however they are cut. Memory is bounded: of a line longer than `maximumLength` only that many bytes
/// are kept and `Line.isOverLong` is set. Once warm, nothing is allocated per line.
///
///     var splitter = LineSplitter()
///     while let piece = readMore() {
///       var position = 0
///       while let line = splitter.next(in: piece.span, at: &position) { use(line, splitter.content) }
///     }
///     if let line = splitter.finish() { use(line, splitter.content) }
public struct LineSplitter: Sendable {
  /// Where a line stands in the file.
  public struct Line: Equatable, Sendable {
    /// The number of the line in the file, from 1.
    public var number: Int64
    /// The offset in bytes of the line's first byte.
    public var start: Int64
    /// The offset in bytes just behind the line and its ending: where the next line starts.
    public var end: Int64
    /// The line's true length in bytes, without its ending.
    public var length: Int64
    /// Whether only the first `maximumLength` bytes were kept.
    public var isOverLong: Bool
    /// Whether an ending was seen; false only for a last line that the file does not end.
    public var isTerminated: Bool
  }

  /// How many bytes of a line are kept.
  public let maximumLength: Int
  /// The offset of the next byte that the splitter has not seen.
  public private(set) var offset: Int64
  private var number: Int64
  private var lineStart: Int64
  /// The part of the current line that came in earlier pieces, and what `next` hands out.
  private var kept: [UInt8] = []
  /// How many bytes of the current line came in earlier pieces, kept or not.
  private var keptLength: Int64 = 0
  /// The line in `kept` was handed out; the next one starts afresh.
  private var keptIsSpent = false
  /// The last piece ended in CR: an LF that follows belongs to it.
  private var awaitsLineFeed = false

  /// Makes a splitter that starts at a line's first byte.
  ///
  /// `offset` and `line` tell where in the file that is, so that a job that goes on in mid-file counts on rightly.
  public init(maximumLength: Int = 4096, offset: Int64 = 0, line: Int64 = 1) {
    self.maximumLength = max(1, maximumLength)
    self.offset = offset
    self.lineStart = offset
    self.number = line
    kept.reserveCapacity(min(self.maximumLength, 4096))
  }

  /// The bytes of the line that `next` or `finish` returned last, without its ending.
  ///
  /// Valid until the next call; a caller that keeps the slice longer makes the splitter copy its buffer.
  public var content: ArraySlice<UInt8> { kept[...] }

  /// The next whole line in `bytes` from `position`, which moves on; nil when the piece is used up.
  public mutating func next(in bytes: Span<UInt8>, at position: inout Int) -> Line? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let (line, place) = scan(bytes, &position) else { return nil }
      if let place {
        startLine()
        kept.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[place]))
      }
      keptIsSpent = true
      return line
    }
  }

  /// The next whole line in `bytes` from `position`, without copying one that lies in it whole.
  ///
  /// With it comes its place in `bytes`, or nil where `content` has it; a line that is over-long is shown as far as is kept.
  public mutating func nextPlace(
    in bytes: Span<UInt8>, at position: inout Int
  ) -> (line: Line, place: Range<Int>?)? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let (line, place) = scan(bytes, &position) else { return nil }
      if place == nil { keptIsSpent = true }
      return (line, place)
    }
  }

  /// The last line, where the file does not end it; nil where nothing is left. Call it once, at the end of the file.
  public mutating func finish() -> Line? {
    if keptIsSpent { startLine() }
    guard awaitsLineFeed || keptLength > 0 else { return nil }
    let line = close(length: keptLength, terminated: awaitsLineFeed)
    awaitsLineFeed = false
    keptIsSpent = true
    return line
  }

  /// Hands every line of a piece to `body` without copying those that lie in it whole; stops early on `false`.
  ///
  /// The buffer is valid only during the call of `body`. Returns whether the piece was used up.
  @discardableResult
  public mutating func forEachLine(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Line, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Bool {
    var position = 0
    while let (line, place) = scan(bytes, &position) {
      let goOn: Bool
      if let place {
        goOn = body(line, UnsafeBufferPointer(rebasing: bytes[place]))
      } else {
        keptIsSpent = true
        goOn = kept.withUnsafeBufferPointer { body(line, $0) }
      }
      if !goOn { return false }
    }
    return true
  }

  /// Finds the next line: its place in `bytes`, or nil where it is in `kept`.
  @inline(__always)
  private mutating func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) -> (Line, Range<Int>?)? {
    if keptIsSpent { startLine() }
    guard position < bytes.count else { return nil }
    if awaitsLineFeed { return (closeAfterReturn(bytes, &position), nil) }
    let start = position
    let end = firstLineEnd(in: bytes, from: start)
    offset &+= Int64(end &- start)
    position = end
    guard end < bytes.count else {
      keep(bytes, start, end)
      return nil
    }
    if bytes[end] == ASCII.carriageReturn, end &+ 1 == bytes.count {
      keep(bytes, start, end)
      consume(1, &position)
      awaitsLineFeed = true
      return nil
    }
    let isPair = bytes[end] == ASCII.carriageReturn && bytes[end &+ 1] == ASCII.lineFeed
    consume(isPair ? 2 : 1, &position)
    if keptLength > 0 {
      keep(bytes, start, end)
      return (close(length: keptLength, terminated: true), nil)
    }
    let shown = min(end &- start, maximumLength)
    return (close(length: Int64(end &- start), terminated: true), start..<start &+ shown)
  }

  /// Ends the line whose CR was the last byte of the piece before.
  private mutating func closeAfterReturn(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Line {
    if bytes[position] == ASCII.lineFeed { consume(1, &position) }
    awaitsLineFeed = false
    return close(length: keptLength, terminated: true)
  }

  @inline(__always)
  private mutating func consume(_ count: Int, _ position: inout Int) {
    position &+= count
    offset &+= Int64(count)
  }

  private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
    keptLength &+= Int64(end &- start)
    let room = min(maximumLength &- kept.count, end &- start)
    if room > 0 { kept.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<start &+ room])) }
  }

  private mutating func startLine() {
    kept.removeAll(keepingCapacity: true)
    keptLength = 0
    keptIsSpent = false
  }

  @inline(__always)
  private mutating func close(length: Int64, terminated: Bool) -> Line {
    let line = Line(
      number: number, start: lineStart, end: offset, length: length,
      isOverLong: length > Int64(maximumLength), isTerminated: terminated)
    number &+= 1
    lineStart = offset
    return line
  }
}

/// The place of the first such byte from `start`, or the count where there is none; looks at eight bytes at a time.
@inline(__always)
func firstByte(_ wanted: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  guard let base = bytes.baseAddress else { return bytes.count }
  let raw = UnsafeRawPointer(base)
  let ones: UInt64 = 0x0101_0101_0101_0101
  var index = start
  while index &+ 8 <= bytes.count {
    let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    let other = word ^ (ones &* UInt64(wanted))
    let hits = (other &- ones) & ~other & (ones &* 0x80)
    if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
    index &+= 8
  }
  while index < bytes.count, base[index] != wanted { index &+= 1 }
  return index
}

/// The place of the first LF or CR from `start`, or the count where there is none; looks at eight bytes at a time.
@inline(__always)
func firstLineEnd(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  guard let base = bytes.baseAddress else { return bytes.count }
  let raw = UnsafeRawPointer(base)
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  var index = start
  while index &+ 8 <= bytes.count {
    let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    let feed = word ^ (ones &* UInt64(ASCII.lineFeed))
    let turn = word ^ (ones &* UInt64(ASCII.carriageReturn))
    let hits = ((feed &- ones) & ~feed | (turn &- ones) & ~turn) & highs
    if hits != 0 { return index &+ hits.trailingZeroBitCount >> 3 }
    index &+= 8
  }
  while index < bytes.count, base[index] != ASCII.lineFeed, base[index] != ASCII.carriageReturn {
    index &+= 1
  }
  return index
}
