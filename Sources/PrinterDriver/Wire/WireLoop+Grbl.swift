import DriverInterface
import GCode
import PrinterProtocol

/// What only lasers and mills do: zero, frame, unlock, home; and whether somebody watches them.
extension WireLoop {
  /// Does an act whose reply comes when it is done; the firmware's refusal is the reply then.
  func perform(
    _ address: ReplyAddress, _ body: (_ token: UInt64) throws(SessionRefusal) -> Void
  ) {
    let token = token()
    performing[token] = address
    do throws(SessionRefusal) {
      try body(token)
    } catch {
      performing[token] = nil
      reply(address, .refused(Fault(error)))
    }
  }

  /// The bounds are read from the file by the disk thread; tracing begins when they are there.
  func frame(_ attempt: AttemptID, _ address: ReplyAddress) {
    guard let staged = ledger.staged(attempt) else {
      return refuse(
        address, "attempt.unknown", "attempt \(attempt) is not staged on \(configuration.machine)")
    }
    let token = token()
    framing[token] = address
    orders.post(.bounds(path: staged.path, token: token))
  }

  func bounded(_ token: UInt64, _ bounds: WorkBounds?, _ now: Int64) {
    guard let address = framing.removeValue(forKey: token) else { return }
    guard let bounds, let minX = bounds.least[0], let minY = bounds.least[1], let maxX = bounds.most[0],
      let maxY = bounds.most[1]
    else {
      return refuse(address, "frame.noBounds", "the file names no working move in X and Y, or cannot be read")
    }
    guard !bounds.isUncertain else {
      return refuse(
        address, "frame.uncertain",
        "the file moves relatively, sets its own zero or uses the machine's coordinates: where it works cannot be traced beforehand"
      )
    }
    perform(address) { token throws(SessionRefusal) in
      try session.frame(
        FrameBounds(minX: minX, minY: minY, maxX: maxX, maxY: maxY), token: token, now: now)
    }
  }

  /// Tells the session whether anybody is connected: a laser that nobody watches pauses (safety rule 17).
  func watchSupervisor(_ now: Int64) {
    guard clients.isEmpty == isWatched else { return }
    isWatched = !clients.isEmpty
    if isWatched { session.supervisorBack(now: now) } else { session.supervisorGone(now: now) }
  }
}
