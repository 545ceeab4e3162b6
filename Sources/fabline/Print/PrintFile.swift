import ArgumentParser
import DeviceDiscovery
import DriverInterface
import GCode
import Glibc

struct PrintFile: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    commandName: "print",
    abstract: "Prints a file without a daemon: driver, progress, done.",
    discussion: """
      The file is looked at before the port. Ctrl-C asks once; a second one cancels safely: heaters off, lift, park. \
      A closed terminal detaches and never cancels: `fabline attach` takes up again.

      On a laser or a mill that speaks GRBL it shows where the file works and how the machine is set, and asks before the \
      first line.
      """)

  @Argument(help: "The sliced file.", completion: .file(extensions: ["gcode", "gco", "g", "nc"]))
  var file: String
  @Option(help: "The printer's port; `fabline ports` lists them.", completion: .file())
  var port: String
  @Option(help: "Its speed.") var baud = 115_200
  @Option(help: "\(Dialects.list); auto finds out.") var dialect: String?
  @Option(help: ArgumentHelp("What the firmware's receive buffer holds, where you know.", valueName: "bytes"))
  var receiveBuffer: Int?
  @Option(help: ArgumentHelp("What the firmware's command queue holds, where you know.", valueName: "lines"))
  var queueLines: Int?
  @Option(help: ArgumentHelp("At most so many lines in flight; 1 waits for each ok.", valueName: "lines"))
  var window: Int?
  @Option(help: ArgumentHelp("Refuse files hotter than this.", valueName: "celsius")) var maxTool = 285.0
  @Option(help: ArgumentHelp("Refuse files with a hotter bed.", valueName: "celsius")) var maxBed = 120.0
  @Option(help: ArgumentHelp("Whether opening the port resets the board.", valueName: "yes|no"))
  var resetsOnOpen: Choice?
  @Option(help: "The name to attach by; the port's without.") var name: MachineName?
  @Flag(help: "Print despite problems of the file that may be lifted; limits never are.") var force = false
  @Flag(
    name: .customLong("allow-m3"),
    help: "A laser's file may use M3, which burns on while the machine stands still.")
  var allowM3 = false
  @Flag(help: "No questions. A laser or a mill does not start by it: who starts these has to see the bounds.")
  var yes = false
  @Flag(help: "Leave the driver and the link up afterwards.") var keep = false
  @Flag(help: "Write every line both ways to a wire log.") var wireLog = false
  @Option(
    help: ArgumentHelp(
      "Real-time priority of the driver's wire thread, 1 to 99, on a busy machine.", valueName: "priority"))
  var realtime: Int?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard baud > 0 else { throw ValidationError("--baud must be above 0.") }
    for (name, value) in [("receive-buffer", receiveBuffer), ("queue-lines", queueLines), ("window", window)]
    {
      if let value, value < 1 { throw ValidationError("--\(name) must be above 0.") }
    }
    if let realtime, !(1...99).contains(realtime) { throw ValidationError("--realtime is 1 to 99.") }
  }

  func perform(_ context: Context) async throws {
    let dialect = try dialect.flatMap { text throws(Failure) in try Dialects.named(text) }
    let (look, obstacle) = try lookAtFile(dialect)
    // What is said of files for printers (homing, heat) is no news to a laser or a mill.
    let warnings = obstacle == nil && !Dialects.isAttended(dialect) ? look.warnings : []
    for warning in warnings.prefix(5) { Output.complain("\(look.name): " + TextWidth.harmless(warning)) }
    let path = RunFolder.absolute(port)
    try Self.lookAtPort(path)
    var options = DirectOptions(
      port: path, baud: baud,
      dialect: dialect,
      maxTool: maxTool, maxBed: maxBed, resetsOnOpen: resetsOnOpen, wireLog: wireLog)
    options.receiveBuffer = receiveBuffer
    options.queueLines = queueLines
    options.window = window
    options.allowM3 = allowM3
    options.realtime = realtime
    let runFolder = try DirectPlace.usable(context.runFolder)
    let place =
      name.map { DirectPlace(name: $0.value, runFolder: runFolder) }
      ?? DirectPlace(port: path, runFolder: runFolder)
    try await Self.clear(place, port: path)
    let driver = try await DirectDriver.start(options, at: place)
    try await Self.reportBefore(try await driver.status(), driver)
    let attempt = try await Self.stage(look, on: driver)
    var run = DirectRun(driver: driver, attempt: attempt, name: look.name, keep: keep, output: context.output)
    try await run.start(AttendedPrint(path: look.path, attempt: attempt, yes: yes), printersRefuse: obstacle)
  }

  /// Looks at the file. Where nobody says which firmware will get it, one that is for lasers and mills only is kept in mind.
  private func lookAtFile(_ dialect: String?) throws(Failure) -> (FileLook, printersRefuse: Failure?) {
    let path = RunFolder.absolute(file)
    do throws(Failure) {
      return (try FileLook.whole(at: path, limits: limits(dialect ?? "marlin"), force: force), nil)
    } catch {
      guard dialect == nil, let look = try? FileLook.whole(at: path, limits: limits("grbl"), force: force)
      else {
        throw error
      }
      return (look, error)
    }
  }

  private func limits(_ dialect: String) -> FileCheckLimits {
    var limits = FileCheckLimits(maximumTool: maxTool, maximumBed: maxBed)
    limits.severalCommandsALine = ["grbl", "grblhal", "rrf", "smoothie"].contains(dialect)
    if Dialects.isAttended(dialect) {
      limits.line = LineLimit(characters: dialect == "grbl" ? 79 : 256, isNumbered: false)
      // Their lines need no letter in front, and nothing of theirs is heated or extruded.
      limits.allowed.insert(.macros)
    }
    return limits
  }

  /// A port that is not there at all is said at once; everything else the driver finds out by opening it.
  private static func lookAtPort(_ path: String) throws(Failure) {
    var facts = stat()
    guard stat(path, &facts) != 0 else { return }
    let words =
      errno == ENOENT
      ? "there is no port \(path)" : "\(path) cannot be reached: \(String(cString: strerror(errno)))"
    let others = Ports.list(.current(), all: false).map(\.path)
    let there = others.isEmpty ? "no serial port is there" : "there are " + others.joined(separator: ", ")
    throw Failure(
      code: "port.missing", sentence: "\(words); is the printer plugged in and on? (\(there))",
      status: .unavailable)
  }

  /// Makes room at a place: a print that runs there is not disturbed, one that ended there is reported and cleared.
  private static func clear(_ place: DirectPlace, port: String) async throws {
    guard SocketProbe.connect(place.socket) == 0 else { return }
    let driver = try await DirectDriver.adopt(place)
    let status = try await driver.status()
    if let running = status.running {
      driver.connection.close()
      throw Failure(
        code: "port.busy",
        sentence:
          "\(running.name) is being printed on \(status.identity.port): `fabline attach \(place.name)` shows it",
        status: .unavailable)
    }
    try await reportBefore(status, driver)
    await driver.end()
  }

  /// Says what became of prints that nobody saw end here; of one whose driver died, too.
  private static func reportBefore(_ status: DriverStatus, _ driver: DirectDriver) async throws {
    for outcome in status.outcomes {
      Output.complain("before: " + TextWidth.harmless(DirectRun.sentence(outcome)))
      try await driver.ask(.acknowledgeOutcome(outcome.progress.attempt))
    }
  }

  private static func stage(_ look: FileLook, on driver: DirectDriver) async throws -> AttemptID {
    var random = SystemRandomNumberGenerator()
    let attempt = AttemptID.random(using: &random)
    let staged = StagedAttempt(
      attempt: attempt, job: 0, path: look.path, size: look.size, name: look.name, lines: look.content.lines,
      seconds: look.content.seconds, layers: look.content.layers > 0 ? look.content.layers : nil)
    do throws(Failure) {
      try await driver.ask(.stage(staged))
    } catch {
      await driver.end(force: true)
      throw error
    }
    return attempt
  }
}

extension DirectPlace {
  /// The run folder that direct prints of this user go to: the asked one, or, where it cannot be written and nobody
  /// named it, one of the user's own below `/tmp`.
  static func usable(_ runFolder: RunFolder) throws(Failure) -> RunFolder {
    do {
      try Folders.make(runFolder.directFolder)
      return runFolder
    } catch {
      guard runFolder == RunFolder(path: "/run/fabline") else { throw error }
      try Folders.make(RunFolder.ownFallback.directFolder)
      try Folders.checkOwn(RunFolder.ownFallback.path)
      return .ownFallback
    }
  }
}
