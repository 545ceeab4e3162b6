import GCode

/// The wire thread's end of the ring: bytes in, lines of the file out.
///
/// A class, so that it is used where it lies; only the wire thread knows it.
final class LineSource {
  /// What came of asking for a line.
  enum Next {
    /// One was given to the body.
    case line
    /// The disk has not come so far; it will ring.
    case starving
    /// The file has no more lines.
    case end
  }

  private let ring: ByteRing
  private var splitter: LineSplitter
  private var isOver = false
  /// The disk thread sleeps and has to be rung.
  private var owesRing = false

  /// Begins at a line's first byte; `offset` and `line` tell where in the file that is.
  init(ring: ByteRing, offset: Int64 = 0, line: Int64 = 1) {
    self.ring = ring
    splitter = LineSplitter(offset: offset, line: line)
  }

  /// Gives the next line to `body`, comments included; its bytes are valid only meanwhile. Never waits.
  func next(_ body: (LineSplitter.Line, Span<UInt8>) -> Void) -> Next {
    if isOver { return .end }
    while true {
      let bytes = ring.readable
      if bytes.isEmpty {
        switch ring.drained() {
        case .moreCame: continue
        case .starving: return .starving
        case .ended:
          isOver = true
          guard let last = splitter.finish() else { return .end }
          body(last, splitter.content.span)
          return .line
        }
      }
      var position = 0
      let found = splitter.nextPlace(in: bytes.span, at: &position)
      if let (line, place) = found {
        // Where it lies in the ring, it stays there until it was used.
        if let place {
          body(line, bytes.span.extracting(place))
        } else {
          body(line, splitter.content.span)
        }
      }
      if ring.consume(position) { owesRing = true }
      if found != nil { return .line }
    }
  }

  /// True, once, where the disk thread has to be rung.
  func takeOwedRing() -> Bool {
    guard owesRing else { return false }
    owesRing = false
    return true
  }
}
