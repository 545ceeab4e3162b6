/// Reads a form that is sent in pieces of any size: `multipart/form-data`.
///
/// The same bytes give the same parts however they are cut. Nothing of a part's content is kept: it is shown in the piece where
/// it lies. Bytes that looked like the beginning of a boundary at a piece's end, and are none, are the beginning of
/// `delimiter`.
///
///     preamble -> afterDelimiter -> header -> content -> afterDelimiter ... -> epilogue
///                        any of them -> failed
///
/// If the client errs the parser throws, and throws the same again; what came before stands, so that a caller takes nothing for
/// whole before `end`. RFC 7578, RFC 2046 section 5.1.
///
///     while let event = try parser.next(in: piece.span, at: &position) { use(event) }
///     try parser.finish()
public struct MultipartParser: Sendable {
  /// What comes next in the form.
  public enum Event: Equatable, Sendable {
    /// A part begins.
    case part(PartHeader)
    /// Content of the part: this range of the piece.
    case content(Range<Int>)
    /// Content of the part: so many first bytes of `delimiter`.
    case held(Int)
    /// The part ends.
    case partEnd
    /// The form ends; what follows is ignored.
    case end
  }

  fileprivate enum State: Equatable {
    /// Before the first boundary.
    case preamble
    /// Behind a boundary: the line has to end here, or the form.
    case afterDelimiter(Tail)
    /// In a part's headers.
    case header
    /// In a part.
    case content
    /// Behind the last boundary.
    case epilogue
    /// Not a form.
    case failed(MultipartError)
  }

  fileprivate enum Tail: Equatable {
    case start
    case dash
    case padding
    case carriageReturn
  }

  /// CRLF, two hyphens and the boundary.
  public let delimiter: [UInt8]
  private let limits: MultipartLimits
  private var state = State.preamble
  /// How many bytes of the delimiter the piece before ended in; a form may begin with its boundary, as if behind a CRLF.
  private var matched = 2
  private var header: [UInt8] = []
  private var parts = 0
  private var preamble = 0
  /// Bytes that the field may still have; nil in a file.
  private var fieldRoom: Int?
  /// The part's end was found and not yet told.
  private var owesPartEnd = false

  /// Makes a parser for a body of this media type. Throws `form.notAForm`, `form.boundary`.
  public init(contentType: [UInt8], limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
    var words = HeaderWords(contentType[...])
    guard words.token()[...].isWord("multipart/form-data") else { throw .notAForm }
    var boundary: [UInt8] = []
    do {
      while let (key, value) = try words.parameter() {
        if key[...].isWord("boundary") { boundary = value }
      }
    } catch { throw .boundary }
    guard (1...70).contains(boundary.count), boundary.last != 32, boundary.allSatisfy(isBoundaryByte)
    else { throw .boundary }
    delimiter = [13, 10, 45, 45] + boundary
    self.limits = limits
  }

  /// What comes next in `bytes` from `position`, which moves on; nil when the piece is used up.
  public mutating func next(in bytes: Span<UInt8>, at position: inout Int) throws(MultipartError) -> Event? {
    if case .failed(let error) = state { throw error }
    var outcome: Event?
    var failure: MultipartError?
    bytes.withUnsafeBufferPointer { bytes in
      do throws(MultipartError) { outcome = try advance(bytes, &position) } catch { failure = error }
    }
    if let failure {
      state = .failed(failure)
      throw failure
    }
    return outcome
  }

  /// The body is over. Throws `form.incomplete` where the form is not.
  public func finish() throws(MultipartError) {
    if case .failed(let error) = state { throw error }
    guard state == .epilogue else { throw .incomplete }
  }

  private mutating func advance(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) throws(MultipartError) -> Event? {
    if owesPartEnd {
      owesPartEnd = false
      return .partEnd
    }
    while position < bytes.count {
      switch state {
      case .preamble: try skipPreamble(bytes, &position)
      case .afterDelimiter(let tail):
        try readTail(tail, bytes[position])
        position += 1
        if state == .epilogue { return .end }
      case .header:
        if let part = try readHeader(bytes, &position) { return .part(part) }
      case .content:
        if let event = try readContent(bytes, &position) { return event }
      case .epilogue: position = bytes.count
      case .failed(let error): throw error
      }
    }
    return nil
  }

