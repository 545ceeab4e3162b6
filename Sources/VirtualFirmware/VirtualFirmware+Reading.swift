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
    if life != .running || queueRefusesBytes { return }
    while !queue.isFull, badLinesLeft > 0 {
      guard let byte = rx.read() else { return }
      readAlready -= 1
      if readAlready < 0 { clock += profile.byteCost }
      switch reader.read(byte) {
      case .nothing: continue
      case .command:
        if emergency == nil, actsEarly() { return }
        queue.append(reader.line[...])
        if clock > now { return }
        rx.deliver(upTo: clock, emergency: &emergency)
      case .rejected(let reason):
        reject(reason)
        badLinesLeft -= 1
        return
      }
    }
  }

  private mutating func reject(_ reason: LineReader.Rejection) {
    put("Error:")
    switch reason {
    case .lineNumber:
      put("Line Number is not Last Line Number+1, Last Line: ")
      record.lineNumberErrors += 1
    case .checksum:
      put("checksum mismatch, Last Line: ")
      record.checksumErrors += 1
    case .noChecksum:
      put("No Checksum with line number, Last Line: ")
      record.checksumErrors += 1
    case .noLineNumber:
      put("No Line Number with checksum, Last Line: ")
      record.lineNumberErrors += 1
    }
    put(Int64(reader.lastNumber))
    endLine()
    if reason == .noLineNumber { return }
    record.resendsAsked += 1
    clock += profile.rejectionCost
    reader.dropPending()
    owesResend = true
  }

  /// The ring is emptied first: what was sent behind the bad line never existed.
  mutating func askForResend() {
    rx.deliver(upTo: clock, emergency: &emergency)
    rx.flush()
    put("Resend: ")
    put(Int64(reader.lastNumber &+ 1))
    endLine()
    put("ok")
    endLine()
  }

  /// Without an emergency parser three commands act when their line is read; true when the firmware is dead afterwards.
  private mutating func actsEarly() -> Bool {
    let text = reader.line
    switch profile.lineRules {
    case .marlin1:
      if text.spells("M112") { kill(nil) }
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
    }
    return life != .running
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
