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
    point.isFirstOnly = place.isFirstOnly
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
  /// Takes over what the page of a dead driver says; it is never older than the journal.
  mutating func take(_ contents: PageContents) {
    let journalled = modal
    let page = contents.snapshot
    at = page.at
    staleMs = 0
    acknowledged = StreamAnchor(
      fileLine: page.fileLine, byteOffset: page.byteOffset, lineNumber: page.lineNumber)
    sent = StreamAnchor(
      fileLine: page.sentFileLine, byteOffset: page.sentOffset, lineNumber: page.sentLineNumber)
    let first = StreamAnchor(
      fileLine: page.openLine, byteOffset: page.openOffset, lineNumber: page.openNumber)
    mayNotHaveRun = page.fileLine > 0 ? [first] : []
    isFirstOnly = !mayNotHaveRun.isEmpty
    let last = contents.modes.modal(at: page)
    modal = ModalRecord(last)
    modal.isParked = page.state & 2 != 0
    if page.isPaused || modal.isParked, let before = contents.beforePause ?? journalled.ifParked {
      // The place to go back to. The head is parked as long as no line led it away: a resume warms up first.
      let isParked = modal.isParked
      modal = before
      modal.isParked = isParked
      let here = [last.position.x, last.position.y, last.position.z]
      let isThere =
        last.known.isSuperset(of: .xyz) && (page.isPaused || contents.pause?.parkedAt == here)
      modal.parkedAt = isParked && isThere ? here : []
      if page.isPaused { modal.pauseReason = contents.pause?.reason ?? "" }
    }
    // A pause begins behind M400, and a resume sends no line of the file before it is over.
    if page.isPaused || page.script == .resume {
      mayNotHaveRun = []
      isFirstOnly = false
    }
    modal.wasAdjusted = page.state & 4 != 0
  }
}

extension PageContents {
  /// What the firmware remembered before the pause that this is, or that a resume is leading out of.
  fileprivate var beforePause: ModalRecord? {
    guard snapshot.isPaused || snapshot.script == .resume, let pause else { return nil }
    return ModalRecord(pause.modal)
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
    pauseReason = place.pauseReason
  }

  /// Why it is paused and where its head stands, as the middle of a sentence.
  var pauseWords: String {
    let why = pauseReason.isEmpty ? "" : " (\(pauseReason))"
    guard parkedAt.count == 3 else { return "paused\(why)" }
    let axes = zip(["X", "Y", "Z"], parkedAt).map { "\($0)\(($1 * 100).rounded() / 100)" }
    return "paused\(why), its head parked at \(axes.joined(separator: " "))"
  }

  fileprivate var ifParked: ModalRecord? { isParked ? self : nil }

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
