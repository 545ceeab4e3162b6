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
    report.receiveBuffer = session.configuration.receiveBuffer.map { Int32(clamping: $0) }
    report.queueLines = session.configuration.queueLines.map { Int32(clamping: $0) }
    report.bytesSent = session.counters.bytesSent
    report.fill(from: session.health)
    reply(address, .link(report))
  }
}

extension LinkReport {
  fileprivate mutating func fill(from health: LinkHealth) {
    lines = health.lines
    resends = health.resends
    damagedOut = health.damagedOut
    damagedIn = health.damagedIn
    doubledOks = health.doubledOks
    lostOks = health.lostOks
    overruns = health.overrunsSuspected
    starvations = health.starvations
    starved = health.starvedNanoseconds
    asked = health.asked
    resets = health.resets
    for bucket in 0..<LinkHealth.buckets { roundTrips.append(health.roundTrips[bucket]) }
  }
}
