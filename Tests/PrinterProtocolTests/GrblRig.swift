import GCode

@testable import PrinterProtocol

/// A GRBL session with a clock and a machine that a test plays by hand.
struct GrblRig {
  var session: GrblSession
  var now: Int64 = 5 * second
  /// Lines and realtime bytes (`?`, `!`, `~`, `^X`, `<91>`) in the order in which they were written, not looked at yet.
  private var written: [String] = []
  private var partial: [UInt8] = []
  var actions: [SessionAction] = []
  /// When `?` was written.
  var questions: [Int64] = []
  /// Whether status questions are left out of `sent`.
  var hidesQuestions = true
  /// What `?` is answered, with `|` and all; nil leaves it unanswered.
  var state: String? = "Idle|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000"

  init(_ change: (inout SessionConfiguration) -> Void = { _ in }) {
    var configuration = SessionConfiguration()
    configuration.dialect = .grbl
    configuration.resetsOnOpen = .no
    configuration.machineClass = .laser
    change(&configuration)
    session = GrblSession(configuration: configuration)
  }

  var events: [SessionEvent] {
    actions.compactMap { if case .event(let event) = $0 { event } else { nil } }
  }

  /// The faults of jobs that ended and of the connection.
  var faults: [String] {
    events.compactMap {
      switch $0 {
      case .jobEnded(_, _, let fault): fault?.code
      case .fault(let fault): fault.code
      default: nil
      }
    }
  }

  var jobEnd: JobEnd? {
    for case .jobEnded(_, let end, _) in events { return end }
    return nil
  }

  mutating func sent() -> [String] {
    defer { written.removeAll() }
    return written
  }

  mutating func open() {
    session.linkOpened(now: now)
    run()
  }

  mutating func say(_ replies: String...) {
    for reply in replies {
      session.receive(Array((reply + "\r\n").utf8)[...], now: now)
      run()
    }
  }

  mutating func bytes(_ bytes: [UInt8]) {
    session.receive(bytes[...], now: now)
    run()
  }

  mutating func pass(_ nanoseconds: Int64) {
    let end = now + nanoseconds
    var turns = 0
    while let deadline = session.nextDeadline, deadline <= end, turns < 10_000 {
      now = max(now, deadline)
      session.timeout(now: now)
      run()
      turns += 1
    }
    now = end
  }

  mutating func supply(_ line: String, _ fileLine: Int64) {
    session.supply(line: Array(line.utf8)[...], fileLine: fileLine, endOffset: fileLine * 10, now: now)
    run()
  }

  mutating func run() {
    while let action = session.nextAction() {
      guard case .write = action else {
        actions.append(action)
        continue
      }
      let bytes = session.withPendingOutput { Array($0) }
      session.wrote(bytes.count, now: now)
      var asked = 0
      for byte in bytes {
        switch byte {
        case 0x3f:
          asked += 1
          questions.append(now)
          if !hidesQuestions { written.append("?") }
        case 0x21: written.append("!")
        case 0x7e: written.append("~")
        case 0x18: written.append("^X")
        case 0x80...: written.append("<" + String(byte, radix: 16) + ">")
        case 10:
          written.append(String(decoding: partial, as: UTF8.self))
          partial.removeAll()
        default: partial.append(byte)
        }
      }
      guard asked > 0, let state else { continue }
      // A machine answers some time after the question, never within the same instant.
      now += ms
      for _ in 0..<asked { session.receive(Array("<\(state)>\r\n".utf8)[...], now: now) }
    }
  }

  /// Answers the line that was written with these replies, for each of the lines that the greeting sends.
  mutating func greet(laserMode: Bool? = true, extra: String...) {
    pass(second)
    precondition(sent(), ["$I"])
    say("[VER:1.1h.20190830:]", "[OPT:V,15,128]", "ok")
    for line in extra { say(line) }
    say("$10=1", "$30=1000", "$31=0")
    if let laserMode { say("$32=\(laserMode ? 1 : 0)") }
    say("$22=0", "$130=200.000", "$131=200.000", "$132=200.000", "ok")
    say("[G54:0.000,0.000,0.000]", "[G92:0.000,0.000,0.000]", "ok")
    say("[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    _ = sent()
  }

  /// Brings the session through a greeting.
  mutating func connect(laserMode: Bool? = true) {
    open()
    say("", "Grbl 1.1h ['$' for help]")
    _ = sent()
    greet(laserMode: laserMode)
    actions.removeAll()
  }

  mutating func startJob() throws {
    try session.startJob(JobStart(token: 7), now: now)
    run()
  }

  /// A connected laser with a running job.
  static func burning(_ change: (inout SessionConfiguration) -> Void = { _ in }) throws -> GrblRig {
    var rig = GrblRig(change)
    rig.connect()
    try rig.startJob()
    rig.actions.removeAll()
    _ = rig.sent()
    return rig
  }

  /// A connected CNC machine with a running job.
  static func cutting(_ change: (inout SessionConfiguration) -> Void = { _ in }) throws -> GrblRig {
    var rig = GrblRig {
      $0.machineClass = .cnc
      $0.allowsM3 = true
      change(&$0)
    }
    rig.connect(laserMode: false)
    try rig.startJob()
    rig.actions.removeAll()
    _ = rig.sent()
    return rig
  }

  /// The stop's last step: 0x18 is answered by the banner.
  mutating func banner() { say("", "Grbl 1.1h ['$' for help]") }
}

/// A line of a rig that is not as expected is a mistake of the test's own script.
func precondition(_ lines: [String], _ expected: [String]) {
  Swift.precondition(lines == expected, "\(lines) is not \(expected)")
}
