import Testing

@testable import VirtualFirmware

@Suite("Repetier 1.0.4, as its source has it")
struct RepetierTests {
  @Test func saysWhatItIs() {
    var bench = Bench(.repetier, coldStart: true)
    #expect(bench.wait(seconds: 1).prefix(2) == ["start", "Info:External Reset"])
    bench.send("M115\n")
    let said = bench.wait(seconds: 0.5)
    #expect(said[0] == "ok 0")
    #expect(said[1].hasPrefix("FIRMWARE_NAME:Repetier_1.0.4 "))
    #expect(said.contains("Cap:EMERGENCY_PARSER:1"))
  }

  /// `ok` with the number when the line is taken; what it has to say comes behind.
  @Test func answersFirstAndWorksThen() {
    var bench = Bench(.repetier)
    #expect(bench.ask("N0 M110*35") == ["ok"])
    bench.send(1, "M105")
    #expect(bench.wait(seconds: 0.5) == ["ok 1", "T:21.88 /0 B:21.88 /0 B@:0 @:0"])
    bench.send(2, "G4 S3")
    #expect(bench.wait(seconds: 0.5) == ["ok 2"])
    bench.send(3, "M105")
    // Not before the pause is over: one command is buffered.
    #expect(bench.wait(seconds: 2) == ["busy:processing"])
    #expect(bench.wait(seconds: 1).first == "ok 3")
  }

  @Test func idleItSaysWaitEverySecond() {
    var bench = Bench(.repetier)
    bench.send("M110 N0\n")
    #expect(bench.wait(seconds: 5.5) == ["ok", "wait", "wait", "wait", "wait", "wait"])
  }

  @Test func seenLinesAreSkippedWithAnOk() {
    var bench = Bench(.repetier)
    bench.ask("M110 N0")
    for number in 1...3 { bench.ask(bench.numbered(number, "G90")) }
    bench.send(3, "G90")
    bench.send(1, "G90")
    #expect(bench.wait(seconds: 0.3) == ["skip 3", "ok", "skip 1", "ok"])
    #expect(bench.firmware.record.lines == 3)
  }

  /// The lines behind a damaged one are not lost but skipped, each with an `ok`; when none comes any more it asks again.
  @Test func aDamagedLineIsAskedForAgainAndAgain() {
    var bench = Bench(.repetier)
    bench.ask("M110 N0")
    bench.send("N1 G1 X1*1\n")
    bench.send(2, "G1 X2")
    bench.send(3, "G1 X3")
    let said = bench.wait(seconds: 0.1)
    #expect(said == ["Error:Wrong checksum", "", "Resend:1", "ok", "skip 2", "ok", "skip 3", "ok"])
    #expect(bench.wait(seconds: 0.4) == ["", "Resend:1", "ok", "", "Resend:1", "ok"])
    #expect(bench.ask(bench.numbered(1, "G1 X1")) == ["ok 1"])
    #expect(bench.wait(seconds: 0.9).isEmpty)
  }

  @Test func aGapIsNamed() {
    var bench = Bench(.repetier)
    bench.ask("M110 N0")
    bench.send(70, "G1 X1")
    #expect(bench.wait(seconds: 0.1) == ["Error:expected line 1 got 70", "", "Resend:1", "ok"])
  }

  @Test func halfALineIsAskedForAfterAFifthOfASecond() {
    var bench = Bench(.repetier)
    bench.ask("M110 N0")
    bench.send("N1 G1 X")
    #expect(bench.wait(seconds: 0.15).isEmpty)
    #expect(bench.wait(seconds: 0.1) == ["", "Resend:1", "ok"])
  }

  /// The number is compared in 16 bits, letters may be small, text is not protected.
  @Test func oddities() {
    var bench = Bench(.repetier)
    bench.ask("M110 N65535")
    #expect(bench.ask(bench.numbered(65536, "g90")) == ["ok 65536"])
    #expect(bench.ask("N65537 M117 hello*1") == ["ok 65537"])
    #expect(bench.ask("G91") == ["ok 65537"])
  }

  @Test func m112ActsAtOnceAndRestarts() {
    var bench = Bench(.repetier)
    bench.send("M104 S200\nG4 S60\nG90\nG90\n")
    bench.wait(seconds: 0.5)
    bench.send("M112\n")
    #expect(bench.wait(seconds: 2).contains("start"))
    #expect(bench.firmware.hotEndTarget == 0)
    #expect(bench.ask("G90") == ["ok 0"])
  }

  @Test func aHeaterFaultIsTheAnswerToEveryLine() {
    var faults = FaultPlan()
    faults.noPower = true
    var bench = Bench(.repetier, faults: faults)
    bench.send("M109 S200\n")
    let said = bench.wait(seconds: 60)
    let words =
      "fatal:Heater decoupled during rising - Printer stopped and heaters disabled due to this error. Fix error and restart with M999."
    #expect(said.contains(words))
    #expect(bench.ask("G1 X5") == [words, "ok 0"])
    bench.send("M999\n")
    #expect(bench.wait(seconds: 0.5) == ["ok 0", "info:Continue from fatal state"])
    #expect(bench.ask("G1 X5") == ["ok 0"])
  }

  @Test func heatingIsNamedInItsSignsOfLife() {
    var bench = Bench(.repetier)
    bench.send("M109 S200\n")
    let said = bench.wait(seconds: 7)
    #expect(said.filter { $0 == "busy:heating" }.count == 3)
    #expect(said.filter { $0.hasPrefix("T:") }.count >= 6)
  }
}
