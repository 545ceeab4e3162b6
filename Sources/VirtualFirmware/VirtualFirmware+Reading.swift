/// The serial line: bytes from the ring through the reader into the queue, and the few words that act at once.
extension VirtualFirmware {
  /// Reads until the ring is empty, the queue full or the time over.
  mutating func readSerial(now: Int64) {
    // What arrived while nothing else was to be done has been looked at byte by byte.
    var readAlready = 0
    if readsWhileIdle {
      readsWhileIdle = false
      let done = rx.deliverToReader(
        upTo: clock, from: idleSince, cost: profile.byteCost, emergency: &emergency)
      if rx.available > 0 { clock = max(clock, done) }
      readAlready = rx.available
    } else {
      rx.deliver(upTo: clock, emergency: &emergency)
    }
    if emergency != nil { obeyEmergency() }
    if rx.realtime != nil { obeyRealtime() }
    if life != .running || queueRefusesBytes { return }
    if profile.emptiesFullRing, rx.isFull {
      rx.flush()
      say("Full RX Buffer")
    }
    while !queueRefusesBytes, badLinesLeft > 0 {
      guard let byte = rx.read() else { return }
      readAlready -= 1
      if readAlready < 0 { clock += profile.byteCost }
      lastByteRead = clock
      let result = reader.read(byte)
      if result == .nothing { continue }
      lineIsDamaged = rx.readDamage
      rx.readDamage = false
      if take(result) || clock > now { return }
      rx.deliver(upTo: clock, emergency: &emergency)
    }
  }

  /// Does what the reader says of a line; true when no more is to be read now.
  private mutating func take(_ result: LineReader.OnByte) -> Bool {
    switch result {
    case .nothing: break
    case .command:
      if dropsLines {
        reader.lastNumber = reader.numberBefore
        return false
      }
      if emergency == nil, actsEarly() { return true }
      enqueue()
    case .rejected(let reason):
      reject(reason)
      badLinesLeft -= 1
      return true
    case .done: say("ok")
    case .skipped(let number):
      put("skip ")
      put(Int64(number))
      endLine()
      say("ok")
    case .counted: record.noteCounted(reader.lastNumber, isDamaged: lineIsDamaged)
    case .ignored: say("ok - ignored")
    case .tooLong:
      say("Error: GCode command too long")
      say("ok")
    }
    return false
  }

  /// Stopped by a heater fault, Prusa's firmware drops lines without a word and without counting them.
  private var dropsLines: Bool {
    if case .user(let wait) = activity { return wait.question == .supervision }
    return false
  }

  /// The line goes to the queue: in one piece, or one for each of its commands.
  private mutating func enqueue() {
    if profile.acknowledgement == .whenTaken {
      queue.append(reader.line[...], isDamaged: lineIsDamaged)
      words = CommandWords(reader.line, rules: profile.lineRules)
      if repeatsFatalWords() { queue.removeFirst() }
      acknowledgeTaken()
      return
    }
    lineIsAcknowledged = false
    guard profile.readsOneByOne, let cut = nextCommand(in: reader.line, from: 0) else {
      queue.append(reader.line[...], isDamaged: lineIsDamaged)
      return
    }
    let number = reader.line.prefix { $0 != UInt8(ascii: "G") && $0 != UInt8(ascii: "M") }
    queue.append(reader.line[..<cut], isDamaged: lineIsDamaged)
    var start = cut
    while start < reader.line.count, queue.count < queue.slots {
      let end = nextCommand(in: reader.line, from: start) ?? reader.line.count
      queue.append((number + reader.line[start..<end])[...], isDamaged: lineIsDamaged)
      start = end
    }
  }

