import CLinux
import DriverInterface
import PrinterProtocol
import SerialPort

/// What the wire thread knows of its port.
struct LinkState {
  var port: SerialPort?
  /// A person or program wants the port open.
  var isWished = false
  /// When to try to open again.
  var nextTry: Int64?
  var backoff: Int64 = 0
  /// It was open once in this driver's life.
  var wasOpened = false
  /// It was lost and not closed on request: the banner that waits in its input is evidence.
  var isReopening = false
  /// Why it is not open, for `status`; empty while it is.
  var reason = ""
  var lastFault = ""
  /// Opening would reset a board that was lost in mid-print: a person is told first, and says `connect`.
  var awaitsWord = false
  /// DTR is held low until then.
  var raiseDTRAt: Int64?
  /// The event loop waits for room to write.
  var awaitsRoom = false
}

extension WireLoop {
  private static let pulse: Int64 = 250_000_000

  /// Opens the port when it is time, and ends a DTR pulse.
  func keepLink(_ now: Int64) {
    if let time = link.raiseDTRAt, time <= now {
      link.raiseDTRAt = nil
      do { try link.port?.setDTR(true) } catch { loseLink(error.sentence, now) }
    }
    guard link.isWished, link.port == nil, ending == nil else { return }
    // Heat that nobody came for is switched off even by a reset (safety rule 3).
    if link.awaitsWord, !session.isCoolingOverdue { return }
    if let time = link.nextTry, time > now { return }
    openPort(now)
  }

  private func openPort(_ now: Int64) {
    link.nextTry = nil
    if session.phase != .opening { session.linkOpening(now: now) }
    // A link named after a socket leads to whatever is plugged in there: in doubt nothing is opened.
    if let words = configuration.device?.contradiction(at: configuration.port) {
      return postponeOpening(Fault(code: "port.otherDevice", sentence: words, scope: .connection), now)
    }
    do throws(SerialPortError) {
      let port = try SerialPort.open(
        path: configuration.port, settings: configuration.serial, reopening: link.isReopening)
      let result = clinux_epoll_add(descriptors.epoll, port.fd, CLINUX_EPOLLIN, Token.port)
      guard result == 0 else {
        throw SerialPortError(.other, path: configuration.port, call: "epoll_ctl", errno: -result)
      }
      opened(port, now)
    } catch {
      postponeOpening(Fault(code: error.code.rawValue, sentence: error.sentence, scope: .connection), now)
    }
  }

  private func opened(_ port: SerialPort, _ now: Int64) {
    link.port = port
    link.backoff = 0
    link.reason = ""
    link.lastFault = ""
    link.awaitsRoom = false
    link.awaitsWord = false
    recorder.note("opened \(configuration.port) at \(port.grantedBaud) baud", now: now)
    log("opened \(configuration.port) at \(port.grantedBaud) baud")
    emit(.opened(baudAsked: configuration.serial.baud, baudGranted: port.grantedBaud))
    if !link.wasOpened { meetDevice(now) }
    link.wasOpened = true
    if let note = port.speedNote { tell(Fault(code: "port.speed", sentence: note, scope: .connection)) }
    session.linkOpened(now: now)
  }

  /// What kind of device the port is may have been unknown while it was missing: a session that has not spoken yet is made anew.
  private func meetDevice(_ now: Int64) {
    let known = configuration.sessionConfiguration(coolsOnConnect: session.configuration.coolsOnConnect)
    guard known != session.configuration, !session.isJobKept else { return }
    session = MachineSession(configuration: known)
    session.linkOpening(now: now)
    // That it is opening was told when it began to.
    while session.nextAction() != nil {}
  }

  private func postponeOpening(_ fault: Fault, _ now: Int64) {
    let (shortest, longest) = configuration.reopening
    // A print waits: each second counts then.
    link.backoff = session.isJobKept ? shortest : min(longest, max(shortest, link.backoff * 2))
    link.nextTry = now + link.backoff
    link.reason = fault.sentence
    // Once a reason, not once a try.
    guard link.lastFault != fault.code else { return }
    link.lastFault = fault.code
    guard !session.isJobKept else {
      log("\(fault.code): \(fault.sentence)")
      return emit(.link(.waiting))
    }
    tell(fault)
    emit(.phase(.opening, reason: fault.sentence))
  }

