import VirtualFirmware

/// What the command line asks for.
struct Options {
  enum OnArguments {
    case run(Options)
    case help
    case wrong(String)
  }

  var profile = Profile.printer(.marlin21)
  var link: String?
  /// A terminal or socket of somebody else's, instead of one of our own.
  var attach: String?
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
  var replay: String?
  /// SCHED_FIFO priority; 0 for none.
  var realtime: Int32 = 0
  /// Changes of the profile, in the order of the command line.
  private var changes: [(inout Profile) -> Void] = []

  static let help = """
    usage: virtual-printer [options]

    Puts a printer's controller on a pseudo terminal and prints `port PATH` when a host may open it.
    SIGTERM or SIGINT ends it: the report is written and the exit code is 0. SIGUSR1 pulls the cable, and plugs it in
    again; SIGUSR2 writes the report as it stands and goes on.

      --profile NAME       marlin21 (default), marlin21full, marlin10, prusa, rrf, repetier, smoothie, klipper;
                           grbl11, grblhal
      --rx-buffer N        bytes of the receive ring, as the firmware's own setting counts them
      --queue N            lines that a printer's queue holds (BUFSIZE)
      --planner N          blocks of the planner's ring, of which one stays empty
      --tuned SEED         a printer's accelerations, corners and feedrates are 0.3 to 3 times the usual, by this seed
      --advanced-ok        a printer's `ok` tells of queue and planner
      --laser              a GRBL machine is a laser: $32=1, quick axes
      --setting N=VALUE    a GRBL machine's setting; may be given more than once
      --link PATH          a symbolic link to the terminal, replaced in one step and removed at the end
      --attach PATH        serves an existing serial terminal, or connects to a Unix socket (a virtual machine's serial
                           device), instead of making a terminal; waits for it, and again when it goes
      --baud N             the right speed (default: the profile's own); a host that asks for another gets garbage
      --any-baud           do not look at the speed that the host asked for
      --time-factor F      firmware time runs F times faster than life; 0 or `max`: waits are skipped
      --no-pacing          bytes and commands take no time; moves, heaters and pauses still do
      --reset-on-open      the board resets when the port is opened, as boards do whose DTR is wired to reset
      --cold-start         boots now and says so (default: has been up for long)
      --sd-card            a card is in the slot
      --sd-print           it prints from its card when the host comes
      --faults LIST        comma list; chances for each byte: flip-in=P flip-out=P lose-byte-in=P lose-byte-out=P;
                           for each line: overrun=P lose-lf-in=P; for each reply: lose-lf-out=P cut=P lose-ok=P
                           double-ok=P damage-resend=P split=P stall=P; before the executed line N, questions of the
                           host not counted: reset@N unplug@N[:2s] heater-fault@N bed-fault@N runout@N m600@N prompt@N
                           lcd-pause@N silent@N kill@N; always: no-power
      --realtime N         real-time priority, 1 to 99, where the system allows it: the printer is not late on busy cores
      --seed N             of the chances (default: 1)
      --report FILE|-      what happened, as JSON, at the end
      --executed FILE      each executed line: its number or `-`, and its text; complete lines within 20 ms
      --replay FILE        plays the host's side of a recorded wire log to the firmware, without a terminal, and prints
                           where the replies differ; the exit code is then 1
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
    // Whatever the order of the options, they change the profile that was asked for.
    for change in options.changes { change(&options.profile) }
    if let baud { options.profile.baud = baud }
    if options.attach != nil {
      if options.link != nil { return .wrong("--link and --attach exclude each other") }
      // Nothing tells which speed the host has set at the other end.
      options.checksSpeed = false
    }
    if options.sdCard { options.profile.change({ $0.sdCard = true }, { _ in }) }
    return .run(options)
  }

  private static func isKnown(_ name: String) -> Bool {
    [
      "--profile", "--link", "--baud", "--time-factor", "--faults", "--seed", "--report", "--executed",
      "--replay",
      "--rx-buffer", "--queue", "--planner", "--setting", "--attach", "--tuned",
      "--realtime",
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
    case "--advanced-ok": changes.append { $0.change({ $0.advancedOk = true }, { _ in }) }
    case "--laser": changes.append { $0.change({ _ in }, { $0 = $0.asLaser }) }
    default: return false
    }
    return true
  }

  /// Takes an option with its value; a sentence when it is wrong.
  private mutating func take(_ name: String, _ value: String) -> String? {
    switch name {
    case "--profile":
      guard let known = Profile.named(value) else {
        return "no profile \(value); --help lists them"
      }
      profile = known
    case "--rx-buffer", "--queue", "--planner": return takeSize(name, value)
    case "--setting": return takeSetting(value)
    case "--replay": replay = value
    case "--link": link = value
    case "--attach": attach = value
    case "--realtime":
      guard let number = Int32(value), (1...99).contains(number) else {
        return "--realtime: not a priority from 1 to 99: \(value)"
      }
      realtime = number
    case "--tuned":
      guard let number = UInt64(value) else { return "--tuned: not a whole number: \(value)" }
      changes.append { $0.change({ $0 = $0.tuned(seed: number) }, { _ in }) }
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

  private mutating func takeSize(_ name: String, _ value: String) -> String? {
    guard let size = Int(value), size >= 2, size <= 1 << 20 else {
      return "\(name): not a size from 2 to \(1 << 20): \(value)"
    }
    switch name {
    case "--rx-buffer": changes.append { $0.change({ $0.receiveBuffer = size }, { $0.receiveBuffer = size }) }
    case "--queue": changes.append { $0.change({ $0.queueSlots = size }, { _ in }) }
    default: changes.append { $0.change({ $0.plannerBlocks = size }, { $0.plannerBlocks = size - 1 }) }
    }
    return nil
  }

  private mutating func takeSetting(_ value: String) -> String? {
    let sides = value.split(separator: "=", maxSplits: 1)
    guard sides.count == 2, let number = Int(sides[0]), let setting = Double(sides[1]) else {
      return "--setting: not NUMBER=VALUE: \(value)"
    }
    var trial = GrblProfile.grbl11
    if number != 20, !trial.set(number, setting) { return "--setting: no such setting or value: \(value)" }
    changes.append { $0.change({ _ in }, { _ = $0.set(number, setting) }) }
    return nil
  }
}
