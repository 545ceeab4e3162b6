import GCode

/// Lines and acts by hand (safety rules 9, 17 and 18).
extension GrblSession {
  /// Sends one line by hand where the rules permit it; its answer comes as events with `token`.
  public mutating func send(line: ArraySlice<UInt8>, token: UInt64, now: Int64) throws(SessionRefusal) {
    let clean = cleaned(line)
    guard !clean.isEmpty else { return tell(.answered(token: token, fault: nil)) }
    if clean.count == 1, let byte = clean.first, Realtime.isOne(byte) {
      return try realtime(byte, token: token, now: now)
    }
    if Command(clean)?.matches("M", 112) == true {
      emergencyStop(now: now)
      return tell(.answered(token: token, fault: nil))
    }
    let block = try checked(clean)
    try requireFree()
    if block.isSystemLine { try checkSystem(clean) }
    let changes =
      block.isSystemLine
      ? changesSettings(clean) : block.isAlone || block.once == .shift || block.once == .unshift
    try queue([Array(clean)], token: token, changesSettings: changes, isHoming: isHoming(clean), now: now)
  }

  /// `?`, `!` and `~` typed by hand.
  private mutating func realtime(_ byte: UInt8, token: UInt64, now: Int64) throws(SessionRefusal) {
    guard !isClosed else { throw notReady() }
    switch byte {
    case Realtime.status: wantStatus(now: now)
    case Realtime.hold: if job != nil { try pause(now: now) } else { writeRealtime(byte) }
    case Realtime.start: if job != nil { try resume(now: now) } else { writeRealtime(byte) }
    default:
      throw SessionRefusal(
        code: "line.bytes", sentence: "the machine would act on this byte at once; use the command for it")
    }
    tell(.answered(token: token, fault: nil))
  }

  private func checked(_ clean: ArraySlice<UInt8>) throws(SessionRefusal) -> GrblBlock {
    for byte in clean where Realtime.isOne(byte) {
      throw SessionRefusal(
        code: "line.bytes", sentence: "the line holds a byte (\(byte)) that the machine would act on at once")
    }
    let block = GrblBlock(clean)
    guard block.length <= dialect.longestLine, clean.count + 1 <= window else {
      throw SessionRefusal(
        code: "line.tooLong",
        sentence:
          "the line has \(block.length) characters, of which the firmware takes \(dialect.longestLine)")
    }
    guard block.spindle != .constant || machineClass != .laser || configuration.allowsM3 else {
      throw SessionRefusal(
        code: "line.constantPower",
        sentence: "M3 is not allowed on this machine: under M3 a beam stays on when motion stops")
    }
    return block
  }

  /// Nothing may be done by hand while a job runs.
  private func requireFree() throws(SessionRefusal) {
    guard job == nil else {
      throw SessionRefusal(
        code: "line.refusedWhileRunning", sentence: "refused while a job runs; pause or cancel it first")
    }
    guard phase == .idle || phase == .needsAttention else { throw notReady() }
  }

  private mutating func checkSystem(_ line: ArraySlice<UInt8>) throws(SessionRefusal) {
    let text = Self.text(line).uppercased()
    if text == "$C" {
      guard status?.state == .check || status?.state == .idle else {
        throw SessionRefusal(code: "check.notIdle", sentence: "$C is for an idle machine")
      }
      guard status?.state == .check || !hasZero else {
        throw SessionRefusal(
          code: "check.zeroSet", sentence: "$C resets the machine when it ends; check before zero is set")
      }
      if offsetsBeforeCheck == nil { offsetsBeforeCheck = offsets }
    }
    if text.hasPrefix("$SLP") {
      throw SessionRefusal(code: "line.sleep", sentence: "$SLP is refused: only a reset wakes the machine")
    }
  }

  private func isHoming(_ line: ArraySlice<UInt8>) -> Bool {
    line.count >= 2 && line[line.startIndex] == UInt8(ascii: "$")
      && line[line.startIndex + 1] | 32 == UInt8(ascii: "h")
  }

  /// Questions change nothing, and neither do a jog and an unlock; whatever else begins with `$` may.
  private func changesSettings(_ line: ArraySlice<UInt8>) -> Bool {
    let text = Self.text(line).uppercased()
    return switch text {
    case "$", "$$", "$#", "$G", "$I", "$N", "$X": false
    default: !text.hasPrefix("$J=")
    }
  }

