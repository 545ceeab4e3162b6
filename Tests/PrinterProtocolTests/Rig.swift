import GCode

@testable import PrinterProtocol

let ms: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// A session with a clock and a printer that a test plays by hand.
struct Rig {
  var session: PrinterSession
  var now: Int64 = 5 * second
  /// Lines written and not looked at yet.
  private var lines: [String] = []
  private var partial = ""
  /// Everything but writes, in order, not looked at yet.
  var actions: [SessionAction] = []

  init(_ change: (inout SessionConfiguration) -> Void = { _ in }) {
    var configuration = SessionConfiguration()
    configuration.resetsOnOpen = .no
    configuration.volume = Volume(x: 200, y: 200, z: 180)
    // One line at a time, unless a test is about the window: so each answer is seen alone.
    configuration.windowLines = 1
    change(&configuration)
    session = PrinterSession(configuration: configuration)
  }

  var events: [SessionEvent] {
    actions.compactMap { if case .event(let event) = $0 { event } else { nil } }
  }

  /// The lines written since the last call, empty ones left out.
  mutating func sent() -> [String] {
    defer { lines.removeAll() }
    return lines
  }

  /// The contents of the lines written: without number and checksum.
  mutating func said() -> [String] {
    sent().map { Self.content($0) }
  }

  static func content(_ line: String) -> String {
    guard line.hasPrefix("N"), let star = line.lastIndex(of: "*"), let space = line.firstIndex(of: " ") else {
      return line
    }
    return String(line[line.index(after: space)..<star])
  }

  mutating func open() {
    session.linkOpened(now: now)
    run()
  }

  /// The printer says these lines.
  mutating func say(_ replies: String...) {
    for reply in replies { bytes(Array((reply + "\n").utf8)) }
  }

  /// The printer says these lines in one burst, read at once.
  mutating func burst(_ replies: String...) {
    bytes(Array((replies.joined(separator: "\n") + "\n").utf8))
  }

  mutating func bytes(_ bytes: [UInt8]) {
    session.receive(bytes[...], now: now)
    run()
  }

  /// Lets time pass, with every deadline on its way.
  mutating func pass(_ nanoseconds: Int64) {
    let end = now + nanoseconds
    var turns = 0
    while let deadline = session.nextDeadline, deadline <= end, turns < 100_000 {
      now = max(now, deadline)
      session.timeout(now: now)
      run()
      turns += 1
    }
    now = end
  }

  /// One line of a file.
  mutating func supply(_ line: String, _ fileLine: Int64) {
    session.supply(
      line: Array(line.utf8)[...], fileLine: fileLine, endOffset: fileLine * 10, now: now)
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
      partial += String(decoding: bytes, as: UTF8.self)
      while let end = partial.firstIndex(of: "\n") {
        let line = String(partial[..<end])
        partial = String(partial[partial.index(after: end)...])
        if !line.isEmpty { lines.append(line) }
      }
    }
  }

  /// Brings the session through a greeting.
  mutating func connect(_ capabilities: String...) { connect(capabilities, without: "OTHER") }

  mutating func connect(_ capabilities: [String], without missing: String) {
    open()
    say("echo:Unknown command: \"M27\"", "ok")
    say("Line: 0", "ok")
    say("FIRMWARE_NAME:Marlin test MACHINE_TYPE:Test EXTRUDER_COUNT:1")
    for capability in capabilities { say("Cap:\(capability):1") }
    say("Cap:\(missing):0", "ok")
    say("ok T:21.0 /0.0 B:20.0 /0.0 @:0 B@:0")
    if capabilities.contains("AUTOREPORT_TEMP") { say("ok") }
    _ = sent()
    actions.removeAll()
  }

  mutating func startJob() throws {
    try session.startJob(JobStart(token: 7), now: now)
    run()
  }

  /// A connected session with a running job and temperature reports.
  static func printing(
    capabilities: [String] = ["AUTOREPORT_TEMP"], without missing: String = "OTHER",
    _ change: (inout SessionConfiguration) -> Void = { _ in }
  ) throws -> Rig {
    var rig = Rig(change)
    rig.connect(capabilities, without: missing)
    try rig.startJob()
    rig.actions.removeAll()
    return rig
  }

  /// The highest number sent so far.
  var highest: Int64 { session.stream.highest }

  /// Answers every line that was written with `ok`, M105 with temperatures, until nothing more is written.
  mutating func obey(tool: Double = 200, bed: Double = 60) -> [String] {
    var all: [String] = []
    for _ in 0..<200 {
      let now = sent()
      if now.isEmpty { break }
      for line in now {
        all.append(Self.content(line))
        if Self.content(line) == "M105" {
          say("ok T:\(tool) /\(tool) B:\(bed) /\(bed) @:0 B@:0")
        } else {
          say("ok")
        }
      }
    }
    return all
  }
}
