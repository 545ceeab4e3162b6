import DriverInterface
import GCode
import Glibc
import PrinterProtocol
import SerialPort

/// What the command line of `fabline-driver` asks for.
public enum DriverCommand: Sendable {
  /// Run with this configuration, detached from the terminal or not.
  case run(DriverConfiguration, detach: Bool)
  /// The configuration is sound: say so and end.
  case check(DriverConfiguration)
  /// Print the version.
  case version
  /// Print the usage.
  case help
}

/// A command line that cannot be understood.
public struct UsageError: Error, Equatable, Sendable {
  /// One sentence.
  public var sentence: String
}

/// Reads the few options of the driver. By hand, because the usual package brings Foundation with it.
///
/// The same words without their dashes are the keys of a configuration file, one `key value` a line; `#` begins a comment.
public struct DriverArguments {
  /// What `--help` prints.
  public static let usage = """
    usage: fabline-driver --machine NAME --port PATH --baud N --socket PATH --state DIR --run DIR [options]
           fabline-driver --config FILE

      --dialect NAME                 the firmware's quirks: \(dialects.map { $0.name }.joined(separator: ", ")) (marlin);
                                     auto finds out by what the firmware says of itself
      --receive-buffer N             bytes of the firmware's receive buffer, as set there or measured
      --queue-lines N                lines of its command queue (Marlin's BUFSIZE)
      --resume-within SECONDS        a print goes on by itself after a lost link or a dead driver within this time; 30, 0 never
      --hot-end-off-after SECONDS, --bed-off-after SECONDS
                                     heaters that an uncertain end or a lost link left on go off then (300, 3600)
      --standby-after SECONDS        a paused hot end goes to standby then (900)
      --window N                     at most so many lines in flight; 0 for as many as certainly fit, 1 for one at a time
      --kinematics cartesian|corexy|delta
      --class printer|laser|cnc      (printer)
      --allow-m3                     a laser may burn under M3, which does not go dark when motion stops
      --max-tool C, --max-bed C      highest targets in °C (300, 120)
      --tools N                      number of hot ends (1)
      --volume X,Y,Z                 travel from 0 in mm; without it nothing is parked
      --resets-on-open yes|no|unknown
      --hold-port                    leave the port closed until a client says connect
      --z-holds yes|no               whether Z stays where it is without power (no)
      --script-start FILE, --script-end FILE
                                     lines before and behind each job's own
      --script-pause FILE, --script-resume FILE, --script-cancel FILE
                                     lines instead of the built-in ones
      --poll-ms N                    time between two temperature reports (2000)
      --hardware-flow, --software-flow
      --realtime N                   real-time priority of the wire thread, 1 to 99 (0: as other programs)
      --wire-log                     log every line from the start
      --detach                       into a session of its own
      --check                        read the configuration, say what is wrong, do nothing
      --version, --help

    """

  private var configuration = DriverConfiguration()
  private var given: Set<String> = []
  private var detach = false
  private var check = false

