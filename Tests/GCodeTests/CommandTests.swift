import GCode
import Testing

@Suite struct CommandTests {
  @Test(arguments: [
    ("G1 X10 Y5.5 F3000", "G1"), ("g28", "G28"), ("M109 S200", "M109"), ("T0", "T0"), ("Tx", "Tx"),
    ("T?", "Tx"),
    ("G29.1", "G29.1"), ("G01X1", "G1"), ("M117 Hello", "M117"), ("N42 G1 X1*5", "G1"), ("M1003", "M1003"),
    ("T", "Tx"),
  ])
  func names(line: String, expected: String) {
    #expect(command(line)?.name == expected)
  }

  @Test(arguments: ["", "PRINT_START", ";G1", "G", "%", "*12", "Txy", "M99999999999999", "\u{0}", "é"])
  func notCommands(line: String) {
    #expect(command(line) == nil)
  }

  @Test func parametersWithAndWithoutSpaces() {
    for line in [
      "G1 X10 Y-5.5 E.25 F3000", "G1X10Y-5.5E.25F3000", "g1 x10 y-5.5 e.25 f3000",
      "G1 X 10 Y -5.5 E .25 F 3000",
    ] {
      let command = command(line)
      #expect(
        command?["X"] == 10 && command?["Y"] == -5.5 && command?["E"] == 0.25 && command?["F"] == 3000,
        "\(line)")
      #expect(command?["Z"] == nil && command?.has("Z") == false, "\(line)")
    }
  }

  @Test func parametersWithoutNumbers() {
    let home = command("G28 X Y")
    #expect(home?.has("X") == true && home?["X"] == nil)
    #expect(home?.isBare == false && command("G28")?.isBare == true)
    #expect(command("M109 S")?.has("S") == true)
  }

  @Test func theLastValueCountsAndEIsAnAxis() {
    #expect(command("G1 X1 X2")?["X"] == 2)
    let command = command("G1 X1E5")
    #expect(command?["X"] == 1 && command?["E"] == 5)
  }

  @Test func textIsNotParameters() {
    let message = command("M117 Layer X3 *5")
    #expect(message?.textOffset == 5 && message?.has("X") == false && message?.carriesNumber == false)
    #expect(command("M23 PART~1.GCO")?.textOffset == 4)
    #expect(command("M105")?.textOffset == nil)
    #expect(command("M20 P\"X9.gco\" Y1")?.has("X") == false)
  }

  @Test(arguments: [
    ("N5 G1 X1*12", true), ("N5G1", true), ("G1 X1*12", true), ("G1 X1", false), ("M117 a*b", false),
    ("n7 M105", true),
  ])
  func numbersAndChecksumsAreNoticed(line: String, expected: Bool) {
    #expect(command(line)?.carriesNumber == expected)
  }

  @Test func outOfRangeLettersAreAbsent() {
    #expect(
      command("G1 X1")?["é"] == nil && command("G1 X1")?["x"] == nil
        && command("G1 X1")?.has("\u{0}") == false)
  }
}

@Suite struct CommandTraitsTests {
  static func traits(_ line: String) -> CommandTraits { command(line).map { CommandTraits.of($0) } ?? [] }

  @Test(arguments: [
    "M109 S200", "M190 S60", "M0", "M1", "M600", "G28", "G29", "M400", "M226", "M303", "G4 S1", "G30", "G33",
    "G34", "M48", "M191",
  ])
  func nothingMayBeInFlightBehind(line: String) {
    #expect(Self.traits(line).contains(.blocking), "\(line)")
    #expect(Self.traits(line).contains(.drainsPlanner), "\(line)")
  }

  @Test(arguments: ["G1 X1", "M104 S200", "M106 S255", "M105", "M220 S100", "G90", "M82", "M117 x", "M73 P1"])
  func answeredAtOnce(line: String) {
    #expect(!Self.traits(line).contains(.blocking), "\(line)")
  }

  @Test(
    arguments: [
      ("G0 X1", CommandTraits([.motion, .planned])), ("M104 S1", [.setsHeat]),
      ("M109 S1", [.setsHeat, .waitsForHeat]),
      ("G91", [.changesModes]), ("M83", [.changesModes]), ("G92 E0", [.changesPosition]),
      ("T1", [.changesTool]),
      ("M112", [.emergency, .stopsFirmware]), ("M108", [.emergency]), ("M110 N0", [.setsLineNumber]),
      ("M302 P1", [.dangerous]),
      ("M997", [.dangerous]), ("M500", [.storedSettings]), ("M84", [.releasesMotors]),
      ("M18", [.releasesMotors]),
      ("M27", [.reports]), ("M105", [.reports]), ("M114", [.reports]), ("G28", [.homing, .motion]),
      ("M600", [.waitsForPerson]),
      ("M524", [.emergency, .sdCard]), ("M876 S1", [.emergency]), ("M24", [.sdCard]),
    ] as [(String, CommandTraits)])
  func table(line: String, expected: CommandTraits) {
    #expect(Self.traits(line).isSuperset(of: expected), "\(line)")
  }

  @Test func onlyHeatWaitsWaitForHeat() {
    #expect(!Self.traits("M104 S200").contains(.waitsForHeat))
    #expect(!Self.traits("G1 X1").contains(.idempotent))
    #expect(Self.traits("M104 S200").contains(.idempotent))
    for line in ["M83", "G91", "G92 E0", "G28 X"] {
      #expect(!Self.traits(line).contains(.idempotent), "\(line)")
    }
    #expect(Self.traits("M12345").isEmpty)
  }
}
