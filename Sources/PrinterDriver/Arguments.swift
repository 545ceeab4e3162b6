import DriverInterface
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

      --dialect marlin|marlin1       the firmware's quirks (marlin)
      --max-tool C, --max-bed C      highest targets in °C (300, 120)
      --tools N                      number of hot ends (1)
      --volume X,Y,Z                 travel from 0 in mm; without it nothing is parked
      --resets-on-open yes|no|unknown
      --z-holds yes|no               whether Z stays where it is without power (no)
      --script-pause FILE, --script-resume FILE, --script-cancel FILE
                                     lines instead of the built-in ones
      --poll-ms N                    time between two temperature reports (2000)
      --hardware-flow, --software-flow
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

  private static let flags: Set<String> = ["detach", "check", "wire-log", "hardware-flow", "software-flow"]

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
    case "baud":
      configuration.serial.baud = Int32(try number(key, value, 1...20_000_000))
      configuration.session.baud = Int64(configuration.serial.baud)
    case "socket": configuration.socketPath = value
    case "state": configuration.stateFolder = value
    case "run": configuration.runFolder = value
    case "detach": detach = try truth(key, value)
    case "check": check = try truth(key, value)
    case "wire-log": configuration.wireLog = try truth(key, value)
    case "hardware-flow": configuration.serial.hardwareFlow = try truth(key, value)
    case "software-flow": configuration.serial.softwareFlow = try truth(key, value)
    default: try setMachine(key, value)
    }
  }

  private mutating func setMachine(_ key: String, _ value: String) throws(UsageError) {
    switch key {
    case "dialect":
      switch value {
      case "marlin": configuration.session.dialect = .marlin
      case "marlin1": configuration.session.dialect = .marlin1
      default: throw UsageError(sentence: "--dialect is marlin or marlin1, not \(value)")
      }
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
    case "poll-ms": configuration.session.pollInterval = try number(key, value, 100...60_000) * 1_000_000
    case "script-pause": configuration.session.scripts.pause = try DriverArguments.lines(of: value)
    case "script-resume": configuration.session.scripts.resume = try DriverArguments.lines(of: value)
    case "script-cancel": configuration.session.scripts.cancel = try DriverArguments.lines(of: value)
    default: throw UsageError(sentence: "--\(key) is not an option")
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

  private func truth(_ key: String, _ value: String) throws(UsageError) -> Bool {
    switch value {
    case "yes": true
    case "no": false
    default: throw UsageError(sentence: "--\(key) is yes or no, not \(value)")
    }
  }

  private func volume(_ value: String) throws(UsageError) -> Volume {
    let parts = value.split(separator: ",").map { Double($0) }
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
