import CanonicalFile
import PrinterProtocol
import VirtualFirmware

/// A session and a virtual firmware, joined by a link with latency, in virtual time.
///
/// Everything random is drawn from the seed, so that a print that goes wrong can be repeated.
struct PrintedWorld {
  var session: PrinterSession
  var firmware: VirtualFirmware
  var now: Int64 = 1_000_000_000
  /// How long bytes travel one way.
  var latency: Int64
  /// Chance for a write to lose its first bytes: what makes a line run without its number.
  var losesHeads = 0.0
  /// Chance for what is read at once to be damaged from somewhere on, or lost.
  var garblesReplies = 0.0
  private var random: SplitMix
  var events: [SessionEvent] = []
  var log: [ExecutedLine] = []
  /// The host reads each byte as it comes, instead of what has gathered until the firmware pauses.
  var readsBytewise = false
  /// What the host wrote and read, for a test that fails.
  var wire: [String] = []

  private var toFirmware: [(at: Int64, bytes: [UInt8])] = []
  private var toHost: [(at: Int64, bytes: [UInt8])] = []
  private var isOpen = false
  private var file: [[UInt8]]
  private var next = 0

  init(
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
    session = PrinterSession(configuration: configuration)
    firmware = VirtualFirmware(profile: profile, faults: faults, seed: seed, coldStart: coldStart, now: 0)
    firmware.keepsExecuted = true
    self.latency = latency
    random = SplitMix(seed: seed ^ 0x5eed)
    self.file = file.map { Array($0.utf8) }
  }

  mutating func open() {
    firmware.hostOpened(now: now)
    isOpen = true
    session.linkOpened(now: now)
    act()
  }

  /// The session's actions, and lines of the file as long as it wants some.
  mutating func act() {
    while true {
      while let action = session.nextAction() {
        switch action {
        case .write:
          let bytes = session.withPendingOutput { Array($0) }
          session.wrote(bytes.count, now: now)
          note("> ", bytes)
          toFirmware.append((now + latency, withoutHead(bytes)))
        case .event(let event): events.append(event)
        case .flushOutput: toFirmware.removeAll()
        case .pulseDTR: firmware.reset(now: now)
        case .closeLink: isOpen = false
        }
      }
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

  private mutating func withoutHead(_ bytes: [UInt8]) -> [UInt8] {
    guard losesHeads > 0, session.isJobRunning, Double.random(in: 0..<1, using: &random) < losesHeads else {
      return bytes
    }
    return Array(bytes.dropFirst(Int.random(in: 1...6, using: &random)))
  }

  private mutating func garbled(_ bytes: [UInt8]) -> [UInt8] {
    guard garblesReplies > 0, Double.random(in: 0..<1, using: &random) < garblesReplies else { return bytes }
    let start = Int.random(in: 0..<max(1, bytes.count), using: &random)
    if Bool.random(using: &random) { return Array(bytes[..<start]) }
    return bytes.enumerated().map {
      $0.offset < start ? $0.element : UInt8.random(in: 0...255, using: &random)
    }
  }

  private mutating func note(_ mark: String, _ bytes: [UInt8]) {
    wire.append("\(mark)\(now / 1_000_000) \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    if wire.count > 8000 { wire.removeFirst(4000) }
  }

  /// The next moment at which anything happens.
  private var nextMoment: Int64? {
    var earliest = session.nextDeadline
    func consider(_ time: Int64?) {
      guard let time else { return }
      earliest = min(earliest ?? time, time)
    }
    consider(readsBytewise ? firmware.nextDeadline : firmware.nextMilestone)
    consider(toFirmware.first?.at)
    consider(toHost.first?.at)
    return earliest
  }

  /// Lets one thing happen; false where nothing ever will.
  mutating func step() -> Bool {
    guard let moment = nextMoment else { return false }
    now = max(now, moment)
    while let first = toFirmware.first, first.at <= now {
      firmware.receive(first.bytes, now: now)
      toFirmware.removeFirst()
    }
    var out: [UInt8] = []
    firmware.run(until: now)
    firmware.takeOutput(upTo: now, into: &out)
    log.append(contentsOf: firmware.takeExecuted())
    if !out.isEmpty, isOpen { toHost.append((now + latency, out)) }
    while let first = toHost.first, first.at <= now {
      toHost.removeFirst()
      let bytes = garbled(first.bytes)
      note("< ", bytes)
      session.receive(bytes[...], now: now)
      act()
    }
    if let deadline = session.nextDeadline, deadline <= now {
      session.timeout(now: now)
      act()
    }
    return true
  }

  /// Runs until `isOver`, at most this long in virtual time; false where the time ran out.
  mutating func run(for limit: Int64, until isOver: (PrintedWorld) -> Bool) -> Bool {
    let end = now + limit
    while now < end {
      if isOver(self) { return true }
      if !step() { return isOver(self) }
    }
    return isOver(self)
  }
}

/// How a print came out, as a judge sees it who knows the file and what the firmware executed.
enum Judgement: Equatable, CustomStringConvertible {
  /// The firmware executed the file, each line once and in order.
  case intact
  /// As intact, but for damaged pieces of lines that ran without number and were followed by the whole line.
  case repeatedAfterFragment
  /// The session stopped and said why; what was executed with numbers is the beginning of the file.
  case stopped(code: String)
  /// A line that nothing could have told from the right one: the checksum held.
  case undetectable(String)
  /// What must never happen.
  case wrong(String)

  var description: String {
    switch self {
    case .intact: "intact"
    case .repeatedAfterFragment: "repeated after a fragment"
    case .stopped(let code): "stopped: \(code)"
    case .undetectable(let words): "undetectable: \(words)"
    case .wrong(let words): "WRONG: \(words)"
    }
  }
}

extension PrintedWorld {
  /// The end of the job as the session told it.
  var end: (end: JobEnd, fault: SessionFault?)? {
    for event in events {
      if case .jobEnded(_, let end, let fault) = event { return (end, fault) }
    }
    return nil
  }

  /// The first fault that was told outside a job.
  var faults: [SessionFault] {
    events.compactMap { if case .fault(let fault) = $0 { fault } else { nil } }
  }

  /// Lines executed up to `mark` in the log that are neither polls nor the session's own.
  static func isOfFile(_ line: ExecutedLine) -> Bool {
    let text = String(decoding: line.text, as: UTF8.self)
    for own in ["M108", "M876", "M27", "M105", "M110", "M114", "M115", "M155", "M400"]
    where text.hasPrefix(own) { return false }
    return true
  }
}
