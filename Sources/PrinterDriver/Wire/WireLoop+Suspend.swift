import CLinux
import DriverInterface
import PrinterProtocol

/// The host shuts down: what runs is parked and its place written down, heaters go off, the driver ends.
///
///     parking -> (paused, or too late) writing -> (on the disk) the driver's own end
struct Suspension {
  /// Who asked; told once the place is on the disk.
  var address: WireLoop.ReplyAddress
  /// When the place is written down wherever the head is.
  var parkUntil: Int64
  /// When all has to be over.
  var deadline: Int64
  /// The point was handed to the disk under this token.
  var token: UInt64?
  /// The head was parked in time.
  var isParked = false
}

extension WireLoop {
  func suspend(_ milliseconds: Int64, _ address: ReplyAddress, _ now: Int64) {
    guard suspension == nil, ending == nil else {
      return refuse(address, "driver.ending", "the driver is ending already")
    }
    let allowed = max(1000, min(600_000, milliseconds)) * 1_000_000
    suspension = Suspension(
      // A third of the time is left for the disk, the heaters and the port.
      address: address, parkUntil: now + allowed / 3 * 2, deadline: now + allowed)
    log("the host shuts down: parking within \(allowed / 1_000_000_000) s")
    guard ledger.running != nil, session.grblReadings == nil else { return writeSuspension(now) }
    do throws(SessionRefusal) {
      try session.pause(now: now)
    } catch {
      recorder.note("pause refused: \(error.sentence)", now: now)
      writeSuspension(now)
    }
  }

  /// Goes on as soon as the head is parked, or there is no more time for it.
  func goOnSuspending(_ now: Int64) {
    guard let state = suspension, state.token == nil, ending == nil else { return }
    if session.phase == .paused {
      suspension?.isParked = true
      writeSuspension(now)
    } else if now >= state.parkUntil || ledger.running == nil {
      writeSuspension(now)
    }
  }

  var suspensionDue: Int64? { suspension.flatMap { $0.token == nil ? $0.parkUntil : nil } }

  private func writeSuspension(_ now: Int64) {
    guard let state = suspension else { return }
    let token = token()
    suspension?.token = token
    if let running = ledger.running {
      let point = resumePoint(of: running)
      ledger.keep(point)
      orders.post(.note(.reply(number: 0, .resumePoint(point)), token: token))
      // What ends now ends uncertain, whatever the safe ending does.
      ledger.running?.suspended = point
    } else {
      suspended(nil)
    }
    beginEnding("the host shuts down", patience: max(1_000_000_000, state.deadline - now))
  }

  /// The place is on the disk, or cannot be written.
  func suspended(_ fault: Fault?) {
    guard let state = suspension else { return }
    if let fault {
      reply(state.address, .refused(fault))
    } else if state.isParked || ledger.running == nil {
      reply(state.address, .done)
    } else {
      let sentence =
        "\(configuration.machine) could not be parked in time: its place is written down, and the safe ending follows"
      reply(state.address, .refused(Fault(code: "suspend.late", sentence: sentence, scope: .job)))
    }
  }
}
