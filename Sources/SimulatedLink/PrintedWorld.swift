import PrinterProtocol
import VirtualFirmware

/// A session and a virtual firmware, joined by a link with latency, in virtual time.
///
/// Everything random is drawn from the seed, so that a print that goes wrong can be repeated. Nothing here waits: time
/// jumps to the next moment at which anything happens.
public struct PrintedWorld: Sendable {
  /// The host's end.
  public var session: MachineSession
  /// The printer's end; left alone where there is a `grbl`.
  public var firmware: VirtualFirmware
  /// The end of a laser or mill.
  public var grbl: GrblFirmware?
  /// Nanoseconds since the world began.
  public private(set) var now: Int64 = 1_000_000_000
  /// The firmware wants its lines in the order of their numbers.
  public var countsLines = true
  /// A numbered line that lost its checksum runs all the same.
  public var takesUnchecked = false
  /// Somebody pauses at the machine's display, so that the session parks and comes back.
  public var pausesByItself = false
  /// What the cable does.
  public var cable = LinkFaults()
  /// The host reads each byte as it comes, instead of what has gathered until the firmware pauses.
  public var readsBytewise = false
  /// What the host wrote and read.
  public var transcript = Transcript()
  /// How many bytes the host had read when the job started.
  var receivedBeforeJob = 0
  /// What the session told.
  public private(set) var events: [SessionEvent] = []
  /// What the firmware executed, oldest first.
  public private(set) var log: [ExecutedLine] = []
  /// What the host had last sent under the number of each line in `log`; empty for one without.
  private(set) var origins: [[UInt8]] = []
  /// The figures of the one fault that `cable` was told to make.
  public private(set) var pause = PauseWatch()

  /// How long bytes travel one way.
  private let latency: Int64
  private var random: SplitMix
  private var toFirmware = Pipe()
  private var toHost = Pipe()
  private var isOpen = false
  /// When a pulled cable comes back.
  private var plugsInAt: Int64?
  private let file: [[UInt8]]
  private var next = 0

  /// Makes a world whose port is closed; `configure` changes what the session is told of the machine.
  public init(
    file: [String], profile: FirmwareProfile, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1,
    latency: Int64 = 1_000_000, coldStart: Bool = false,
    configure: (inout SessionConfiguration) -> Void = { _ in }
  ) {
    var configuration = SessionConfiguration()
    configuration.resetsOnOpen = .no
    configuration.baud = profile.baud
    configuration.volume = Volume(x: 200, y: 200, z: 200)
    if profile.keepaliveSeconds == 0 { configuration.dialect = .marlin1 }
    configure(&configuration)
    session = MachineSession(configuration: configuration)
    firmware = VirtualFirmware(profile: profile, faults: faults, seed: seed, coldStart: coldStart, now: 0)
    firmware.keepsExecuted = true
    self.latency = latency
    random = SplitMix(seed: seed ^ 0x5eed)
    self.file = file.map { Array($0.utf8) }
  }

  /// The same with a laser or mill at the other end.
  public init(
    file: [String], profile: GrblProfile, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1,
    latency: Int64 = 1_000_000, configure: (inout SessionConfiguration) -> Void = { _ in }
  ) {
    self.init(file: file, profile: .marlin21, seed: seed, latency: latency) {
      $0.dialect = profile.isHAL ? .grblHAL : .grbl
      $0.machineClass = .cnc
      $0.allowsM3 = true
      $0.baud = profile.baud
      configure(&$0)
    }
    var firmware = GrblFirmware(profile: profile, faults: faults, seed: seed, now: 0)
    firmware.keepsExecuted = true
    grbl = firmware
  }

  /// The host opens the port.
  public mutating func open() {
    firmware.hostOpened(now: now)
    grbl?.hostOpened(now: now)
    isOpen = true
    session.linkOpened(now: now)
    act()
  }

  /// Does what the session wants, and gives it lines of the file as long as it wants some.
  public mutating func act() {
    while true {
      while let action = session.nextAction() { perform(action) }
      guard session.wantsLine else { return }
      if next < file.count {
        let line = file[next]
        next += 1
        session.supply(line: line[...], fileLine: Int64(next), endOffset: Int64(next) * 20, now: now)
      } else {
        session.endOfFile(now: now)
        if !session.wantsLine { continue }
        return
      }
    }
  }

  private mutating func perform(_ action: SessionAction) {
    switch action {
    case .write:
      var bytes = session.withPendingOutput { Array($0) }
      session.wrote(bytes.count, now: now)
      transcript.hostWrote(bytes, now: now)
      if session.isJobRunning {
        bytes = cable.withoutHead(bytes, using: &random)
        if cable.flipsOneBit > 0 { cable.flipOneBit(in: &bytes, using: &random) }
        pause.sees(sent: &bytes, cable: cable, now: now)
      }
      toFirmware.put(bytes, arriving: now + latency)
    case .event(let event):
      transcript.noteWords("\(event)", now: now)
      events.append(event)
    case .flushOutput: toFirmware.removeAll()
    case .pulseDTR:
      firmware.reset(now: now)
      grbl?.reset(now: now)
    case .closeLink: isOpen = false
    }
  }

  /// The next moment at which anything happens.
  private var nextMoment: Int64? {
    var earliest = session.nextDeadline
    func consider(_ time: Int64?) {
      guard let time else { return }
      earliest = min(earliest ?? time, time)
    }
    consider(nextOfFirmware)
    consider(toFirmware.nextArrival)
    consider(toHost.nextArrival)
    consider(plugsInAt)
    return earliest
  }

