import VirtualFirmware

/// What the command line asks for.
struct Options {
  enum OnArguments {
    case run(Options)
    case help
    case wrong(String)
  }

  var profile = FirmwareProfile.marlin21
  var link: String?
  /// Firmware seconds in a second of life; nil for as fast as possible.
  var timeFactor: Double? = 1
  var paced = true
  var report: String?
  var executed: String?
  var faults = FaultPlan()
  var seed: UInt64 = 1
  var cardPrint = false
  var sdCard = false
  var resetOnOpen = false
  var exitWhenClosed = false
  var checksSpeed = true
  var coldStart = false

  static let help = """
    usage: virtual-printer [options]

    Puts a printer's controller on a pseudo terminal and prints `port PATH` when a host may open it.
    SIGTERM or SIGINT ends it: the report is written and the exit code is 0.

      --profile NAME       marlin21 (default), marlin21full, marlin10
      --link PATH          a symbolic link to the terminal, replaced in one step and removed at the end
      --baud N             the right speed (default: 115200); a host that asks for another gets garbage
      --any-baud           do not look at the speed that the host asked for
      --time-factor F      firmware time runs F times faster than life; 0 or `max`: waits are skipped
      --no-pacing          bytes and commands take no time; moves, heaters and pauses still do
      --reset-on-open      the board resets when the port is opened, as boards do whose DTR is wired to reset
      --cold-start         boots now and says so (default: has been up for long)
      --sd-card            a card is in the slot
      --sd-print           it prints from its card when the host comes
      --faults LIST        comma list; chances for each byte: flip-in=P flip-out=P lose-byte-in=P lose-byte-out=P;
                           for each reply: lose-ok=P double-ok=P split=P stall=P; before the executed line N, questions
                           of the host not counted: reset@N unplug@N[:2s] heater-fault@N bed-fault@N runout@N m600@N
                           prompt@N silent@N kill@N; always: no-power
      --seed N             of the chances (default: 1)
      --report FILE|-      what happened, as JSON, at the end
      --executed FILE      each executed line: its number or `-`, and its text
      --exit-when-closed   ends when the host has closed the port and nothing is left to do
      --help

    """

  static func read(_ arguments: ArraySlice<String>) -> OnArguments {
    var options = Options()
    var rest = arguments
    var baud: Int64?
    while let name = rest.popFirst() {
      if name == "--help" || name == "-h" { return .help }
      if options.takeSwitch(name) { continue }
      guard let value = rest.popFirst() else {
        return .wrong(isKnown(name) ? "\(name) needs a value" : "unknown option \(name)")
      }
      if name == "--baud" {
        guard let number = Int64(value), number > 0 else { return .wrong("--baud: not a speed: \(value)") }
        baud = number
      } else if let complaint = options.take(name, value) {
        return .wrong(complaint)
      }
    }
    if let baud { options.profile.baud = baud }
    if options.sdCard { options.profile.sdCard = true }
    return .run(options)
  }

  private static func isKnown(_ name: String) -> Bool {
    [
      "--profile", "--link", "--baud", "--time-factor", "--faults", "--seed", "--report", "--executed",
    ].contains(name)
  }

  private mutating func takeSwitch(_ name: String) -> Bool {
    switch name {
    case "--any-baud": checksSpeed = false
    case "--no-pacing": paced = false
    case "--reset-on-open": resetOnOpen = true
    case "--cold-start": coldStart = true
    case "--sd-card": sdCard = true
    case "--sd-print": cardPrint = true
    case "--exit-when-closed": exitWhenClosed = true
    default: return false
    }
    return true
  }

  /// Takes an option with its value; a sentence when it is wrong.
  private mutating func take(_ name: String, _ value: String) -> String? {
    switch name {
    case "--profile":
      guard let known = FirmwareProfile.named(value) else {
        return "no profile \(value); there are marlin21, marlin21full and marlin10"
      }
      profile = known
    case "--link": link = value
    case "--time-factor":
      if value == "max" || value == "0" {
        timeFactor = nil
      } else if let factor = Double(value), factor > 0, factor <= 100_000 {
        timeFactor = factor
      } else {
        return "--time-factor: neither a number above 0 nor max: \(value)"
      }
    case "--faults":
      do {
        faults = try FaultPlan(specification: value)
      } catch {
        return "--faults: cannot read \(error.item)"
      }
    case "--seed":
      guard let number = UInt64(value) else { return "--seed: not a whole number: \(value)" }
      seed = number
    case "--report": report = value
    case "--executed": executed = value
    default: return "unknown option \(name)"
    }
    return nil
  }
}
