import Glibc
import Testing

@Suite("The virtual printer on a terminal")
struct TerminalTests {
  @Test func namesItsPortAndAnswers() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--cold-start")
    #expect(port.hasPrefix("/dev/pts/"))
    let host = try HostPort(port)
    #expect(try host.read(until: "help]\r\n").hasSuffix("\r\nGrbl 1.1h ['$' for help]\r\n"))
    #expect(try host.ask("$I") == "[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok\r\n")
    try host.write("?")
    try host.read(until: ">")
    try host.write([0x18])
    try host.read(until: "help]")
    let report = try printer.report()
    let keys = report.text.split(separator: ",").compactMap { $0.split(separator: ":").first }.filter {
      $0.contains("\"")
    }
    #expect(Set(keys).count == keys.count, "a key stands twice in \(report.text)")
    #expect(report["statusReports"] == 1)
    #expect(report["softResets"] == 1)
    #expect(report["spindleStopBytes"] == 0)
    #expect(report.text.hasPrefix("{\"profile\":\"grbl11\",\"seed\":1,"))
    #expect(report.text.hasSuffix("}\n"))
    #expect(report["baudAsked"] == 115_200)
  }

  @Test func printerAnswersToo() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--no-pacing")
    let host = try HostPort(port)
    try host.write("M105\nG90\nG1 X5 F3000\n")
    for _ in 0..<3 { try host.read(until: "ok") }
    let report = try printer.report()
    #expect(report["executed"] == 2)
    #expect(report["executedAll"] == 3)
  }

  @Test func linkIsMadeAndTakenAway() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--link", "FOLDER/port")
    #expect(port == printer.folder + "/port")
    var target = [CChar](repeating: 0, count: 100)
    #expect(readlink(port, &target, target.count) > 0)
    try HostPort(port).ask("G90")
    #expect(try printer.end().code == 0)
    #expect(access(port, F_OK) != 0)
  }

  @Test func replacesNoFileByItsLink() throws {
    let (other, _) = try PrinterProcess.onTerminal()
    other.write("mine", to: "log")
    let refused = try PrinterProcess(["--link", other.folder + "/log"]).end(signal: 0)
    #expect(refused.code == 74)
    #expect(refused.errors.contains("will not replace"))
    #expect(other.file("log") == "mine")
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func signalEndsItWithAReport(_ signal: Int32) throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11")
    try HostPort(port).ask("G21")
    #expect(try printer.end(signal: signal).code == 0)
    #expect(Report(text: printer.file("report"))["executed"] == 1)
  }

  @Test func endsWhenTheHostHasGone() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--exit-when-closed")
    do {
      let host = try HostPort(port)
      try host.ask("G21")
    }
    #expect(try printer.end(signal: 0).code == 0)
  }

  /// At a wrong speed not even the banner can be read, nor any line by the firmware.
  @Test(arguments: ["grbl11", "marlin21"])
  func wrongSpeedIsGarbage(_ profile: String) throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", profile, "--cold-start")
    let host = try HostPort(port, baud: 57_600)
    let banner = profile == "grbl11" ? "\r\nGrbl 1.1h ['$' for help]\r\n" : "start\n"
    let garbage = try host.read(count: banner.utf8.count)
    #expect(garbage != Array(banner.utf8))
    // The chance that a third of the bytes are right by themselves is none.
    #expect(zip(garbage, banner.utf8).count { $0 == $1 } < banner.utf8.count / 2)
    try host.setSpeed(115_200)
    // What is left of the garbage in the line ends with the first line feed.
    try host.write("\nM105\n")
    try host.read(until: profile == "grbl11" ? "error:20" : "ok T:")
    #expect(try printer.report()["baudAsked"] == 115_200)
  }

  @Test func unpluggedAndPluggedInAgain() throws {
    let (printer, port) = try PrinterProcess.onTerminal(
      "--profile", "grbl11", "--link", "FOLDER/port", "--faults", "unplug@1:100ms")
    let host = try HostPort(port)
    try host.ask("G21")
    // The cable is out before this line is done: nobody answers.
    try host.write("G90\n")
    try host.readUntilHangUp()
    try eventually("the port is back") { access(port, F_OK) == 0 }
    let again = try HostPort(port)
    try again.ask("G91")
    #expect(try printer.report()["executed"] == 3)
  }

  /// A test pulls the cable at a moment of its own choice, and puts it in again.
  @Test func signalPullsTheCable() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--link", "FOLDER/port")
    let host = try HostPort(port)
    try host.ask("G21")
    printer.signal(SIGUSR1)
    try host.readUntilHangUp()
    #expect(access(port, F_OK) != 0)
    printer.signal(SIGUSR1)
    try eventually("the port is back") { access(port, F_OK) == 0 }
    try HostPort(port).ask("G91")
    #expect(try printer.report()["executed"] == 2)
  }

  @Test func signalAsksForTheReportInBetween() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--setting", "32=0")
    let host = try HostPort(port)
    try host.ask("M3 S500")
    printer.signal(SIGUSR2)
    try eventually("the report is there") { printer.file("report").hasSuffix("}\n") }
    let report = Report(text: printer.file("report"))
    #expect(report["executed"] == 1)
    #expect(report.text.contains("\"beamIsOn\":true"))
    try host.ask("M5")
    #expect(try printer.report().text.contains("\"beamIsOn\":false"))
  }

  /// Lines are in the file while the stream goes on, whole ones.
  @Test func executedLinesAreThereSoon() throws {
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11")
    let host = try HostPort(port)
    let lines = (1...400).map { "G90 G21 (\($0))" }
    var oks = 0
    var seenEarly = false
    // All at once: the controller keeps up with the wire, which is never idle.
    try host.write(lines.map { $0 + "\n" }.joined())
    while oks < 350, !seenEarly {
      try host.read(until: "ok\r\n")
      oks += 1
      let text = printer.file("executed")
      #expect(text.isEmpty || text.hasSuffix(")\n"))
      seenEarly = text.split(separator: "\n").count >= 20
    }
    #expect(seenEarly)
    while oks < lines.count {
      try host.read(until: "ok\r\n")
      oks += 1
    }
    #expect(try printer.report()["executed"] == 400)
    #expect(printer.file("executed") == lines.map { "- \($0)\n" }.joined())
  }

  /// A laser's cable is pulled while it burns: the program tells how long the beam then stood.
  @Test(arguments: [("M3", 5.0...1e6), ("M4", 0.0...0.05)])
  func cablePulledInMidBurnIsCounted(_ mode: String, still: ClosedRange<Double>) throws {
    let (printer, port) = try PrinterProcess.onTerminal(
      "--profile", "grbl11", "--laser", "--link", "FOLDER/port", "--time-factor", "50", "--baud", "4000000",
      "--faults", "unplug@3:10s")
    let host = try HostPort(port, baud: 4_000_000)
    for line in ["G91", "\(mode) S500", "G1 X40 F1200"] { try host.ask(line) }
    try host.write("G1 X1\n")
    try host.readUntilHangUp()
    // Ten seconds of the machine, two of them for the move.
    try eventually("the port is back") { access(port, F_OK) == 0 }
    let report = try printer.report()
    #expect(still.contains(report["beamOnStillAfterHostGoneSeconds"] ?? -1), "\(report.text)")
    #expect((report["beamOnAfterHostGoneSeconds"] ?? 0) > 1)
    #expect((report["beamHighest"] ?? 0) > 400)
  }
}