  mutating func queue(
    _ lines: [[UInt8]], token: UInt64, changesSettings: Bool = false, isHoming: Bool = false,
    isTrace: Bool = false, now: Int64
  ) throws(SessionRefusal) {
    guard !isClosed, phase != .handshaking, stop == nil else { throw notReady() }
    guard !lines.isEmpty else { return tell(.answered(token: token, fault: nil)) }
    hands.append(
      GrblHand(
        token: token, lines: lines, changesSettings: changesSettings, isHoming: isHoming, isTrace: isTrace))
    advance(now: now)
  }

  mutating func sendHand(now: Int64) {
    guard var hand = hands.first, !hand.isInFlight, hand.resting == nil, ledger.isEmpty,
      hand.next < hand.lines.count
    else { return }
    let line = hand.lines[hand.next]
    let isJog = line.starts(with: "$J".utf8)
    // While it jogs, GRBL refuses everything but another jog.
    guard isJog || !isJogging else { return wantStatus(now: now) }
    hand.next += 1
    hand.isInFlight = true
    hand.isJog = isJog
    hands[0] = hand
    writeOwn(line, .hand, now: now)
  }

  /// A report behind the last answer shows that a jog is over: what waited for that goes out.
  mutating func jogReported(_ report: GrblStatus, now: Int64) {
    guard isJogging, ledger.isEmpty, isFresh, report.state != .jog, report.state != .run else { return }
    isJogging = false
    advance(now: now)
  }

  mutating func handAnswered(_ fault: SessionFault?, now: Int64) {
    guard var hand = hands.first else { return }
    hand.isInFlight = false
    if hand.isJog, fault == nil { isJogging = true }
    guard fault != nil || hand.next == hand.lines.count else {
      hands[0] = hand
      return
    }
    guard !hand.isTrace || hand.resting != nil else {
      // The jogs are accepted, not done.
      hand.resting = GrblHand.Resting(fault: fault)
      hands[0] = hand
      return wantStatus(now: now)
    }
    hands.removeFirst()
    if hand.isHoming, fault == nil { isHomed = true }
    tell(.answered(token: hand.token, fault: fault))
    if hand.changesSettings || hand.isHoming { readAgain(now: now) }
    wantStatus(now: now)
  }

