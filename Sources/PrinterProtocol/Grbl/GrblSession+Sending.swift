import GCode

/// What goes out, and when.
extension GrblSession {
  /// Bytes that GRBL takes out of the stream wherever they stand, and acts on at once.
  enum Realtime {
    static let status: UInt8 = 0x3f
    static let hold: UInt8 = 0x21
    static let start: UInt8 = 0x7e
    static let reset: UInt8 = 0x18
    static let cancelJog: UInt8 = 0x85
    static let feed100: UInt8 = 0x90
    static let feedUp10: UInt8 = 0x91
    static let feedDown10: UInt8 = 0x92
    static let feedUp1: UInt8 = 0x93
    static let feedDown1: UInt8 = 0x94

    /// Whether the byte would act, wherever it stands, if it were part of a line.
    static func isOne(_ byte: UInt8) -> Bool {
      byte == status || byte == hold || byte == start || byte < 32 || byte > 126
    }
  }

  /// Sends a realtime byte: before the lines that wait, and never inside one.
  mutating func writeRealtime(_ byte: UInt8) {
    var place = outputStart
    // A short write may have stopped within a line: the byte comes behind it.
    if outputStart > 0, output[outputStart - 1] != ASCII.lineFeed {
      while place < output.count, output[place] != ASCII.lineFeed { place += 1 }
      place = min(output.count, place + 1)
    }
    output.insert(byte, at: place)
    isWriteGiven = false
  }

  /// Sends a line; there has to be room for it.
  mutating func writeLine(_ line: ArraySlice<UInt8>, _ facts: GrblSentLine) {
    output.append(contentsOf: line)
    output.append(ASCII.lineFeed)
    isWriteGiven = false
    counted.linesSent += 1
    ledger.append(facts)
    if facts.kind != .probe { restingPlace = nil }
    let wire = configuration.baud > 0 ? 10_000_000_000 / configuration.baud : 0
    settledAt = max(settledAt, facts.sentAt) + Int64(facts.length) * wire
  }

  /// Whether a line of `length` bytes, line feed included, certainly fits.
  func hasRoom(_ length: Int) -> Bool {
    // Nothing follows a question: `$` lines are the last on the wire.
    guard !isAlone, probes.isEmpty else { return false }
    guard !ledger.isEmpty else { return true }
    // A configured number of lines bounds what the bytes would allow; 1 is send-response.
    if configuration.windowLines > 0, ledger.count >= configuration.windowLines { return false }
    return ledger.bytes + length <= window
  }

  /// Sends one line of the session's own or of a person's and follows it.
  mutating func writeOwn(_ line: [UInt8], _ kind: GrblLineKind, now: Int64) {
    let block = GrblBlock(line[...])
    lastBlock = block
    followed.apply(block)
    isAlone = block.isAlone
    writeLine(
      line[...],
      GrblSentLine(kind: kind, length: line.count + 1, sentAt: now, patience: patience(of: block, line)))
  }

  /// How long a line may stay unanswered while nothing moves.
  func patience(of block: GrblBlock, _ line: [UInt8]) -> Int64 {
    if block.once == .dwell { return Int64(max(0, min(1e6, block.value("P") ?? 0)) * 1e9) }
    if block.spindle != nil { return Int64(max(0, configuration.grbl.spinUp) * 1e9) }
    if block.isSystemLine, line.count == 2, line[1] | 32 == UInt8(ascii: "h") {
      return configuration.grbl.homing
    }
    return 0
  }

  /// Whether a line must wait until nothing is in flight: it has to be alone, or a lost line feed would join it unnoticed to
  /// the one before. Behind an answered line a lost line feed leaves that one unanswered, which is noticed.
  func needsEmptyWire(_ block: GrblBlock) -> Bool {
    block.isAlone || lastBlock?.mergesUnnoticed(with: block) == true
  }

