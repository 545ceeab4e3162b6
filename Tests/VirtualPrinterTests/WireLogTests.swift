import Glibc
import Testing

@Suite("A wire log played to the virtual printer")
struct WireLogTests {
  private let log = """
    100.000000000 # opened /dev/ttyUSB0 at 115200 baud
    100.500000000 < \\x
    101.000000000 > $I
    101.010000000 < [VER:1.1h.20190830:]
    101.011000000 < [OPT:V,15,128]
    101.012000000 < ok
    102.000000000 > G91
    102.003000000 < ok
    102.010000000 > G1 X0.5 F300
    102.020000000 < ok
    102.030000000 > ?G1 X99 F0
    102.040000000 < <Run|MPos:0.001,0.000,0.000|FS:30,0|WCO:0.000,0.000,0.000>
    102.050000000 < error:22

    """

  private func replay(_ text: String, _ options: String...) throws -> (code: Int32, output: String) {
    let (holder, _) = try PrinterProcess.onTerminal("--profile", "grbl11")
    holder.write(text, to: "log")
    let ended = try PrinterProcess(["--replay", holder.folder + "/log"] + options).end(signal: 0)
    return (ended.code, ended.output)
  }

  @Test func sameRepliesAreNoDifference() throws {
    let sound = log.replacing("100.500000000 < \\x\n", with: "")
    let (code, output) = try replay(sound, "--profile", "grbl11")
    #expect(output == "4 lines played, 6 replies recorded, 6 replayed, 6 the same\n")
    #expect(code == 0)
  }

  @Test func everyDifferenceIsPrinted() throws {
    let (code, output) = try replay(
      log.replacing("101.012000000 < ok", with: "101.012000000 < error:8"), "--profile", "grbl11")
    #expect(code == 1)
    let lines = output.split(separator: "\n").map(String.init)
    #expect(lines.count == 4, "\(output)")
    #expect(lines.contains("0.500000000 recorded only: \\x"))
    #expect(lines.contains("1.012000000 recorded only: error:8"))
    #expect(lines.contains { $0.hasSuffix(" replayed only: ok") })
    #expect(lines.last == "4 lines played, 7 replies recorded, 6 replayed, 5 the same")
  }

  /// The recorder cuts long lines, a temperature may come by itself behind the end, and a piece of a line is no line.
  @Test func recordersHabitsAreNoDifference() throws {
    let log = """
      5.000000000 > M115
      5.100000000 < FIRMWARE_NAME:Prusa-Firmware 3.14.0+8093_0c9bf5d based on Marlin \
      FIRMWARE_URL:https://github.com/prusa3d/Prusa-Firmware PROTOCOL_VERSION:1.0 MACHINE_TYPE:Prusa i3 MK3S \
      EXTRUDER_COUNT:1 UUID:00000000-0
      5.200000000 > M155 S1
      5.500000000 > G9 (no end yet)

      """
    let (_, output) = try replay(log, "--profile", "prusa", "--any-baud")
    #expect(!output.contains("FIRMWARE_NAME"), "\(output)")
    #expect(!output.contains("replayed only: T:"), "\(output)")
    #expect(output.hasSuffix(" the same\n"))
    #expect(output.split(separator: "\n").last?.hasPrefix("2 lines played, 1 replies recorded") == true)
  }

  @Test func anotherFirmwareAnswersOtherwise() throws {
    let (code, output) = try replay(log, "--profile", "marlin21")
    #expect(code == 1)
    #expect(output.contains("replayed only: echo:Unknown command"))
  }

  @Test func missingLogIsTold() throws {
    let ended = try PrinterProcess(["--replay", "/nowhere/log"]).end(signal: 0)
    #expect(ended.code == 66)
    #expect(ended.errors.contains("/nowhere/log"))
  }
}
