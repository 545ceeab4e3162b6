import Glibc
import Testing

@Suite("The virtual printer's arguments")
struct ArgumentTests {
  @Test(
    arguments: [
      (["--profile", "marlin99"], "no profile marlin99"), (["--profile"], "--profile needs a value"),
      (["--nonsense"], "unknown option --nonsense"), (["--nonsense", "5"], "unknown option --nonsense"),
      (["--baud", "fast"], "--baud"), (["--baud", "0"], "--baud"),
      (["--time-factor", "-1"], "--time-factor"),
      (["--faults", "flip-in=2"], "cannot read flip-in=2"), (["--seed", "x"], "--seed"),
      (["--rx-buffer", "1"], "--rx-buffer"), (["--queue", "many"], "--queue"),
      (["--planner", "-3"], "--planner"),
      (["--attach"], "--attach needs a value"), (["--tuned", "much"], "--tuned"),
      (["--realtime", "0"], "--realtime"),
      (["--attach", "/dev/null", "--link", "port"], "exclude each other"),
      (["--setting", "32"], "--setting"), (["--setting", "77=1"], "--setting"),
      (["--setting", "0=1"], "--setting"),
    ])
  func wrongOnesAreRefused(_ arguments: [String], sentence: String) throws {
    let ended = try PrinterProcess(arguments).end(signal: 0)
    #expect(ended.code == 64)
    #expect(ended.errors.contains(sentence), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }

  @Test func helpNamesEveryOption() throws {
    let ended = try PrinterProcess(["--help"]).end(signal: 0)
    #expect(ended.code == 0)
    for option in [
      "--profile", "--rx-buffer", "--queue", "--planner", "--advanced-ok", "--laser", "--replay", "--attach",
      "--tuned",
    ] {
      #expect(ended.output.contains("  \(option) "))
    }
  }

  /// Every profile that the help names is there, and says who it is.
  @Test(
    arguments: [
      ("marlin21", "FIRMWARE_NAME:Marlin"), ("marlin21full", "FIRMWARE_NAME:Marlin"),
      ("marlin10", "FIRMWARE_NAME:Marlin"), ("prusa", "FIRMWARE_NAME:Prusa"),
      ("rrf", "FIRMWARE_NAME: RepRapFirmware"),
      ("repetier", "FIRMWARE_NAME:Repetier"), ("smoothie", "FIRMWARE_NAME:Smoothieware"),
      ("klipper", "FIRMWARE_NAME:Klipper"), ("grbl11", "error:20"), ("grblhal", "error:20"),
    ])
  func profileSaysWhoItIs(_ name: String, words: String) throws {
    #expect(try PrinterProcess(["--help"]).end(signal: 0).output.contains(name))
    let (printer, port) = try PrinterProcess.onTerminalOf(["--profile", name, "--no-pacing", "--any-baud"])
    let host = try HostPort(port)
    try host.write("M115\n")
    try host.read(until: words)
    #expect(try printer.end().code == 0)
  }

  @Test func filesThatCannotBeWrittenAreTold() throws {
    let ended = try PrinterProcess(["--executed", "/nowhere/executed"]).end(signal: 0)
    #expect(ended.code == 74)
    #expect(ended.errors.contains("/nowhere/executed"))
  }

  @Test(
    arguments: [
      (["--profile", "grbl11", "--rx-buffer", "256"], "$I", "[OPT:V,15,256]"),
      (["--planner", "36", "--profile", "grbl11"], "$I", "[OPT:V,35,128]"),
      (["--profile", "grbl11", "--laser"], "$$", "$32=1\r\n"),
      (["--profile", "grbl11", "--setting", "10=3", "--setting", "13=1"], "$$", "$10=3\r\n"),
      (["--profile", "marlin21full", "--queue", "8"], "M115", "ok N-1 P15 B7"),
      (["--profile", "marlin21", "--advanced-ok", "--planner", "8"], "M115", "P7 B3"),
    ])
  func optionsChangeTheFirmware(_ arguments: [String], question: String, answer: String) throws {
    let (printer, port) = try PrinterProcess.onTerminalOf(arguments)
    let host = try HostPort(port)
    try host.write(question + "\n")
    if answer.hasPrefix("ok") || answer.hasPrefix("P") {
      let said = try host.read(until: "\nok") + host.read(until: "\n")
      let wanted = answer.hasPrefix("ok N-1") ? String(answer.dropFirst(6)) : answer
      #expect(said.contains(wanted), "\(said)")
    } else {
      try host.read(until: answer)
    }
    #expect(try printer.end().code == 0)
  }
}

extension PrinterProcess {
  static func onTerminalOf(_ arguments: [String]) throws -> (PrinterProcess, String) {
    let printer = try PrinterProcess(arguments)
    return (printer, String(try printer.readLine().dropFirst(5)))
  }
}
