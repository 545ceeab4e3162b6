import APIModel
import ArgumentParser
import Testing

@testable import fabline

@Suite struct MachineVerbTests {
  private func settings(_ arguments: [String]) throws -> MachineSettings {
    let command = try Fabline.parseAsRoot(["machine", "add", "ender", "--port", "/dev/ttyUSB0"] + arguments)
    let add = try #require(command as? MachineAdd)
    var settings = MachineSettings(name: add.name.value, port: add.port)
    try add.changes.apply(to: &settings)
    return settings
  }

  @Test func whatIsNotGivenStaysAsItIs() throws {
    #expect(try settings([]) == MachineSettings(name: "ender", port: "/dev/ttyUSB0"))
  }

  @Test func everySettingIsTaken() throws {
    let settings = try settings([
      "--baud", "250000", "--pool", "minis", "--volume", "220x220x250.5", "--nozzle", "0.4,0.6", "--material",
      "PLA",
      "--colour", "black, red", "--max-tool", "300", "--holds-z", "yes", "--resets-on-open", "no",
      "--macro", "level=G28; G29", "--script", "end=M84", "--hot-end-off-after", "120", "--bed-off-after",
      "0",
      "--standby-after", "7200",
    ])
    #expect(settings.hotEndOffAfter == 120 && settings.bedOffAfter == nil && settings.standbyAfter == 7200)
    #expect(settings.baud == 250_000 && settings.pool == "minis" && settings.volume == [220, 220, 250.5])
    #expect(
      settings.tools == [
        ToolModel(nozzle: 0.4, material: "PLA", colour: "black"),
        ToolModel(nozzle: 0.6, material: nil, colour: "red"),
      ])
    #expect(settings.maxTool == 300 && settings.holdsZ && settings.resetsOnOpen == false)
    #expect(settings.macros == ["level": ["G28", "G29"]] && settings.scripts == ["end": ["M84"]])
  }

  @Test func theFirmwareIsDescribed() throws {
    let settings = try settings([
      "--dialect", "GRBL", "--receive-buffer", "128", "--queue-lines", "4", "--window", "3", "--host-only",
      "yes",
      "--allow-m3", "no", "--class", "laser",
    ])
    #expect(settings.dialect == "grbl" && settings.receiveBuffer == 128 && settings.queueLines == 4)
    #expect(settings.window == 3 && settings.hostOnly && !settings.allowM3 && settings.machineClass == .laser)
    #expect(try self.settings(["--dialect", "auto", "--window", "0"]).dialect == nil)
  }

  @Test func klipperIsDeclinedWithItsReason() {
    #expect(
      throws: Failure.usage("klipper is driven by its own host (Klippy); Fabline does not send to its port")
    ) {
      try settings(["--dialect", "klipper"])
    }
  }

  @Test(arguments: [
    ["--volume", "220x220"], ["--volume", "axbxc"], ["--nozzle", "wide"], ["--macro", "level"],
    ["--script", "x=G28"],
    ["--baud", "0"], ["--volume", "0x1x1"], ["--dialect", "sailfish"], ["--receive-buffer", "3"],
    ["--window", "20000"], ["--hot-end-off-after", "9"], ["--hot-end-off-after", "3601"],
    ["--bed-off-after", "14401"], ["--standby-after", "5"],
  ])
  func nonsenseIsRefusedWithASentence(_ arguments: [String]) {
    #expect(throws: Failure.self) { try settings(arguments) }
  }

  @Test func theFirmwaresNameIsCutOut() {
    let answer =
      "FIRMWARE_NAME:Marlin bugfix-2.1.x (Nov 22 2026 02:18:39) SOURCE_CODE_URL:github.com/x EXTRUDER_COUNT:1"
    #expect(MachineText.firmwareName(answer) == "Marlin bugfix-2.1.x (Nov 22 2026 02:18:39)")
    #expect(MachineText.firmwareName("Prusa 3.13") == "Prusa 3.13")
    #expect(MachineText.firmwareName("") == "")
  }

  @Test func movesAreRead() throws {
    #expect(try Jog.parse(["x10", "Y-5.5", "e.5"]) == ["x": 10, "y": -5.5, "e": 0.5])
    for words in [["x"], ["q1"], ["x1", "X2"], [], ["xnan"], ["1"]] {
      #expect(throws: (any Error).self, "\(words)") { try Jog.parse(words) }
    }
  }

  @Test func answersAreFoundByNumberOrWords() throws {
    let choices = ["Continue", "Abort", "7"]
    #expect(try Answer.index(of: "abort", in: choices, machine: "m") == 1)
    #expect(try Answer.index(of: "0", in: choices, machine: "m") == 0)
    #expect(try Answer.index(of: "7", in: choices, machine: "m") == 2)
    #expect(throws: Failure.self) { try Answer.index(of: "3", in: choices, machine: "m") }
    #expect(throws: Failure.self) { try Answer.index(of: "0", in: [], machine: "m") }
  }
}