  /// Where the second `G` or `M` of the text from `start` on stands; free text has none.
  private func nextCommand(in line: [UInt8], from start: Int) -> Int? {
    func begins(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "G") || byte == UInt8(ascii: "M") }
    guard let first = line[start...].firstIndex(where: begins) else { return nil }
    switch leadingInteger(line[(first + 1)...]) {
    case 20, 23, 28, 30, 32, 117, 118: if line[first] == UInt8(ascii: "M") { return nil }
    default: break
    }
    return line[(first + 1)...].firstIndex(where: begins)
  }

  /// `ok`, or `ok 12`, for a line that is in the queue or needs none.
  private mutating func acknowledgeTaken() {
    put("ok")
    if profile.numberedOk {
      put(" ")
      put(Int64(reader.lastNumber))
    }
    endLine()
  }

  private mutating func reject(_ reason: LineReader.Rejection) {
    let words = profile.wording
    var text: StaticString?
    switch reason {
    case .lineNumber: text = words.lineNumberError
    case .checksum: text = words.checksumError
    case .noChecksum: text = words.noChecksumError
    case .noLineNumber: text = words.noLineNumberError
    case .unfinished: text = nil
    }
    switch reason {
    case .lineNumber, .noLineNumber: record.lineNumberErrors += 1
    case .checksum, .noChecksum, .unfinished: record.checksumErrors += 1
    }
    // Without a word: the host will find out by itself.
    if profile.lineRules == .repRapFirmware { return }
    if let text {
      put(text)
      if words.errorsTellLast { put(Int64(reader.lastNumber)) }
      if profile.lineRules == .repetier, reason == .lineNumber { putExpectation() }
      endLine()
    }
    if reason == .noLineNumber, !profile.resendsUnnumbered { return }
    record.resendsAsked += 1
    clock += profile.rejectionCost
    reader.dropPending()
    owesResend = true
  }

  /// `Error:expected line 5 got 7`.
  private mutating func putExpectation() {
    put(Int64(reader.lastNumber &+ 1))
    put(" got ")
    let mark = reader.line.lastIndex { smallLetter($0) == UInt8(ascii: "n") } ?? 0
    put(Int64(leadingInteger(reader.line[min(mark + 1, reader.line.count)...])))
  }

  /// The ring is emptied first, where it is: what was sent behind the bad line never existed.
  mutating func askForResend() {
    rx.deliver(upTo: clock, emergency: &emergency)
    if profile.flushesOnError { rx.flush() }
    if profile.staleLines > 0 {
      reader.staleLinesLeft = profile.staleLines
      lastByteRead = clock
      endLine()
    }
    put(profile.wording.resend)
    put(Int64(reader.lastNumber &+ 1))
    endLine()
    if profile.okAfterResend { say("ok") }
  }

  /// Half a line that does not go on, the answer to a resend that does not come, nothing at all for long.
  mutating func noteSilence() {
    guard rx.available == 0, let due = nextSilence, clock >= due else { return }
    if profile.halfLineLimit > 0, reader.isInLine || reader.staleLinesLeft >= 0 {
      reader.dropPending()
      if profile.lineRules == .repetier {
        record.resendsAsked += 1
        askForResend()
      } else {
        say("RX timeout")
      }
    } else {
      say("wait")
    }
    lastByteRead = clock
  }

  /// When the silence is noticed, if nothing comes.
  var nextSilence: Int64? {
    if profile.halfLineLimit > 0, reader.isInLine || reader.staleLinesLeft >= 0, !queueRefusesBytes {
      return lastByteRead + profile.halfLineLimit
    }
    guard profile.waitSeconds > 0, queue.isEmpty, case .idle = activity else { return nil }
    return lastByteRead + profile.waitSeconds * 1_000_000_000
  }

  /// Without an emergency parser a few commands act when their line is read; true when the firmware is dead afterwards.
  private mutating func actsEarly() -> Bool {
    let text = reader.line
    switch profile.lineRules {
    case .marlin1:
      if text.spells("M112") { kill(nil) }
    case .prusa:
      let words = CommandWords(text, rules: .prusa)
      if text[words.start..<max(words.start, words.end)].spells("M112") { kill(nil) }
    case .marlin2:
      guard let start = text.firstIndex(where: { $0 != UInt8(ascii: " ") }) else { return false }
      let head = text[start...].prefix(4)
      if head.spells("M108") {
        breakWaits()
      } else if head.spells("M112") {
        kill("M112 Shutdown")
      } else if head.spells("M410") {
        quickStop()
      }
    case .klipper:
      if CommandWords(text, rules: .klipper).spells(letter: UInt8(ascii: "M"), 112) { kill(nil) }
    case .repetier, .repRapFirmware, .smoothie: break
    }
    return life != .running
  }

  /// `?` asks for the state, ^X halts.
  private mutating func obeyRealtime() {
    let byte = rx.realtime
    rx.realtime = nil
    if byte == UInt8(ascii: "?") {
      put("<Idle|MPos:")
      put(modes.position.x, decimals: 4)
      put(",")
      put(modes.position.y, decimals: 4)
      put(",")
      put(modes.position.z, decimals: 4)
      say(">")
    } else if byte == 0x18 {
      rx.flush()
      halt()
      say("HALTED, M999 or $X to exit HALT state\r")
    }
  }

  private mutating func obeyEmergency() {
    guard var seen = emergency else { return }
    if seen.kills {
      kill("M112 Shutdown")
      return
    }
    if seen.stopsMotion { quickStop() }
    if seen.breaksWaits { breakWaits() }
    let choice = seen.promptAnswer
    seen.stopsMotion = false
    seen.breaksWaits = false
    seen.promptAnswer = nil
    emergency = seen
    if let choice { answerPrompt(Int(choice)) }
  }
}