  /// A report while a frame is traced: at rest behind the last jog it is answered.
  mutating func traceReported(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .alarm: return alarm(alarmCode ?? -2, now: now)
    case .held, .door, .sleep, .tool, .check:
      endHands(
        SessionFault(
          code: "frame.stopped",
          sentence: "the frame was not traced to its end: the machine is \(report.state.name)",
          scope: .line))
      return settle(report, now: now)
    case .idle, .run, .holding, .jog, .home: break
    }
    lookForMissing(report, now: now)
    guard report.state == .idle, let hand = hands.first, let resting = hand.resting, ledger.isEmpty, isFresh
    else { return }
    settle(report, now: now)
    handAnswered(resting.fault, now: now)
  }

  /// Whoever waits for a line by hand is told; nil where it went well all the same.
  mutating func endHands(_ fault: SessionFault?) {
    for hand in hands { tell(.answered(token: hand.token, fault: fault)) }
    hands.removeAll()
  }

  // MARK: Acts

  /// Does a manual act; `.answered` with `token` follows when it is done.
  public mutating func act(_ act: SessionAct, token: UInt64, now: Int64) throws(SessionRefusal) {
    switch act {
    case .home: try homeCycle(token: token, now: now)
    case .jog(let x, let y, let z, let e, let feedrate, let unhomed):
      try jog(x, y, z, e, feedrate, unhomed: unhomed, token: token, now: now)
    case .feedrate(let percent):
      try overrideFeed(percent, now: now)
      tell(.answered(token: token, fault: nil))
    case .cool:
      // What turns or burns goes off; it has no heaters.
      try requireFree()
      try queue([OwnLine.bytes("M5")], token: token, now: now)
    case .script(let name, let lines): try macro(name, lines, token: token, now: now)
    default:
      throw SessionRefusal(
        code: "machine.cannot", sentence: "a laser or a CNC machine has nothing that this would act on")
    }
  }

  private mutating func jog(
    _ x: Double, _ y: Double, _ z: Double, _ e: Double, _ feedrate: Double, unhomed: Bool, token: UInt64,
    now: Int64
  ) throws(SessionRefusal) {
    try requireFree()
    guard e == 0 else { throw SessionRefusal(code: "limit.tool", sentence: "this machine has no extruder") }
    guard unhomed || isHomed || settings.homing == false else {
      throw SessionRefusal(
        code: "limit.unhomed",
        sentence: "the machine is not homed; home it first, or say that it may move unhomed")
    }
    var words: [(letter: String, value: Double)] = []
    if x != 0 { words.append(("X", x)) }
    if y != 0 { words.append(("Y", y)) }
    if z != 0 { words.append(("Z", z)) }
    guard !words.isEmpty else { return tell(.answered(token: token, fault: nil)) }
    words.append(("F", feedrate > 0 ? feedrate : configuration.grbl.travelFeedrate))
    try queue([OwnLine.words("$J=G91 G21", words)], token: token, now: now)
  }

  private mutating func macro(
    _ name: String, _ texts: [String], token: UInt64, now: Int64
  ) throws(SessionRefusal) {
    try requireFree()
    var lines: [[UInt8]] = []
    for text in texts {
      let bytes = OwnLine.bytes(text)
      let clean = cleaned(bytes[...])
      guard !clean.isEmpty else { continue }
      _ = try checked(clean)
      lines.append(Array(clean))
    }
    try queue(lines, token: token, changesSettings: true, now: now)
  }

  /// Feed override by realtime bytes, in steps of ten and of one from where it is.
  private mutating func overrideFeed(_ percent: Int32, now: Int64) throws(SessionRefusal) {
    guard !isClosed else { throw notReady() }
    let wanted = max(10, min(200, percent))
    writeRealtimes(Realtime.feed100, 1)
    let off = wanted - 100
    writeRealtimes(off > 0 ? Realtime.feedUp10 : Realtime.feedDown10, Int(abs(off) / 10))
    writeRealtimes(off > 0 ? Realtime.feedUp1 : Realtime.feedDown1, Int(abs(off) % 10))
  }

  private mutating func writeRealtimes(_ byte: UInt8, _ count: Int) {
    for _ in 0..<count { writeRealtime(byte) }
  }

  /// Work zero of G54 here, for the axes named in `axes` (letters of `XYZ`, empty for all). Sends `G10 L20 P1`.
  public mutating func zero(axes: String, token: UInt64, now: Int64) throws(SessionRefusal) {
    if case .asking(.toolChange) = job?.stage {} else { try requireFree() }
    guard job != nil || phase == .idle else { throw notReady() }
    guard status?.state == .idle else {
      throw SessionRefusal(code: "machine.notIdle", sentence: "zero is set where the machine stands still")
    }
    var line = OwnLine.bytes("G10 L20 P1")
    var count = 0
    for axis in "XYZ".utf8 where axes.isEmpty || axes.utf8.contains(where: { $0 & 0xdf == axis }) {
      line.append(contentsOf: [ASCII.space, axis, ASCII.zero])
      count += 1
    }
    guard count > 0 else { throw SessionRefusal(code: "axes.none", sentence: "no axis of X, Y, Z is named") }
    try queue([line], token: token, changesSettings: true, now: now)
    hasZero = true
    startObstacle = nil
  }

  /// Traces the bounds with the beam off, and is answered when the machine rests; the phase is `printing` meanwhile. Sends M5
  /// and jogs.
  public mutating func frame(_ bounds: FrameBounds, token: UInt64, now: Int64) throws(SessionRefusal) {
    try requireFree()
    guard phase == .idle, status?.state == .idle else { throw notReady() }
    guard hands.isEmpty else {
      throw SessionRefusal(code: "machine.busy", sentence: "a line or act by hand is still running")
    }
    enter(.printing, reason: "traces the bounds of the work, dark")
    try queue(
      frameLines(bounds, feedrate: configuration.grbl.travelFeedrate), token: token, isTrace: true, now: now)
  }

  /// Unlocks after an alarm; the position may be lost. Sends `$X`.
  public mutating func unlock(token: UInt64, now: Int64) throws(SessionRefusal) {
    try requireFree()
    try queue([OwnLine.bytes("$X")], token: token, now: now)
  }

  /// Homes. Sends `$H`.
  public mutating func homeCycle(token: UInt64, now: Int64) throws(SessionRefusal) {
    try requireFree()
    try queue([OwnLine.bytes("$H")], token: token, isHoming: true, now: now)
  }
}
