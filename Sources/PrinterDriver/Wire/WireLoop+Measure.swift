import DriverInterface
import PrinterProtocol
import SerialPort

/// A measurement that has the port to itself, and who waits for it.
struct Measuring {
  var measurement: Measurement
  var address: WireLoop.ReplyAddress
  /// Bytes that the port did not take yet.
  var rest: [UInt8] = []
}

/// Measuring the firmware's buffers. The session rests meanwhile and greets the firmware anew afterwards.
extension WireLoop {
  func measure(_ address: ReplyAddress, _ now: Int64) {
    guard session.grblReadings == nil else {
      return refuse(
        address, "act.unknown", "GRBL tells the size of its buffer by itself: nothing has to be measured")
    }
    guard link.port != nil, session.isPrinterAtRest, !ledger.isBusy, session.pendingOutput == 0, ending == nil
    else {
      let phase = MachinePhase(session.phase).word
      return refuse(
        address, "machine.notReady",
        "\(configuration.machine) has to be connected and idle to be measured, its phase is \(phase)")
    }
    log("measuring the firmware's buffers")
    recorder.note("measuring the firmware's buffers", now: now)
    measuring = Measuring(
      measurement: Measurement(baud: Int64(configuration.serial.baud), now: now), address: address)
    goOnMeasuring(now)
  }

  /// Takes what came in; false where the session has the port.
  func measurementTakes(_ bytes: UnsafeBufferPointer<UInt8>, _ now: Int64) -> Bool {
    guard measuring != nil else { return false }
    measuring?.measurement.receive(bytes.span, now: now)
    return true
  }

  func goOnMeasuring(_ now: Int64) {
    guard measuring != nil else { return }
    measuring?.measurement.timeout(now: now)
    if let bytes = measuring?.measurement.takeOutput() { measuring?.rest += bytes }
    guard writeMeasurement(now), let state = measuring, state.measurement.nextDeadline == nil else { return }
    measuring = nil
    if let found = state.measurement.result {
      let told = BufferMeasurement(found)
      for note in told.notes { log(note) }
      reply(state.address, .measured(told))
      // From the next line on, not from the next driver on: the session has rested all the while.
      session.take(found)
    } else {
      let sentence = state.measurement.failure ?? "nothing was found"
      refuse(state.address, "measure.failed", "\(configuration.machine) could not be measured: \(sentence)")
    }
    // The numbers are the measurement's: the session sets its own.
    session.linkOpened(now: now)
  }

  /// Ends it before its time: the link is gone, or a person stops the machine.
  func abandonMeasurement(_ why: String) {
    guard let state = measuring else { return }
    measuring = nil
    refuse(state.address, "measure.abandoned", "the measurement was ended: \(why)")
  }

  /// False where the link was lost.
  private func writeMeasurement(_ now: Int64) -> Bool {
    guard let bytes = measuring?.rest, !bytes.isEmpty else { return true }
    guard let port = link.port else { return false }
    switch port.write(bytes) {
    case .bytes(let count):
      bytes.withUnsafeBufferPointer {
        recorder.note(.sent, UnsafeBufferPointer(rebasing: $0[..<count]), now: now)
      }
      measuring?.rest.removeFirst(count)
      return true
    case .wouldBlock:
      awaitRoom(true)
      return true
    case .hangUp(let end):
      loseLink(port.explanation(of: end).sentence, now)
      return false
    }
  }
}

extension BufferMeasurement {
  init(_ found: MeasuredBuffers) {
    self.init()
    receiveBuffer = found.receiveBuffer.map { Int32(clamping: $0) }
    isReceiveBufferExact = found.isReceiveBufferExact
    queueLines = found.queueLines.map { Int32(clamping: $0) }
    isQueueExact = found.isQueueExact
    if let bytes = found.receiveBuffer {
      notes.append("the receive buffer has \(found.isReceiveBufferExact ? "" : "at least ")\(bytes) bytes")
    } else {
      notes.append("nothing was lost in \(found.bursts) bursts: the size of the receive buffer did not show")
    }
    if let lines = found.queueLines {
      notes.append("the command queue has \(found.isQueueExact ? "" : "at least ")\(lines) lines")
    }
  }
}
