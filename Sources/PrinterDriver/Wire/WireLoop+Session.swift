import SerialPort
import CLinux
import DriverInterface
import GCode
import PrinterProtocol

/// Dumps of the flight recorder that were asked for.
struct RecorderDumps {
  var reasons: [String] = []
  var due: Int64?
  var lastReason = ""
  var lastAt: Int64 = 0
}

/// The session's actions, and its lines.
extension WireLoop {
  /// How many lines are supplied before others get a turn: a file of comments alone would hold up the loop otherwise.
  private static let linesPerTurn = 2048

  /// Carries out what the session wants until it wants nothing, or the port takes no more.
  func pump(_ now: Int64) {
    guard measuring == nil else { return tapWire() }
    var lines = 0
    while true {
      while session.isActing() {
        if session.takeWrite() {
          guard writeToPort(now) else { return }
        } else {
          guard let action = session.nextAction() else { break }
          guard carryOut(action, now) else { return }
        }
      }
      guard supplyLine(now) else { break }
      lines += 1
      if lines == WireLoop.linesPerTurn {
        wantsTurn = true
        break
      }
    }
    tapWire()
  }

  private func carryOut(_ action: SessionAction, _ now: Int64) -> Bool {
    switch action {
    case .write: return writeToPort(now)
    case .flushOutput:
      do { try link.port?.flushOutput() } catch { recorder.note("flush failed: \(error.sentence)", now: now) }
      // What blocked the port is gone.
      link.awaitsRoom = false
    case .pulseDTR: pulseDTR(now)
    case .closeLink: giveUpLink(now)
    case .event(let event): take(event, now)
    }
    return true
  }

  /// Supplies one line of the file where one is wanted and there; false otherwise. Never waits.
  private func supplyLine(_ now: Int64) -> Bool {
    guard session.isLineWanted(), let source else { return false }
    let next = source.next { line, bytes in supply(line, bytes, now) }
    if source.takeOwedRing() { orders.ring() }
    switch next {
    case .line: return true
    case .starving: return false
    case .end:
      session.endOfFile(now: now)
      return true
    }
  }

  private func supply(_ line: LineSplitter.Line, _ bytes: Span<UInt8>, _ now: Int64) {
    guard !line.isOverLong else {
      let sentence = "line \(line.number) has \(line.length) bytes: no firmware takes that"
      return session.sourceFailed(
        SessionFault(code: "file.lineTooLong", sentence: sentence, scope: .job, fileLine: line.number),
        now: now)
    }
    if let mark = LayerMark.read(bytes) { session.note(mark) }
    session.supply(
      line: bytes.extracting(cleanedRange(bytes)), fileLine: line.number, endOffset: line.end, now: now)
  }

  private func take(_ event: SessionEvent, _ now: Int64) {
    switch event {
    case .phaseChanged(let phase, let reason):
      let words = "phase \(MachinePhase(phase).word)" + (reason.isEmpty ? "" : " (\(reason))")
      recorder.note(words, now: now)
      log(words)
      emit(.phase(MachinePhase(phase), reason: reason))
      if phase == .killed { dumpRecorder("firmware killed") }
    case .connected(let firmware):
      log("connected: \(firmware)")
      emit(.connected(firmware: firmware))
    case .jobStarted: tellStarted()
    case .jobEnded(_, let end, let fault):
      if let told = words.takeHeldBack(now: now) { emit(.message(told)) }
      endAttempt(OutcomeKind(end), fault.map(Fault.init), now)
    case .resend(let number, let line, let words):
      emit(.resend(lineNumber: number, fileLine: line, words: words))
    case .temperatures: publication.heatersChanged = true
    case .message(let text): for told in words.said(text, now: now) { emit(.message(told)) }
    case .prompt(let prompt): emit(.prompt(prompt.map(FirmwarePrompt.init)))
    case .fault(let fault):
      tell(Fault(fault))
      if fault.scope != .line { dumpRecorder(fault.code) }
    case .firmwareReset:
      recorder.note("firmware reset", now: now)
      emit(.firmwareReset)
      dumpRecorder("firmware reset")
    case .stopConfirmed: answerStops(confirmed: true)
    case .stopUnconfirmed: answerStops(confirmed: false)
    case .answerLine(let token, let text):
      // A bound for a firmware that never ends its answer.
      if let count = console[token]?.lines.count, count < 2000 { console[token]?.lines.append(text) }
    case .answered(let token, let fault): answered(token, fault.map(Fault.init))
    case .sdProgress: break  // status tells
    case .link(.glitch(let gap)):
      recorder.note("the link is back, nothing was lost", now: now)
      log("the link was away for \(gap / 1_000_000) ms, nothing was lost: the print goes on")
      emit(.link(.glitch(gapMs: gap / 1_000_000)))
    case .link(.reset(let reason)): emit(.link(.reset(reason: reason)))
    case .openingResets(let resets):
      guard openingResets != resets else { break }
      openingResets = resets
      log("opening \(configuration.port) \(resets ? "resets" : "does not reset") the board")
      emit(.openingResets(resets))
    }
  }

  /// A console line or an act is finished.
  private func answered(_ token: UInt64, _ fault: Fault?) {
    if let line = console.removeValue(forKey: token) {
      reply(line.address, fault.map { .refused($0) } ?? .lines(line.lines))
    } else if let address = performing.removeValue(forKey: token) {
      reply(address, fault.map { .refused($0) } ?? .done)
    } else if let fault {
      tell(fault)
    }
    if ending?.coolingToken == token { ending?.coolingToken = nil }
  }

  /// Asks for a dump of the recorder. One incident has several signs, so the dump waits a moment for the others and for what
  /// the firmware still has to say. The same reason again and again (a wrong baud rate, tried for hours) makes one file in ten minutes.
  func dumpRecorder(_ reason: String) {
    let now = clinux_monotonic_ns()
    if reason == dumps.lastReason, now - dumps.lastAt < 600_000_000_000 { return }
    dumps.lastReason = reason
    dumps.lastAt = now
    dumps.reasons.append(reason)
    dumps.due = dumps.due ?? now + 200_000_000
  }

  /// Hands the recorder to the disk when a dump is due.
  func dumpIfDue(_ now: Int64) {
    guard let due = dumps.due, now >= due || ending != nil else { return }
    dumps.due = nil
    _ = orders.offer(.dump(reason: dumps.reasons.joined(separator: "; "), file: recorder.file()))
    dumps.reasons = []
  }

  // MARK: - The wire log

  func turnWireLog(_ isOn: Bool) {
    recorder.openTap(isOn)
    orders.post(.wireLog(isOn))
  }

  private func tapWire() {
    guard recorder.isTapped else { return }
    let lines = recorder.drainTap()
    guard !lines.isEmpty else { return }
    _ = orders.offer(.wireLines(lines.map { $0.line }))
    for (direction, line) in lines where direction != .note {
      emit(.wire(sent: direction == .sent, line: line))
    }
  }
}