  /// A milestone that has passed while the firmware could not look leads nowhere.
  var nextOfFirmware: Int64? {
    if let grbl {
      if readsBytewise { return grbl.nextDeadline }
      if let milestone = grbl.nextMilestone, milestone > now { return milestone }
      return grbl.nextDeadline
    }
    if readsBytewise { return firmware.nextDeadline }
    if let milestone = firmware.nextMilestone, milestone > now { return milestone }
    return firmware.nextDeadline
  }

  /// Lets one thing happen; false where nothing ever will.
  public mutating func step() -> Bool {
    guard let moment = nextMoment else { return false }
    now = max(now, moment)
    let out = runFirmware()
    if !out.isEmpty, isOpen { toHost.put(out, arriving: now + latency) }
    pullCable()
    plugIn()
    while let bytes = toHost.take(upTo: now) { hear(bytes) }
    if let deadline = session.nextDeadline, deadline <= now {
      session.timeout(now: now)
      act()
    }
    return true
  }

  /// Brings the firmware up to now; what it said meanwhile.
  private mutating func runFirmware() -> [UInt8] {
    var out: [UInt8] = []
    if grbl != nil {
      while let bytes = toFirmware.take(upTo: now) { grbl?.receive(bytes, now: now) }
      grbl?.run(until: now)
      grbl?.takeOutput(upTo: now, into: &out)
      note(grbl?.takeExecuted() ?? [])
    } else {
      while let bytes = toFirmware.take(upTo: now) { firmware.receive(bytes, now: now) }
      firmware.run(until: now)
      firmware.takeOutput(upTo: now, into: &out)
      note(firmware.takeExecuted())
      pause.sees(taken: firmware.lastLineNumber, now: now)
    }
    return out
  }

  private mutating func note(_ executed: [ExecutedLine]) {
    for line in executed {
      transcript.noteWords(
        "ran \(line.number.map { "N\($0)" } ?? "-") \(String(decoding: line.text, as: UTF8.self).debugDescription)",
        now: now)
      log.append(line)
      origins.append(line.number.map { transcript.texts(under: $0).closest(to: line.text) } ?? [])
    }
  }

  private mutating func hear(_ bytes: [UInt8]) {
    var bytes = cable.garbled(bytes, using: &random)
    if session.isJobRunning { pause.sees(received: &bytes, cable: cable, now: now) }
    if bytes.isEmpty { return }
    transcript.hostRead(bytes, now: now)
    session.receive(bytes[...], now: now)
    act()
  }

  /// A cable that is pulled takes what is on it with it.
  private mutating func pullCable() {
    while let event = grbl != nil ? grbl?.nextEvent() : firmware.nextEvent() {
      guard case .unplugged(let duration) = event else { continue }
      if cable.isPluggedInAgain { plugsInAt = now + duration }
      toFirmware.removeAll()
      toHost.removeAll()
      isOpen = false
      firmware.hostClosed(now: now)
      grbl?.hostClosed(now: now)
      session.linkLost(reason: "the cable was pulled", now: now)
      act()
    }
  }

  private mutating func plugIn() {
    guard let time = plugsInAt, time <= now else { return }
    plugsInAt = nil
    if cable.resetsWhenPluggedIn {
      firmware.reset(now: now)
      grbl?.reset(now: now)
    }
    open()
  }

  /// Runs until `isOver`, at most this long in virtual time and so many moments; false where either ran out.
  public mutating func run(
    for limit: Int64, moments: Int = .max, until isOver: (borrowing PrintedWorld) -> Bool
  ) -> Bool {
    let end = now + limit
    var left = moments
    while now < end, left > 0 {
      left -= 1
      if isOver(self) { return true }
      if !step() { return isOver(self) }
    }
    return isOver(self)
  }
}

extension PrintedWorld {
  /// The firmware's own record.
  public var record: ExecutionRecord { grbl?.record ?? firmware.record }

  /// The end of the job as the session told it.
  public var end: (end: JobEnd, fault: SessionFault?)? {
    for event in events.reversed() {
      if case .jobEnded(_, let end, let fault) = event { return (end, fault) }
    }
    return nil
  }

  /// Faults that were told outside a job, oldest first.
  public var faults: [SessionFault] {
    events.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
  }
}

extension PrintedWorld {
  /// An executed line that the session did not send on its own account.
  public static func isOfFile(_ line: ExecutedLine) -> Bool { !OwnLine.isOne(line.text) }
}

/// Bytes under way in one direction, in pieces, each with the moment of its arrival.
struct Pipe: Sendable {
  private var pieces: [(at: Int64, bytes: [UInt8])] = []
  private var head = 0

  var nextArrival: Int64? { head < pieces.count ? pieces[head].at : nil }

  mutating func put(_ bytes: [UInt8], arriving: Int64) { pieces.append((arriving, bytes)) }

  mutating func take(upTo now: Int64) -> [UInt8]? {
    guard head < pieces.count, pieces[head].at <= now else { return nil }
    head += 1
    let bytes = pieces[head - 1].bytes
    if head == pieces.count { removeAll() }
    return bytes
  }

  mutating func removeAll() {
    pieces.removeAll(keepingCapacity: true)
    head = 0
  }
}
