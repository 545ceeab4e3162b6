import CLinux
import DriverInterface
import PrinterProtocol

/// The driver's own end, in order: the safe ending of what runs, its outcome on the disk, then the port.
struct Ending {
  /// Why, for logs and outcomes.
  var reason: String
  /// When the next step is taken whatever happened.
  var deadline: Int64
  /// Heaters are being switched off.
  var coolingToken: UInt64?
  /// The disk thread was told to finish.
  var isFinishing = false
  /// Everything is written.
  var diskIsDone = false

  /// The cause of an attempt's end that came with the driver's.
  func fault(after fault: Fault?) -> Fault {
    let before = fault.map { " (\($0.sentence))" } ?? ""
    return Fault(
      code: "driver.ended", sentence: "the driver was told to end: \(reason)\(before)", scope: .process,
      fileLine: fault?.fileLine)
  }
}

extension WireLoop {
  /// Begins the end; a second word changes nothing.
  func beginEnding(_ reason: String, patience: Int64? = nil) {
    guard ending == nil else { return }
    let now = clinux_monotonic_ns()
    log("ending: \(reason)")
    abandonMeasurement("the driver ends")
    ending = Ending(reason: reason, deadline: now + (patience ?? configuration.endingPatience))
    if ledger.running != nil {
      do throws(SessionRefusal) {
        try session.cancel(now: now)
      } catch {
        // Already cancelling, or killed: what runs there leads to an end by itself, or the deadline does.
        recorder.note("cancel refused: \(error.sentence)", now: now)
      }
      // No port, no safe ending: its place is what can be kept, and heat goes off when somebody opens the port again.
      if session.isJobKept, link.port == nil { ending?.deadline = now }
    } else if link.port != nil, session.temperatures.contains(where: { $0.target > 0 }) {
      let token = token()
      do throws(SessionRefusal) {
        try session.act(.cool, token: token, now: now)
        ending?.coolingToken = token
        ending?.deadline = now + 3_000_000_000
      } catch {
        recorder.note("cooling refused: \(error.sentence)", now: now)
      }
    }
    pump(now)
  }

  func goOnEnding(_ now: Int64) {
    guard let state = ending else { return }
    if !state.isFinishing {
      let isSettled = !ledger.isBusy && state.coolingToken == nil && session.pendingOutput == 0
      guard isSettled || now >= state.deadline else { return }
      endAttempt(.uncertain, nil, now)
      control.unlinkName()
      closePort()
      ending?.isFinishing = true
      ending?.deadline = now + 5_000_000_000
      orders.post(.finish)
    } else if state.diskIsDone || now >= state.deadline {
      flushClients()
      isOver = true
    }
  }
}
