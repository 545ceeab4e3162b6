import DriverInterface

/// SplitMix64: small, seedable, the same on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Draws messages of every kind, with the awkward values more often than chance would have them.
struct Samples {
  var random: Seeded
  init(seed: UInt64) { random = Seeded(seed: seed) }

  mutating func bool() -> Bool { Bool.random(using: &random) }
  mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
  mutating func maybe<T>(_ value: T) -> T? { bool() ? value : nil }

  mutating func int64() -> Int64 {
    pick([
      0, 1, -1, 63, -64, 64, .min, .max, Int64(bitPattern: random.next()), Int64(random.next() % 100_000),
    ])
  }
  mutating func int32() -> Int32 {
    pick([0, 1, -1, .min, .max, Int32(truncatingIfNeeded: random.next()), Int32(random.next() % 300)])
  }
  mutating func double() -> Double {
    pick([0, -0.0, 1.5, -273.15, .infinity, .leastNonzeroMagnitude, Double(int32()) / 64])
  }
  mutating func text() -> String {
    pick(["", "G1 X10", "Grüße aus 3.14 µm", "\u{0}\r\n", String(repeating: "x", count: 200), "日本\u{301}語"])
  }
  mutating func texts() -> [String] { (0..<Int.random(in: 0...4, using: &random)).map { _ in text() } }
  mutating func attempt() -> AttemptID { AttemptID(rawValue: random.next()) }

