import SerialPort
import CLinux
import DriverInterface
import GCode
import PrinterProtocol

/// When what was last published.
struct Publication {
  var heatersChanged = false
  var nextHeaters: Int64 = 0
  var nextProgress: Int64 = 0
  var published = SessionProgress()
  var paged = SessionProgress()
  var sendings = Sendings()
  var anchored = SessionProgress()
  var anchoredAt: Int64 = 0
  var anchoredLayer: Int32 = 0
  /// The last anchor is of a pause: where the head is parked stands nowhere else once driver and power are gone.
  var anchoredPaused = false
  /// By what the pace between anchors is known.
  var stretch = Stretch()
  /// Why the page says that it is paused; nil where it does not.
  var pagedPause: String?
  /// The layer that the page says.
  var layer: Int32 = 0
  /// When something held back is due; nil where nothing is.
  var nextDue: Int64?

  /// The attempt and its job, for the page.
  var attempt = AttemptID(rawValue: 0)
  var job: JobID = 0

  mutating func begin(_ staged: StagedAttempt, _ stretch: Stretch, _ now: Int64) {
    attempt = staged.attempt
    job = staged.job
    published = SessionProgress()
    paged = SessionProgress()
    sendings = Sendings()
    anchored = SessionProgress()
    anchoredAt = now
    anchoredLayer = 0
    anchoredPaused = false
    self.stretch = stretch
    pagedPause = nil
    layer = 0
    nextProgress = 0
  }
}

/// What clients, page and journal are told of the state.
extension WireLoop {
  /// Why things are as they are; empty where nothing needs a reason.
  var currentReason: String { session.reason.isEmpty ? link.reason : session.reason }

  /// Tells what is new. Done at each turn, so it looks at a few numbers of the session and copies nothing else of it.
  func publish(_ now: Int64) {
    publication.nextDue = nil
    publishHeaters(now)
    publishWords(now)
    guard ledger.running != nil else { return }
    publishPage()
    let line = session.fileLineDone()
    if line != publication.published.fileLine { publishProgress(now) }
    let isPaused = publication.sendings.phase == .paused
    publication.stretch.note(isPrinting: publication.sendings.phase == .printing, now: now)
    if line != publication.anchored.fileLine || isPaused != publication.anchoredPaused {
      anchor(isPaused, now)
    }
  }

  /// The page: at each step, for it costs no system call.
  func publishPage() {
    guard ledger.running != nil, !session.isStill(at: publication.paged, publication.sendings) else {
      return
    }
    publication.paged = session.currentProgress()
    let sendings = session.sendings()
    publication.sendings = sendings
    let place = session.place()
    publication.layer = place.layer
    publishPause(place)
    page.write(snapshot(place), version: sendings.modes) { store in
      PageModes.write(
        session.modal, session.dialect, fileModified: ledger.running?.modified ?? 0, store)
    }
  }

  /// The page's pause comes before the page says that there is one.
  private func publishPause(_ place: SessionPlace) {
    guard place.isPaused, var pause = session.pausePlace() else { return publication.pagedPause = nil }
    guard publication.pagedPause != pause.reason else { return }
    publication.pagedPause = pause.reason
    page.write(pause, snapshot(SessionPlace(place.progress, &pause.modal)), session.dialect)
  }

  private func publishProgress(_ now: Int64) {
    guard now >= publication.nextProgress, let running = ledger.running else {
      return due(publication.nextProgress)
    }
    publication.nextProgress = now + configuration.publication
    publication.published = session.currentProgress()
    emit(.progress(self.progress(of: running, now)))
  }

  private func publishHeaters(_ now: Int64) {
    guard publication.heatersChanged else { return }
    if now >= publication.nextHeaters {
      publication.nextHeaters = now + configuration.publication
      publication.heatersChanged = false
      emit(.heaters(heaters))
    } else {
      due(publication.nextHeaters)
    }
  }

  /// What the firmware said again and again since it was last told.
  private func publishWords(_ now: Int64) {
    guard let time = words.due else { return }
    guard now >= time else { return due(time) }
    if let told = words.takeHeldBack(now: now) { emit(.message(told)) }
  }

  private func due(_ time: Int64) { publication.nextDue = min(publication.nextDue ?? .max, time) }

  /// An attempt begins, or goes on with another driver than it began with.
  func beginPublication(_ staged: StagedAttempt, _ now: Int64) {
    let stretch = Stretch(least: configuration.anchors.shortest / 5, heldUp: session.heldUp(now), now: now)
    publication.begin(staged, stretch, now)
  }

  private func anchor(_ isPaused: Bool, _ now: Int64) {
    // The disk is noting that a pause is about to end: the next anchor comes behind that.
    guard resuming == nil else { return }
    let layerChanged = publication.layer != publication.anchoredLayer
    let wait = layerChanged ? configuration.anchors.atLayers : configuration.anchors.shortest
    let isDue = isPaused != publication.anchoredPaused || now >= publication.anchoredAt + wait
    guard isDue, let running = ledger.running else {
      return due(publication.anchoredAt + wait)
    }
    var point = resumePoint(of: running)
    publication.anchored = session.currentProgress()
    let stretch = publication.stretch.anchor(
      at: publication.anchored, heldUp: session.heldUp(now), now: now)
    if let stretch {
      point.earlier = StreamAnchor(
        fileLine: stretch.from.fileLine, byteOffset: stretch.from.byteOffset,
        lineNumber: stretch.from.lineNumber)
      point.earlierMs = stretch.moved / 1_000_000
    }
    publication.anchoredAt = now
    publication.anchoredLayer = publication.layer
    publication.anchoredPaused = isPaused
    // A disk that stands still gets no second anchor: they would pile up and say the same.
    // On the disk the first of the lines that may not have run stands for all of them.
    point.isFirstOnly = point.isFirstOnly || point.mayNotHaveRun.count > 1
    point.mayNotHaveRun = Array(point.mayNotHaveRun.prefix(1))
    _ = orders.offer(
      .anchor(self.progress(of: running, now), point, at: clinux_realtime_ns() / 1_000_000), limit: 64)
  }