  /// Reads the arguments, without the program's name.
  public static func parse(_ arguments: [String]) throws(UsageError) -> DriverCommand {
    if arguments.contains("--version") { return .version }
    if arguments.contains("--help") || arguments.contains("-h") { return .help }
    var reader = DriverArguments()
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else { throw UsageError(sentence: "\(word) is not an option") }
      let key = String(word.dropFirst(2))
      if DriverArguments.flags.contains(key) {
        try reader.set(key, "yes")
      } else if let value = rest.popFirst() {
        try reader.set(key, value)
      } else {
        throw UsageError(sentence: "--\(key) needs a value")
      }
    }
    return try reader.finish()
  }

  private static let flags: Set<String> = [
    "detach", "check", "wire-log", "hardware-flow", "software-flow", "hold-port", "allow-m3",
  ]

  /// The firmwares that a person can name.
  private static let dialects: [Dialect] = [
    .auto, .marlin, .marlin1, .prusa, .rrf, .repetier, .smoothie, .grbl, .grblHAL, .klipper,
  ]

  private func finish() throws(UsageError) -> DriverCommand {
    for key in ["machine", "port", "baud", "socket", "state", "run"] where !given.contains(key) {
      throw UsageError(sentence: "--\(key) is missing")
    }
    return check ? .check(configuration) : .run(configuration, detach: detach)
  }

  private mutating func set(_ key: String, _ value: String) throws(UsageError) {
    given.insert(key)
    switch key {
    case "config": try readFile(value)
    case "machine":
      guard !value.isEmpty, value.utf8.count <= 64, !value.contains("/"), value != ".", value != ".." else {
        throw UsageError(sentence: "a machine's name has 1 to 64 bytes and no slash")
      }
      configuration.machine = value
    case "port": configuration.port = value
    case "device":
      guard let device = UsbIdentity(value) else {
        throw UsageError(sentence: "--device is VENDOR:PRODUCT:SERIAL, as 1a86:7523:, not \(value)")
      }
      configuration.device = device
    case "baud":
      configuration.serial.baud = Int32(try number(key, value, 1...20_000_000))
      configuration.session.baud = Int64(configuration.serial.baud)
    case "socket": configuration.socketPath = value
    case "state": configuration.stateFolder = value
    case "run": configuration.runFolder = value
    case "detach": detach = try truth(key, value)
    case "check": check = try truth(key, value)
    case "hold-port": configuration.holdsPort = try truth(key, value)
    case "wire-log": configuration.wireLog = try truth(key, value)
    case "hardware-flow": configuration.serial.hardwareFlow = try truth(key, value)
    case "software-flow": configuration.serial.softwareFlow = try truth(key, value)
    default: try setMachine(key, value)
    }
  }

  private mutating func setFirmware(_ key: String, _ value: String) throws(UsageError) {
    switch key {
    case "dialect":
      guard let dialect = DriverArguments.dialects.first(where: { $0.name == value }) else {
        let names = DriverArguments.dialects.map { $0.name }.joined(separator: ", ")
        throw UsageError(sentence: "--dialect is one of \(names), not \(value)")
      }
      configuration.session.dialect = dialect
    case "receive-buffer": configuration.session.receiveBuffer = Int(try number(key, value, 32...65_536))
    case "queue-lines": configuration.session.queueLines = Int(try number(key, value, 1...1024))
    case "resume-within":
      configuration.session.patience.gap = try number(key, value, 0...30) * 1_000_000_000
    case "hot-end-off-after": configuration.session.patience.uncertainTool = try seconds(key, value)
    case "bed-off-after": configuration.session.patience.uncertainBed = try seconds(key, value)
    case "standby-after": configuration.session.patience.pausedTool = try seconds(key, value)
    case "window": configuration.session.windowLines = Int(try number(key, value, 0...1024))
    case "kinematics":
      guard let kinematics = Kinematics(rawValue: value) else {
        throw UsageError(sentence: "--kinematics is cartesian, corexy or delta, not \(value)")
      }
      configuration.session.kinematics = kinematics
    case "class":
      switch value {
      case "printer": configuration.session.machineClass = .printer
      case "laser": configuration.session.machineClass = .laser
      case "cnc": configuration.session.machineClass = .cnc
      default: throw UsageError(sentence: "--class is printer, laser or cnc, not \(value)")
      }
    case "allow-m3": configuration.session.allowsM3 = try truth(key, value)
    default: throw UsageError(sentence: "--\(key) is not an option")
    }
  }

  private mutating func setMachine(_ key: String, _ value: String) throws(UsageError) {
    switch key {
    case "max-tool": configuration.session.maximumTool = Double(try number(key, value, 0...1000))
    case "max-bed": configuration.session.maximumBed = Double(try number(key, value, 0...1000))
    case "tools": configuration.session.tools = Int32(try number(key, value, 1...16))
    case "volume": configuration.session.volume = try volume(value)
    case "z-holds": configuration.session.zHoldsUnpowered = try truth(key, value)
    case "resets-on-open":
      switch value {
      case "yes": configuration.session.resetsOnOpen = .yes
      case "no": configuration.session.resetsOnOpen = .no
      case "unknown": configuration.session.resetsOnOpen = .unknown
      default: throw UsageError(sentence: "--resets-on-open is yes, no or unknown, not \(value)")
      }
    case "realtime": configuration.realtimePriority = Int32(try number(key, value, 0...99))
    case "poll-ms": configuration.session.pollInterval = try number(key, value, 100...60_000) * 1_000_000
    case "script-start": configuration.session.scripts.start = try DriverArguments.lines(of: value)
    case "script-end": configuration.session.scripts.end = try DriverArguments.lines(of: value)
    case "script-pause": configuration.session.scripts.pause = try DriverArguments.lines(of: value)
    case "script-resume": configuration.session.scripts.resume = try DriverArguments.lines(of: value)
    case "script-cancel": configuration.session.scripts.cancel = try DriverArguments.lines(of: value)
    default: try setFirmware(key, value)
    }
  }

  private func number(_ key: String, _ value: String, _ range: ClosedRange<Int64>) throws(UsageError) -> Int64
  {
    guard let number = Int64(value), range.contains(number) else {
      let bounds = "\(range.lowerBound) to \(range.upperBound)"
      throw UsageError(sentence: "--\(key) takes a whole number from \(bounds), not \(value)")
    }
    return number
  }

  /// One second to a day, in ns.
  private func seconds(_ key: String, _ value: String) throws(UsageError) -> Int64 {
    try number(key, value, 1...86_400) * 1_000_000_000
  }

  private func truth(_ key: String, _ value: String) throws(UsageError) -> Bool {
    switch value {
    case "yes": true
    case "no": false
    default: throw UsageError(sentence: "--\(key) is yes or no, not \(value)")
    }
  }

  private func volume(_ value: String) throws(UsageError) -> Volume {
    let parts = value.split(separator: ",").map { DecimalNumber.read(ArraySlice(Array($0.utf8))) }
    guard parts.count == 3, let x = parts[0], let y = parts[1], let z = parts[2], x > 0, y > 0, z > 0 else {
      throw UsageError(sentence: "--volume takes three lengths in mm as 220,220,250, not \(value)")
    }
    return Volume(x: x, y: y, z: z)
  }

  private mutating func readFile(_ path: String) throws(UsageError) {
    for line in try DriverArguments.lines(of: path) {
      let words = line.split(separator: " ", maxSplits: 1)
      guard let key = words.first, !key.hasPrefix("#") else { continue }
      var value = words.count > 1 ? words[1] : "yes"
      while value.first == " " { value = value.dropFirst() }
      while value.last == " " { value = value.dropLast() }
      guard key != "config" else { throw UsageError(sentence: "\(path) names another configuration file") }
      try set(String(key), String(value))
    }
  }

  /// The lines of a small text file, empty ones left out.
  private static func lines(of path: String) throws(UsageError) -> [String] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw UsageError(sentence: "\(path) cannot be read: \(systemWords(errno))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = read(file, &space, space.count)
      guard count >= 0 else { throw UsageError(sentence: "\(path) cannot be read: \(systemWords(errno))") }
      if count == 0 { break }
      bytes += space[..<count]
    }
    return bytes.split { $0 == 10 || $0 == 13 }.map { String(decoding: $0, as: UTF8.self) }
  }
}