  mutating func fault() -> Fault {
    let scope = pick([FaultScope.line, .job, .connection, .process])
    return Fault(code: "port.busy", sentence: text(), scope: scope, fileLine: maybe(int64()))
  }
  mutating func progress() -> AttemptProgress {
    AttemptProgress(
      attempt: attempt(), job: int64(), name: text(), fileLine: int64(), byteOffset: int64(), size: int64(),
      lineNumber: int64(), acknowledged: int64(), resends: int64(), layer: int32(), layers: maybe(int32()),
      elapsed: int64(), remaining: maybe(int64()))
  }
  mutating func outcome() -> AttemptOutcome {
    let kind = pick([OutcomeKind.done, .failed, .cancelled, .uncertain])
    return AttemptOutcome(kind: kind, progress: progress(), fault: maybe(fault()), endedAt: int64())
  }
  mutating func heaters() -> [HeaterReading] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in
      HeaterReading(name: pick(["T0", "B", ""]), current: double(), target: double())
    }
  }
  mutating func phase() -> MachinePhase {
    MachinePhase(rawValue: UInt8.random(in: 0...12, using: &random)) ?? .idle
  }
  mutating func prompt() -> FirmwarePrompt { FirmwarePrompt(text: text(), choices: texts()) }

  mutating func identity() -> DriverIdentity {
    DriverIdentity(
      version: text(), pid: int32(), machine: text(), port: text(), startedAt: int64(),
      incarnation: random.next())
  }

  mutating func status() -> DriverStatus {
    var status = DriverStatus(identity: identity(), phase: phase())
    status.reason = text()
    status.running = maybe(progress())
    status.staged = (0..<Int.random(in: 0...3, using: &random)).map { _ in attempt() }
    status.outcomes = (0..<Int.random(in: 0...2, using: &random)).map { _ in outcome() }
    status.heaters = heaters()
    status.position = bool() ? [] : [double(), double(), double(), double()]
    status.homed = pick(["", "XY", "XYZ"])
    status.firmware = text()
    status.capabilities = texts()
    status.prompt = maybe(prompt())
    status.baudAsked = int32()
    status.baudGranted = int32()
    status.sdPercent = maybe(int32())
    status.counters.linesSent = int64()
    status.counters.bytesSent = int64()
    status.counters.bytesReceived = int64()
    status.counters.resends = int64()
    status.counters.garbledReplies = int64()
    status.counters.asked = int64()
    status.counters.resets = int64()
    status.lastEvent = int64()
    return status
  }

  mutating func staged() -> StagedAttempt {
    StagedAttempt(
      attempt: attempt(), job: int64(), path: text(), size: int64(), name: text(), startWhenDone: bool(),
      lines: maybe(int64()), seconds: maybe(int64()), layers: maybe(int32()))
  }

  mutating func acts() -> [ManualAct] {
    [
      .home(axes: pick(["", "X", "XYZ"])),
      .jog(x: double(), y: double(), z: double(), e: double(), feedrate: double(), unhomed: bool()),
      .heatTool(tool: int32(), target: double()), .heatBed(target: double()), .cool,
      .feedrate(percent: int32()),
      .flow(percent: int32()), .fan(speed: int32()), .babystep(z: double()),
      .load(tool: int32(), target: double(), length: double()),
      .unload(tool: int32(), target: double(), length: double()), .script(name: text(), lines: texts()),
      .sdPrint(.pause), .sdPrint(.resume), .sdPrint(.stop), .measure, .zero(axes: pick(["", "XY"])),
      .frame(attempt()),
    ]
  }

  mutating func requests() -> [DriverRequest] {
    let versions = VersionRange(lowest: int32(), highest: int32())
    return [
      .hello(versions: versions, client: text()), .status, .subscribe(after: int64()), .stage(staged()),
      .start(attempt()), .withdraw(attempt()), .acknowledgeOutcome(attempt()), .pause(attempt()),
      .resume(attempt()), .cancel(attempt()), .answer(choice: int32()), .answer(choice: nil),
      .send(line: text()),
      .emergencyStop, .reset, .disconnect, .connect, .wireLog(bool()), .recorder, .end(force: bool()),
      .linkReport, .unlock, .homeCycle, .resumePoint(attempt()), .suspend(deadlineMs: int64()),
    ] + acts().map { .act($0) }
  }

  mutating func replies() -> [DriverReply] {
    [
      .hello(version: int32(), driver: identity()), .done, .refused(fault()), .status(status()),
      .lines(texts()),
      .stopped(confirmed: bool(), sentence: text()), .link(report()), .measured(measurement()),
      .resumePoint(resumePoint()), .resumePoint(nil),
    ]
  }

  mutating func anchor() -> StreamAnchor {
    StreamAnchor(fileLine: int64(), byteOffset: int64(), lineNumber: int64())
  }

  mutating func resumePoint() -> ResumePoint {
    var point = ResumePoint(attempt: attempt(), job: int64(), at: int64())
    point.acknowledged = anchor()
    point.sent = anchor()
    point.mayNotHaveRun = (0..<Int.random(in: 0...ResumePoint.mostOpen, using: &random)).map { _ in anchor() }
    point.isFirstOnly = bool()
    point.staleMs = int64()
    point.earlierMs = int64()
    if point.earlierMs != 0 { point.earlier = anchor() }
    point.syncMs = int64()
    point.modal = modal()
    return point
  }

  mutating func modal() -> ModalRecord {
    var modal = ModalRecord()
    let numbers: [WritableKeyPath<ModalRecord, Double>] = [
      \.x, \.y, \.z, \.e, \.feedrate, \.bed, \.chamber, \.speed, \.flow, \.printAcceleration,
      \.retractAcceleration, \.travelAcceleration, \.babystep, \.offsetX, \.offsetY, \.offsetZ, \.offsetE,
    ]
    for number in numbers { modal[keyPath: number] = double() }
    modal.known = pick(["", "XYZE"])
    modal.homed = pick(["", "XY"])
    modal.isRelative = bool()
    modal.isExtruderRelative = bool()
    modal.isInch = bool()
    modal.tool = int32()
    modal.toolTargets = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      ToolTarget(tool: int32(), target: double())
    }
    modal.fans = (0..<Int.random(in: 0...3, using: &random)).map { _ in double() }
    modal.levelling = pick([.unknown, .no, .yes])
    modal.layer = int32()
    modal.isParked = bool()
    modal.parkedAt = bool() ? [] : [double(), double(), double()]
    modal.wasAdjusted = bool()
    modal.pauseReason = text()
    return modal
  }

  mutating func report() -> LinkReport {
    var report = LinkReport()
    report.port = text()
    report.baudAsked = int32()
    report.baudGranted = int32()
    report.isUntimed = bool()
    report.adapter = text()
    report.latencyTimer = maybe(int32())
    report.undervoltage = maybe(bool())
    report.receiveBuffer = maybe(int32())
    report.queueLines = maybe(int32())
    let counters: [WritableKeyPath<LinkReport, Int64>] = [
      \.lines, \.bytesSent, \.resends, \.damagedOut, \.damagedIn, \.doubledOks, \.lostOks, \.overruns,
      \.starvations,
      \.starved, \.asked, \.resets,
    ]
    for counter in counters { report[keyPath: counter] = int64() }
    report.roundTrips = bool() ? [] : (0..<32).map { _ in int64() }
    return report
  }

  mutating func measurement() -> BufferMeasurement {
    var measurement = BufferMeasurement()
    measurement.receiveBuffer = maybe(int32())
    measurement.isReceiveBufferExact = bool()
    measurement.queueLines = maybe(int32())
    measurement.isQueueExact = bool()
    measurement.notes = texts()
    return measurement
  }

  mutating func events() -> [DriverEventKind] {
    [
      .phase(phase(), reason: text()), .opened(baudAsked: int32(), baudGranted: int32()),
      .connected(firmware: text()), .started(attempt(), job: int64()), .progress(progress()),
      .heaters(heaters()),
      .resend(lineNumber: int64(), fileLine: int64(), words: text()), .message(text()), .prompt(prompt()),
      .prompt(nil), .fault(fault()), .ended(outcome()), .firmwareReset, .wire(sent: bool(), line: text()),
      .recorderDumped(path: text()), .link(.lost(reason: text())), .link(.glitch(gapMs: int64())),
      .link(.reset(reason: text())), .link(.waiting), .openingResets(bool()),
    ]
  }

  /// One message of every case.
  mutating func messages() -> [DriverMessage] {
    var all: [DriverMessage] = []
    for request in requests() {
      all.append(.request(number: UInt32(truncatingIfNeeded: random.next()), request))
    }
    for reply in replies() { all.append(.reply(number: UInt32(truncatingIfNeeded: random.next()), reply)) }
    for kind in events() { all.append(.event(DriverEvent(sequence: int64(), at: int64(), kind: kind))) }
    return all
  }
}
