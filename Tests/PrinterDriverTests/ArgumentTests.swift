import Glibc
import SerialPort
import Testing

@testable import PrinterDriver

/// The driver's few options, from the command line and from a file.
struct ArgumentTests {
  private let needed = [
    "--machine", "m", "--port", "/dev/x", "--baud", "250000", "--socket", "/s", "--state", "/t", "--run",
    "/r",
  ]

  @Test func allOptionsAreRead() throws {
    let more = [
      "--dialect", "marlin1", "--max-tool", "260", "--max-bed", "90", "--tools", "2", "--volume",
      "220,210,250.5",
      "--resets-on-open", "yes", "--poll-ms", "500", "--wire-log", "--detach", "--receive-buffer", "256",
      "--queue-lines", "8", "--window", "5", "--kinematics", "delta", "--class", "laser", "--allow-m3",
      "--hold-port", "--realtime", "20", "--hot-end-off-after", "60", "--bed-off-after", "1200",
      "--standby-after", "90",
    ]
    guard case .run(let configuration, let detach) = try DriverArguments.parse(needed + more) else {
      Issue.record("not run")
      return
    }
    #expect(detach)
    #expect(configuration.machine == "m")
    #expect(configuration.serial.baud == 250_000)
    #expect(configuration.session.baud == 250_000)
    #expect(configuration.session.dialect == .marlin1)
    #expect(configuration.session.maximumTool == 260)
    #expect(configuration.session.maximumBed == 90)
    #expect(configuration.session.tools == 2)
    #expect(configuration.session.volume?.z == 250.5)
    #expect(configuration.session.resetsOnOpen == .yes)
    #expect(configuration.session.pollInterval == 500_000_000)
    #expect(configuration.wireLog)
    #expect(configuration.session.receiveBuffer == 256)
    #expect(configuration.session.queueLines == 8)
    #expect(configuration.realtimePriority == 20)
    #expect(configuration.session.windowLines == 5)
    #expect(configuration.session.patience.uncertainTool == 60_000_000_000)
    #expect(configuration.session.patience.uncertainBed == 1_200_000_000_000)
    #expect(configuration.session.patience.pausedTool == 90_000_000_000)
    #expect(configuration.session.kinematics == .delta)
    #expect(configuration.session.machineClass == .laser)
    #expect(configuration.session.allowsM3)
    #expect(configuration.holdsPort)
  }

  @Test(arguments: ["auto", "marlin", "marlin1", "grbl", "grblhal", "klipper"])
  func eachFirmwareHasItsName(name: String) throws {
    guard case .run(let configuration, _) = try DriverArguments.parse(needed + ["--dialect", name]) else {
      Issue.record("not run")
      return
    }
    #expect(configuration.session.dialect.name == name)
  }

  @Test func aFileSaysTheSame() throws {
    let folder = try TestFolder()
    let script = try folder.write("cancel", "M104 S0\nG28 X\n")
    let path = try folder.write(
      "driver.conf",
      "# a comment\nmachine m\nport /dev/x\r\nbaud   115200\n\nsocket /s\nstate /t\nrun /r\nwire-log\nscript-cancel \(script)\nscript-start \(script)\nscript-end \(script)\nhold-port\n"
    )
    guard case .run(let configuration, _) = try DriverArguments.parse(["--config", path]) else {
      Issue.record("not run")
      return
    }
    #expect(configuration.port == "/dev/x")
    #expect(configuration.wireLog)
    #expect(configuration.session.scripts.cancel == ["M104 S0", "G28 X"])
    #expect(configuration.session.scripts.start == ["M104 S0", "G28 X"])
    #expect(configuration.session.scripts.end == ["M104 S0", "G28 X"])
    #expect(configuration.holdsPort)
  }

  @Test(arguments: [
    (["--machine", "a/b"], "slash"), (["--baud", "fast"], "--baud"), (["--baud", "0"], "--baud"),
    (["--dialect", "teacup"], "--dialect"), (["--kinematics", "polar"], "--kinematics"),
    (["--class", "lathe"], "--class"), (["--window", "-1"], "--window"),
    (["--receive-buffer", "8"], "--receive-buffer"),
    (["--volume", "1,2"], "--volume"), (["--volume", "inf,220,250"], "--volume"),
    (["--volume", "0x1p9,220,250"], "--volume"), (["--volume", "220,220,2e2"], "--volume"),
    (["--colour", "red"], "--colour"),
    (["--tools"], "--tools needs"), (["stray"], "stray"), (["--config", "/nowhere/x"], "/nowhere/x"),
  ])
  func whatIsWrongIsNamed(arguments: [String], words: String) {
    do {
      _ = try DriverArguments.parse(needed + arguments)
      Issue.record("accepted")
    } catch {
      #expect(error.sentence.contains(words))
    }
  }

  @Test func onAPseudoTerminalNoAnswerIsTimedAgainstTheWire() throws {
    let folder = try TestFolder()
    let terminal = try PseudoTerminal.open()
    let link = folder.path + "/usb-Adapter-if00-port0"
    symlink(terminal.slavePath, link)
    var configuration = DriverConfiguration()
    configuration.session.baud = 115_200
    for path in [terminal.slavePath, link] {
      configuration.port = path
      #expect(configuration.sessionConfiguration(coolsOnConnect: false).baud == 0)
    }
    configuration.port = folder.path + "/later"
    #expect(configuration.sessionConfiguration(coolsOnConnect: false).baud == 115_200)
  }

  @Test func whatIsMissingIsNamed() {
    for index in stride(from: 0, to: needed.count, by: 2) {
      var some = needed
      some.removeSubrange(index...index + 1)
      #expect(throws: UsageError.self) { try DriverArguments.parse(some) }
    }
  }
}