  /// The port is gone: it is closed at once, or the device would come back under the next number.
  func loseLink(_ sentence: String, _ now: Int64) {
    guard link.port != nil else { return }
    recorder.note("lost: \(sentence)", now: now)
    closePort()
    abandonMeasurement(sentence)
    link.isReopening = true
    link.reason = sentence
    link.backoff = configuration.reopening.shortest
    link.nextTry = now + link.backoff
    let wasPrinting = ledger.running != nil
    emit(.link(.lost(reason: sentence)))
    session.linkLost(reason: sentence, now: now)
    pump(now)
    // A laser is told 0x18 as soon as its port is back, whatever opening does to it (safety rule 17).
    if wasPrinting, session.grblReadings == nil, !session.isJobKept, !session.opensWithoutReset {
      link.awaitsWord = true
      link.reason =
        "\(sentence); opening \(configuration.port) resets the board, so it stays closed until a person says connect"
      log(link.reason)
      emit(.link(.waiting))
    }
    dumpRecorder("link lost: \(sentence)")
  }

  /// Closes without waiting for what has not left. Does nothing where the port is closed.
  func closePort() {
    guard let port = link.port else { return }
    link.port = nil
    link.raiseDTRAt = nil
    _ = clinux_epoll_remove(descriptors.epoll, port.fd)
    port.close()
    log("closed \(configuration.port)")
  }

  /// Frees the port for another program.
  func disconnect(_ now: Int64) {
    abandonMeasurement("the port was closed")
    link.isWished = false
    link.nextTry = nil
    link.isReopening = false
    link.reason = ""
    link.lastFault = ""
    closePort()
    session.linkClosed(now: now)
  }

  func connect() {
    if !link.isWished { link.reason = "" }
    link.isWished = true
    link.awaitsWord = false
    link.nextTry = nil
    link.backoff = 0
    link.lastFault = ""
  }

  /// The session sees no use in this link: another try comes later, not at once.
  func giveUpLink(_ now: Int64) {
    closePort()
    link.isReopening = false
    link.backoff = configuration.reopening.longest
    link.nextTry = now + link.backoff
  }

  func pulseDTR(_ now: Int64) {
    guard let port = link.port else { return }
    do {
      if try port.setDTR(false) { link.raiseDTRAt = now + WireLoop.pulse }
    } catch {
      loseLink(error.sentence, now)
    }
  }

  // MARK: - Bytes

  func takePort(_ event: clinux_epoll_event, _ now: Int64) {
    guard let port = link.port else { return }
    if event.events & (CLINUX_EPOLLIN | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0 {
      switch port.read(into: space) {
      case .bytes(let count):
        let bytes = UnsafeBufferPointer(
          rebasing: UnsafeRawBufferPointer(space).assumingMemoryBound(to: UInt8.self)[..<count])
        recorder.note(.received, bytes, now: now)
        if !measurementTakes(bytes, now) { session.receive(bytes.span, now: now) }
      case .wouldBlock: break
      case .hangUp(let end):
        loseLink(port.explanation(of: end).sentence, now)
        return
      }
    }
    if event.events & CLINUX_EPOLLOUT != 0 { awaitRoom(false) }
  }

  /// Writes what the session has ready; false where the rest has to wait.
  func writeToPort(_ now: Int64) -> Bool {
    guard let port = link.port else { return false }
    // After a short write the loop tells when there is room; until then writing again is a wasted call.
    guard !link.awaitsRoom else { return false }
    // First the page, then the wire: nothing may be with the machine of which a successor would not know.
    publishPage()
    var result = Transfer.wouldBlock
    session.lendOutput { bytes in
      result = port.write(UnsafeRawBufferPointer(bytes))
      if case .bytes(let count) = result {
        recorder.note(.sent, UnsafeBufferPointer(rebasing: bytes[..<count]), now: now)
      }
    }
    switch result {
    case .bytes(let count):
      session.wrote(count, now: now)
      return true
    case .wouldBlock:
      awaitRoom(true)
      return false
    case .hangUp(let end):
      loseLink(port.explanation(of: end).sentence, now)
      return false
    }
  }

  func awaitRoom(_ awaits: Bool) {
    guard let port = link.port, link.awaitsRoom != awaits else { return }
    link.awaitsRoom = awaits
    let events = awaits ? CLINUX_EPOLLIN | CLINUX_EPOLLOUT : CLINUX_EPOLLIN
    _ = clinux_epoll_modify(descriptors.epoll, port.fd, events, Token.port)
  }
}