  private mutating func skipPreamble(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) throws(MultipartError) {
    let byte = bytes[position]
    position += 1
    preamble += 1
    if byte == delimiter[matched] {
      matched += 1
      if matched == delimiter.count { startTail() }
    } else {
      matched = byte == 13 ? 1 : 0
    }
    guard preamble <= limits.preambleBytes + delimiter.count else { throw .preamble }
  }

  private mutating func startTail() {
    matched = 0
    state = .afterDelimiter(.start)
  }

  private mutating func readTail(_ tail: Tail, _ byte: UInt8) throws(MultipartError) {
    switch (tail, byte) {
    case (.start, 45): state = .afterDelimiter(.dash)
    case (.dash, 45): state = .epilogue
    case (.start, 13), (.padding, 13): state = .afterDelimiter(.carriageReturn)
    case (.start, 32), (.start, 9), (.padding, 32), (.padding, 9): state = .afterDelimiter(.padding)
    case (.carriageReturn, 10):
      parts += 1
      guard parts <= limits.parts else { throw .tooManyParts }
      header.removeAll(keepingCapacity: true)
      state = .header
    default: throw .delimiter
    }
  }

  /// Collects the header's lines; the empty line ends them.
  private mutating func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) throws(MultipartError) -> PartHeader? {
    while position < bytes.count {
      guard header.count < limits.headerBytes else { throw .headersTooLong }
      header.append(bytes[position])
      position += 1
      let count = header.count
      guard header[count - 1] == 10, count >= 2, header[count - 2] == 13 else { continue }
      guard count == 2 || (count >= 4 && header[count - 3] == 10 && header[count - 4] == 13) else { continue }
      header.removeLast(2)
      let part = try PartHeader(block: header)
      fieldRoom = part.filename == nil ? limits.fieldBytes : nil
      state = .content
      return part
    }
    return nil
  }

  private mutating func readContent(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) throws(MultipartError) -> Event? {
    if matched > 0 { return try resumeMatch(bytes, &position) }
    let start = position
    var index = start
    while true {
      index = carriageReturn(in: bytes, from: index)
      let end = index + commonPrefix(bytes, index)
      if end - index == delimiter.count {
        position = end
        startTail()
        owesPartEnd = true
      } else if end == bytes.count {
        // The piece ends within what may be a delimiter, or without one.
        matched = end - index
        position = end
      } else {
        index += 1
        continue
      }
      if index > start { return try content(start..<index) }
      if owesPartEnd {
        owesPartEnd = false
        return .partEnd
      }
      return nil
    }
  }

  /// Goes on with a delimiter that the last piece began.
  private mutating func resumeMatch(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) throws(MultipartError) -> Event? {
    while position < bytes.count {
      guard bytes[position] == delimiter[matched] else {
        let count = matched
        matched = 0
        try takeRoom(count)
        return .held(count)
      }
      position += 1
      matched += 1
      if matched == delimiter.count {
        startTail()
        return .partEnd
      }
    }
    return nil
  }

  private mutating func content(_ range: Range<Int>) throws(MultipartError) -> Event {
    try takeRoom(range.count)
    return .content(range)
  }

  private mutating func takeRoom(_ count: Int) throws(MultipartError) {
    guard let room = fieldRoom else { return }
    guard count <= room else { throw .fieldTooLong }
    fieldRoom = room - count
  }

  /// How many bytes from `start` on are the delimiter's first.
  private func commonPrefix(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    let most = min(delimiter.count, bytes.count - start)
    var count = 0
    while count < most, bytes[start + count] == delimiter[count] { count += 1 }
    return count
  }
}

/// RFC 2046's `bchars`. Some clients send others that do no harm; quotes and what ends a line would.
private func isBoundaryByte(_ byte: UInt8) -> Bool {
  byte >= 32 && byte < 127 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}
