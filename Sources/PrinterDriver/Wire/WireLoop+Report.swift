import DriverInterface
import PrinterProtocol
import SerialPort

/// The link doctor: figures of the session, and what the system says of port and supply.
extension WireLoop {
  /// The system is asked by the disk thread, for a file of its may hang as any other can; the reply waits for it.
  func reportLink(_ address: ReplyAddress, _ now: Int64) {
    let token = token()
    looking[token] = address
    orders.post(.look(port: configuration.port, token: token))
  }

  func looked(_ token: UInt64, _ surroundings: PortSurroundings) {
    guard let address = looking.removeValue(forKey: token) else { return }
    var report = LinkReport()
    report.port = configuration.port
    report.baudAsked = link.port == nil ? 0 : configuration.serial.baud
    report.baudGranted = link.port?.grantedBaud ?? 0
    report.isUntimed = session.configuration.baud == 0
    report.adapter = surroundings.driver
    report.latencyTimer = surroundings.latencyTimer
    report.undervoltage = surroundings.undervoltage
    report.fill(from: session.counters)
    reply(address, .link(report))
  }
}

extension LinkReport {
  fileprivate mutating func fill(from counters: SessionCounters) {
    lines = counters.linesSent
    bytesSent = counters.bytesSent
    resends = counters.resends
    damagedIn = counters.garbledReplies
    doubledOks = counters.strayOks
    asked = counters.asked
    resets = counters.resets
  }
}