  /// Sends what is due, in the order of its rank, as far as the wire has room.
  mutating func advance(now: Int64) {
    if isStatusDue { askStatus(now: now) }
    guard stop == nil, !isClosed else { return }
    if greeting != nil { return sendGreeting(now: now) }
    if script != nil { return advanceScript(now: now) }
    if !hands.isEmpty { return sendHand(now: now) }
    sendHeld(now: now)
    advanceDrain(now: now)
  }

  /// Nothing may be sent but by a reset or a greeting.
  var isClosed: Bool {
    switch phase {
    case .disconnected, .opening, .linkLost, .killed: true
    case .handshaking, .idle, .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention,
      .printingNotOurs:
      false
    }
  }

  // MARK: The file

  /// Sends the line that waited for room.
  mutating func sendHeld(now: Int64) {
    guard let line = held, verification == nil, phase == .printing || phase == .resuming else { return }
    let fits = line.needsEmptyWire ? ledger.isEmpty && !isAlone : hasRoom(heldLine.count + 1)
    guard fits else { return }
    held = nil
    sendFile(heldLine[...], fileLine: line.fileLine, endOffset: line.endOffset, now: now)
  }

  mutating func sendFile(_ line: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    let block = GrblBlock(line)
    lastBlock = block
    let before = followed
    followed.apply(block)
    let depth = GrblTrack.depth(blocks: settings.plannerBlocks, inFlight: ledger.count)
    track.follow(block, from: before, to: followed, depth: depth)
    isAlone = block.isAlone
    if block.spindle == .constant {
      job?.hasConstantBeam = true
      job?.usedConstant = true
    } else if block.spindle != nil || block.ends {
      job?.hasConstantBeam = false
    }
    let patience: Int64 =
      block.once == .dwell
      ? Int64(max(0, min(1e6, block.value("P") ?? 0)) * 1e9)
      : block.spindle != nil ? Int64(max(0, configuration.grbl.spinUp) * 1e9) : 0
    progress.sentFileLine = fileLine
    progress.sentLineNumber += 1
    writeLine(
      line,
      GrblSentLine(
        kind: .file, length: line.count + 1, fileLine: fileLine, endOffset: endOffset, sentAt: now,
        patience: patience))
  }

  // MARK: Status

  /// Sends `?`, at most five times a second.
  mutating func askStatus(now: Int64) {
    guard !isClosed || stop != nil else {
      isStatusDue = false
      return
    }
    let next = statusAskedAt + configuration.grbl.statusInterval
    guard next <= now else {
      statusAt = next
      return
    }
    isStatusDue = false
    writeRealtime(Realtime.status)
    statusAskedAt = now
    if unanswered == 0 { questionAt = now }
    unanswered += 1
    statusAt = now + statusInterval
  }

  /// How often `?` is sent.
  private var statusInterval: Int64 {
    let isBusy = job != nil || stop != nil || greeting != nil || !hands.isEmpty
    // A paused machine and a person's answer can wait a little.
    let calm = max(configuration.pollInterval, configuration.grbl.statusInterval)
    return isBusy ? configuration.grbl.statusInterval : calm
  }

  /// Asks as soon as the rate allows.
  mutating func wantStatus(now: Int64) {
    isStatusDue = true
    askStatus(now: now)
  }

  // MARK: Looking for missing answers

  /// Asks by `$G` whether answers are missing. A line that lost its line feed is joined to it, and refused.
  mutating func sendProbe(now: Int64) {
    guard ledger.isEmpty || ledger.bytes + 3 <= window || ledger.patience == 0 else { return }
    probeTries += 1
    guard probeTries <= configuration.patience.questions else { return silent(now: now) }
    counted.asked += 1
    probes.append(
      GrblProbe(
        sentAt: now, deadline: now + configuration.patience.question + ledger.patience, expected: followed))
    lastBlock = nil
    writeLine([UInt8(ascii: "$"), UInt8(ascii: "G")], GrblSentLine(kind: .probe, length: 3, sentAt: now))
  }
}
