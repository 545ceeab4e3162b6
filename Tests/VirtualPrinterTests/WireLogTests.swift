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
    #expect(output == "4 lines played, 7 replies recorded, 7 replayed, 7 the same\n")
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
    #expect(lines.last == "4 lines played, 8 replies recorded, 7 replayed, 6 the same")
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
