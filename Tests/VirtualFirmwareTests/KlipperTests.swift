import Testing

@testable import VirtualFirmware

@Suite("Klipper's pseudo terminal, enough to be known by")
struct KlipperTests {
  @Test func saysWhatItIs() {
    var bench = Bench(.klipper, coldStart: true)
    #expect(bench.wait(seconds: 1) == ["// Klipper state: Ready"])
    #expect(bench.ask("M115") == ["ok FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.13.0-730-g84104bbbd"])
    #expect(bench.ask("M105") == ["ok B:21.9 /0.0 T0:21.9 /0.0"])
  }

  @Test(arguments: ["N1 M110*38", "N5 M110*1", "N9 M110", "M110*40", "", "; comment", "m110"])
  func everyLineIsTaken(_ line: String) {
    var bench = Bench(.klipper)
    #expect(bench.ask(line) == ["ok"])
  }

  @Test(arguments: ["FOO", "M9999", "M155 S1", "M113", "M108"])
  func whatItDoesNotKnowItSays(_ line: String) {
    var bench = Bench(.klipper)
    #expect(bench.ask(line) == ["// Unknown command:\"\(line)\"", "ok"])
  }

  @Test func m112ShutsDown() {
    var bench = Bench(.klipper)
    bench.send("M109 S200\n")
    bench.wait(seconds: 1)
    bench.send("M112\n")
    #expect(bench.wait(seconds: 1).contains("// Klipper state: Shutdown"))
    #expect(bench.ask("G28") == ["!! Shutdown due to M112 command", "ok"])
  }
}
