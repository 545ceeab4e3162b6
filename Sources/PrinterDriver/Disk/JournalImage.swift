import DriverInterface

/// What a journal says: which attempts were ever started, which one is under way, which ends nobody acknowledged yet.
///
/// The journal is a sequence of records in the words of the driver's interface, so that one codec serves both and a
/// neighbouring version can read it: `stage` with the facts of an attempt is written before its first line is sent; `progress`
/// and `resumePoint` are an anchor; `ended` is its outcome; `acknowledgeOutcome` lets the outcome go; `start` keeps the number of an attempt of
/// which nothing else is to be known any more. A record is a CRC-32 of four bytes, lowest first, and a frame.
struct JournalImage: Equatable, Sendable {
  /// How many attempt numbers are kept to recognise a repeated start.
  static let longestMemory = 4096

  /// Attempts that were started, oldest first.
  private(set) var started: [AttemptID] = []
  /// The attempt that was started and has no outcome.
  private(set) var open: StagedAttempt?
  /// The last anchor of the open attempt.
  private(set) var progress: AttemptProgress?
  /// The resume points of the open attempt and of those whose outcomes were not acknowledged.
  private(set) var points: [ResumePoint] = []
  /// Outcomes that were not acknowledged, oldest first.
  private(set) var outcomes: [AttemptOutcome] = []

  /// Takes one record in.
  mutating func apply(_ message: DriverMessage) {
    switch message {
    case .request(_, .stage(let staged)):
      remember(staged.attempt)
      open = staged
      progress = nil
    case .request(_, .start(let attempt)): remember(attempt)
    case .request(_, .acknowledgeOutcome(let attempt)):
      outcomes.removeAll { $0.progress.attempt == attempt }
      points.removeAll { $0.attempt == attempt }
    case .reply(_, .resumePoint(let point?)):
      points.removeAll { $0.attempt == point.attempt }
      points.append(point)
    case .event(let event):
      switch event.kind {
      case .progress(let anchor) where anchor.attempt == open?.attempt: progress = anchor
      case .ended(let outcome):
        outcomes.removeAll { $0.progress.attempt == outcome.progress.attempt }
        outcomes.append(outcome)
        // A finished attempt is never gone on with.
        if outcome.kind == .done { points.removeAll { $0.attempt == outcome.progress.attempt } }
        if open?.attempt == outcome.progress.attempt {
          open = nil
          progress = nil
        }
      default: break  // not written by this version
      }
    case .request, .reply: break  // not written by this version
    }
  }

  private mutating func remember(_ attempt: AttemptID) {
    guard !started.contains(attempt) else { return }
    started.append(attempt)
    if started.count > JournalImage.longestMemory { started.removeFirst() }
  }

  /// The records of a fresh journal that says the same.
  var records: [DriverMessage] {
    var records: [DriverMessage] = started.map { .request(number: 0, .start($0)) }
    for outcome in outcomes {
      records.append(.event(JournalImage.event(.ended(outcome), at: outcome.endedAt)))
    }
    if let open {
      records.append(.request(number: 0, .stage(open)))
      if let progress { records.append(.event(JournalImage.event(.progress(progress), at: 0))) }
    }
    for point in points { records.append(.reply(number: 0, .resumePoint(point))) }
    return records
  }

  /// An event as a record; its sequence means nothing there.
  static func event(_ kind: DriverEventKind, at: Int64) -> DriverEvent {
    DriverEvent(sequence: 0, at: at, kind: kind)
  }

  /// The bytes of one record; empty for a message larger than a frame, which no record is.
  static func bytes(of message: DriverMessage) -> [UInt8] {
    var frame: [UInt8] = []
    do { try message.encode(into: &frame) } catch { return [] }
    let crc = crc32(frame)
    return (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) } + frame
  }

  /// Reads records from the start of `bytes` until one is not whole or not right.
  ///
  /// Returns how many bytes were good. What follows them is a tail torn by a power cut, or damage.
  mutating func replay(_ bytes: ArraySlice<UInt8>) -> Int {
    var rest = bytes
    while let (message, length) = JournalImage.record(at: rest) {
      if let message { apply(message) }
      rest = rest.dropFirst(length)
    }
    return bytes.count - rest.count
  }

  /// The first record and its length; a record of a newer version is nil with its length.
  private static func record(at bytes: ArraySlice<UInt8>) -> (DriverMessage?, Int)? {
    guard bytes.count >= 8 else { return nil }
    let start = bytes.startIndex
    var crc: UInt32 = 0
    var length = 0
    for offset in 0..<4 {
      crc |= UInt32(bytes[start + offset]) << (8 * UInt32(offset))
      length |= Int(bytes[start + 4 + offset]) << (8 * offset)
    }
    guard length <= FrameDecoder.maximumLength, bytes.count >= 8 + length else { return nil }
    let frame = bytes[start + 4..<start + 8 + length]
    guard crc32(frame) == crc else { return nil }
    var decoder = FrameDecoder()
    decoder.receive(frame)
    do {
      guard case .message(let message) = try decoder.next() else { return (nil, 8 + length) }
      return (message, 8 + length)
    } catch {
      return (nil, 8 + length)
    }
  }
}
