import GCode

/// The wire thread's end of the ring: bytes in, lines of the file out.
struct LineSource {
  enum Next {
    /// A line; its bytes are in `content`.
    case line(LineSplitter.Line)
    /// The disk has not come so far; it will ring.
    case starving
    /// The file has no more lines.
    case end
  }

  let ring: ByteRing
  private var splitter: LineSplitter
  private var isOver = false
  /// The disk thread sleeps and has to be rung.
  private(set) var owesRing = false

  /// Begins at a line's first byte; `offset` and `line` tell where in the file that is.
  init(ring: ByteRing, offset: Int64 = 0, line: Int64 = 1) {
    self.ring = ring
    splitter = LineSplitter(offset: offset, line: line)
  }

  /// The bytes of the last line, comments included; valid until the next call.
  var content: ArraySlice<UInt8> { splitter.content }

  /// The next line. Never waits.
  mutating func next() -> Next {
    if isOver { return .end }
    while true {
      let bytes = ring.readable
      if bytes.isEmpty {
        switch ring.drained() {
        case .moreCame: continue
        case .starving: return .starving
        case .ended:
          isOver = true
          if let last = splitter.finish() { return .line(last) }
          return .end
        }
      }
      var position = 0
      let line = splitter.next(in: bytes.span, at: &position)
      if ring.consume(position) { owesRing = true }
      if let line { return .line(line) }
    }
  }

  /// True, once, where the disk thread has to be rung.
  mutating func takeOwedRing() -> Bool {
    defer { owesRing = false }
    return owesRing
  }
}