  // MARK: - Values

  func progress(of running: AttemptLedger.Running, _ now: Int64) -> AttemptProgress {
    let staged = running.staged
    let at = session.currentProgress()
    let layers = session.layers()
    let elapsed = (now - running.startedAt) / 1_000_000_000
    return AttemptProgress(
      attempt: staged.attempt, job: staged.job, name: staged.name, fileLine: at.fileLine,
      byteOffset: at.byteOffset,
      size: staged.size, lineNumber: at.lineNumber, acknowledged: at.acknowledged, resends: at.resends,
      layer: layers.now.map { $0 &+ 1 } ?? 0,
      layers: staged.layers ?? layers.all, elapsed: elapsed,
      remaining: remaining(staged, at.byteOffset, elapsed))
  }

  /// The slicer's estimate by the bytes left; without one, by the bytes so far once they tell anything.
  private func remaining(_ staged: StagedAttempt, _ offset: Int64, _ elapsed: Int64) -> Int64? {
    guard staged.size > 0 else { return nil }
    let done = min(1, Double(offset) / Double(staged.size))
    // Ten years are more than a print takes, and less than a conversion traps on.
    if let seconds = staged.seconds, (0...315_360_000).contains(seconds) {
      return Int64((Double(seconds) * (1 - done)).rounded())
    }
    guard done > 0.02, elapsed > 30 else { return nil }
    return Int64((Double(elapsed) * (1 - done) / done).rounded())
  }

  private var heaters: [HeaterReading] {
    session.temperatures.map { HeaterReading(name: $0.heater.name, current: $0.current, target: $0.target) }
  }

  /// The page of the running attempt. (Inlined, so that no word is put together before it is stored.)
  @inline(__always)
  private func snapshot(_ place: SessionPlace) -> ProgressSnapshot {
    var snapshot = ProgressSnapshot()
    snapshot.attempt = publication.attempt
    snapshot.job = publication.job
    snapshot.byteOffset = place.progress.byteOffset
    snapshot.fileLine = place.progress.fileLine
    snapshot.lineNumber = place.progress.lineNumber
    snapshot.sentFileLine = place.progress.sentFileLine
    snapshot.sentLineNumber = place.progress.sentLineNumber
    snapshot.acknowledged = place.progress.acknowledged
    snapshot.resends = place.progress.resends
    snapshot.layer = Int64(place.layer)
    snapshot.at = clinux_realtime_ns() / 1_000_000
    snapshot.x = place.position.x
    snapshot.y = place.position.y
    snapshot.z = place.position.z
    snapshot.e = place.position.e
    snapshot.feedrate = place.feedrate
    snapshot.tool = Int64(place.tool)
    snapshot.toolTarget = place.toolTarget
    snapshot.bedTarget = place.bedTarget
    snapshot.fan = place.fan
    snapshot.modes =
      (place.isRelative ? 1 : 0) | (place.isExtruderRelative ? 2 : 0) | (place.isInch ? 4 : 0)
      | Int64(place.homed.intersection(.xyz).rawValue) << 3
    snapshot.sentOffset = place.sentOffset
    snapshot.base = place.base
    snapshot.highest = place.highest
    snapshot.fileBits = place.fileBits
    snapshot.openLine = place.openFrom.fileLine
    snapshot.openOffset = place.openFrom.byteOffset
    snapshot.openNumber = place.openFrom.lineNumber
    snapshot.known = Int64(place.known.rawValue)
    snapshot.state =
      (place.isStreaming ? 1 : 0) | (place.isParked ? 2 : 0)
      | (ledger.running?.wasAdjusted == true ? 4 : 0) | Int64(place.openingResets) << 3
      | (place.isPaused ? 32 : 0) | Int64(place.script.rawValue) << 6
    return snapshot
  }

  func status(_ now: Int64) -> DriverStatus {
    // Copied once: each getter of a value that a class holds would copy it anew.
    let session = session
    var status = DriverStatus(identity: identity, phase: MachinePhase(session.phase))
    status.reason = currentReason
    status.running = ledger.running.map { progress(of: $0, now) }
    status.staged = ledger.staged.map { $0.attempt }
    status.outcomes = ledger.outcomes
    status.heaters = heaters
    let modal = session.modal
    if modal.known.isSuperset(of: .xyz) {
      status.position = [modal.position.x, modal.position.y, modal.position.z, modal.position.e]
    }
    for (axis, letter) in [(Axes.x, "X"), (.y, "Y"), (.z, "Z")] where modal.homed.contains(axis) {
      status.homed += letter
    }
    status.firmware = session.firmware
    status.capabilities = session.capabilities
    status.prompt = session.prompt.map(FirmwarePrompt.init)
    if let port = link.port {
      status.baudAsked = configuration.serial.baud
      status.baudGranted = port.grantedBaud
    }
    status.sdPercent = session.sdPercent
    status.counters = LinkCounters(session.counters)
    status.lastEvent = events.last
    return status
  }
}
