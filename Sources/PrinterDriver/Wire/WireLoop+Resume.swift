import CLinux
import DriverInterface
import GCode
import PrinterProtocol

/// Resume points: where an attempt stands, in the words of the interface.
extension WireLoop {
  /// Where this attempt stands or was interrupted; nil where nothing is known of it.
  func resumePoint(of attempt: AttemptID) -> ResumePoint? {
    guard let running = ledger.running, running.staged.attempt == attempt else {
      return ledger.point(attempt)
    }
    return resumePoint(of: running)
  }

  func resumePoint(of running: AttemptLedger.Running) -> ResumePoint {
    var point = ResumePoint(
      attempt: running.staged.attempt, job: running.staged.job, at: clinux_realtime_ns() / 1_000_000)
    let place = session.jobPlace()
    point.acknowledged = StreamAnchor(place.acknowledged)
    point.sent = StreamAnchor(place.sent)
    point.mayNotHaveRun = place.open.map(StreamAnchor.init)
    point.modal = ModalRecord(place)
    point.modal.wasAdjusted = running.wasAdjusted
    return point
  }

  /// Keeps the point of an attempt that ends uncertain, in memory and on the disk, until its outcome is acknowledged.
  func keep(_ point: ResumePoint) {
    ledger.keep(point)
    orders.post(.note(.reply(number: 0, .resumePoint(point)), token: nil))
  }

  /// A person changed something while the job ran: a plan to go on has to say so.
  func noteAdjustment() { ledger.running?.wasAdjusted = true }
}

extension ResumePoint {
  /// Takes over what the page of a dead driver says; it is never older than the journal, but tells less.
  mutating func take(_ page: ProgressSnapshot) {
    let journalled = modal
    acknowledged = StreamAnchor(
      fileLine: page.fileLine, byteOffset: page.byteOffset, lineNumber: page.lineNumber)
    sent = StreamAnchor(fileLine: page.sentFileLine, lineNumber: page.sentLineNumber)
    at = page.at
    modal = ModalRecord(page)
    modal.takeUnpaged(journalled)
  }
}

extension StreamAnchor {
  init(_ anchor: LineAnchor) {
    self.init(fileLine: anchor.fileLine, byteOffset: anchor.byteOffset, lineNumber: anchor.lineNumber)
  }
}

extension ModalRecord {
  init(_ place: JobPlace) {
    self.init(place.modal)
    isParked = place.isParked
    parkedAt = place.parkedAt.map { [$0.x, $0.y, $0.z] } ?? []
  }

  init(_ modal: ModalState) {
    self.init()
    x = modal.position.x
    y = modal.position.y
    z = modal.position.z
    e = modal.position.e
    known = modal.known.letters
    isRelative = modal.isRelative
    isExtruderRelative = modal.isExtruderRelative
    isInch = modal.isInch
    feedrate = modal.feedrate ?? 0
    tool = modal.tool
    for tool in 0..<Int32(ModalState.maximumTools) {
      if let target = modal.target(tool: tool) { toolTargets.append(ToolTarget(tool: tool, target: target)) }
    }
    bed = modal.bedTarget ?? 0
    chamber = modal.chamberTarget ?? 0
    for index in 0..<Int32(ModalState.maximumFans) {
      guard let speed = modal.fan(index) else { continue }
      while fans.count < index { fans.append(0) }
      fans.append(speed)
    }
    speed = modal.speedFactor
    flow = modal.flowFactor
    printAcceleration = modal.acceleration.printing ?? 0
    retractAcceleration = modal.acceleration.retracting ?? 0
    travelAcceleration = modal.acceleration.travel ?? 0
    babystep = modal.babySteps
    levelling = modal.levelling.map { $0 ? .yes : .no } ?? .unknown
    offsetX = modal.offset.x
    offsetY = modal.offset.y
    offsetZ = modal.offset.z
    offsetE = modal.offset.e
    homed = modal.homed.intersection(.xyz).letters
    layer = modal.layer.map { $0 &+ 1 } ?? 0
  }

  /// What the page does not hold comes from the journal's last anchor.
  mutating func takeUnpaged(_ journalled: ModalRecord) {
    for target in journalled.toolTargets where target.tool != tool { toolTargets.append(target) }
    chamber = journalled.chamber
    fans += journalled.fans.dropFirst(fans.count)
    speed = journalled.speed
    flow = journalled.flow
    printAcceleration = journalled.printAcceleration
    retractAcceleration = journalled.retractAcceleration
    travelAcceleration = journalled.travelAcceleration
    babystep = journalled.babystep
    levelling = journalled.levelling
    offsetX = journalled.offsetX
    offsetY = journalled.offsetY
    offsetZ = journalled.offsetZ
    offsetE = journalled.offsetE
    isParked = journalled.isParked
    parkedAt = journalled.parkedAt
    wasAdjusted = journalled.wasAdjusted
  }

  /// What the page says: less than the driver knew, since it died.
  init(_ page: ProgressSnapshot) {
    self.init()
    x = page.x
    y = page.y
    z = page.z
    e = page.e
    isRelative = page.modes & 1 != 0
    isExtruderRelative = page.modes & 2 != 0
    isInch = page.modes & 4 != 0
    feedrate = page.feedrate
    tool = Int32(clamping: page.tool)
    toolTargets = [ToolTarget(tool: tool, target: page.toolTarget)]
    bed = page.bedTarget
    fans = [page.fan]
    homed = Axes(rawValue: UInt8(truncatingIfNeeded: page.modes >> 3) & 7).letters
    known = homed
    layer = Int32(clamping: page.layer)
  }
}

extension Axes {
  /// The letters of the axes, of `XYZE`.
  var letters: String {
    var text = ""
    for (axis, letter) in [(Axes.x, "X"), (.y, "Y"), (.z, "Z"), (.e, "E")] where contains(axis) {
      text += letter
    }
    return text
  }
}
