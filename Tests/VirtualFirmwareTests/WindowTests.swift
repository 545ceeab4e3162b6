import Testing

@testable import VirtualFirmware

/// Rates measured on the real firmware, whole seconds of which the model must reproduce from its costs alone.
@Suite("Several lines in flight")
struct WindowTests {
  /// Lines a second on Marlin 2.1 with stock buffers, 115200 baud: a circle of moves at 100 mm/s.
  @Test(
    arguments: [
      (0.02, [193.0, 263, 263]), (0.05, [171, 239, 258]), (0.1, [153, 196, 196]), (0.2, [129, 168, 168]),
      (0.5, [123, 156, 156]),
    ])
  func circlesRunAsFastAsOnTheBoard(_ segment: Double, wanted: [Double]) {
    for (window, rate) in zip([1, 2, 4], wanted) {
      let (got, record) = linesPerSecond(circle(of: segment, count: 400), window: window)
      #expect(abs(got / rate - 1) < 0.15, "\(segment) mm, \(window) in flight: \(got), measured \(rate)")
      #expect(record.overruns == 0)
      #expect(record.fullestRing < 128)
      #expect(record.resendsAsked == 0)
    }
  }

  /// 467 lines a second where nothing moves.
  @Test func withoutMotionTheWireIsTheLimit() {
    let (got, _) = linesPerSecond((1...400).map { _ in "M107" }, window: 1)
    #expect(abs(got / 467 - 1) < 0.2, "\(got)")
  }

  /// Bytes beyond ring and queue are lost without a word: with nine short lines in flight behind a pause nothing is lost,
  /// with forty nearly everything.
  @Test(arguments: [(9, true), (40, false)])
  func aFloodBehindAPauseOverflows(_ lines: Int, fits: Bool) {
    var bench = Bench()
    bench.ask("M110 N0")
    bench.send(1, "G4 S2")
    bench.wait(seconds: 0.1)
    for number in 2..<2 + lines { bench.send(number, "G1 X\(number) F3000") }
    bench.wait(seconds: 10)
    #expect((bench.firmware.record.overruns == 0) == fits)
    #expect((bench.firmware.lastLineNumber == 1 + lines) == fits)
  }

  /// The lines behind a damaged one vanish with the ring, as long as they arrive before it is emptied.
  @Test(arguments: [2, 3])
  func whatIsInFlightBehindADamagedLineVanishes(_ window: Int) {
    let (said, record) = saidToADamagedLine(window)
    #expect(said == ["Error:checksum mismatch, Last Line: 0", "Resend: 1", "ok"])
    #expect(record.executed == 1)
  }

  /// What arrives later is cut in its middle: a piece of a line runs without a number, and the next line is out of turn.
  @Test func whatComesLaterIsCutInItsMiddle() {
    let (said, record) = saidToADamagedLine(5)
    #expect(said.filter { $0 == "Resend: 1" }.count == 2)
    #expect(said.contains { $0.hasPrefix("echo:Unknown command:") })
    #expect(said.filter { $0 == "ok" }.count == 3)
    #expect(record.executed == 2)
  }

  private func saidToADamagedLine(_ window: Int) -> ([String], ExecutionRecord) {
    var bench = Bench()
    bench.ask("M110 N0")
    bench.send("N1 G1 X1 F3000*1\n")
    for number in 2..<1 + window { bench.send(number, "G1 X\(number) F3000") }
    return (bench.wait(seconds: 1), bench.firmware.record)
  }

  /// A line that comes while the firmware still says its `Error` is thrown away with the ring: what the host sent between
  /// the two must not survive.
  @Test func theRingIsEmptiedAfterTheErrorIsSaid() {
    var bench = Bench()
    bench.ask("M110 N0")
    bench.send("N1 M105*1\n")
    bench.wait(seconds: 0.002)
    bench.send("M117 late\n")
    let said = bench.wait(seconds: 1)
    #expect(said.last == "ok")
    #expect(said.filter { $0 == "ok" }.count == 1)
    #expect(bench.firmware.record.executed == 1)
  }

  /// The repeat of the last number and of the one before get no answer at all.
  @Test func repeatsAreDroppedWithoutAWord() {
    var bench = Bench()
    bench.ask("M110 N0")
    for number in 1...3 { bench.ask(bench.numbered(number, "G90")) }
    bench.send(3, "G90")
    bench.send(2, "G90")
    #expect(bench.wait(seconds: 5).isEmpty)
    bench.send(1, "G90")
    #expect(bench.wait(seconds: 1).last == "ok")
    #expect(bench.firmware.record.repeatsDropped == 2)
    #expect(bench.firmware.record.resendsAsked == 1)
  }

  /// A line whose number was lost runs as it stands and gets an `ok` that nobody waits for.
  @Test func aLineWithoutItsNumberRuns() {
    var bench = Bench()
    bench.ask("M110 N0")
    let whole = bench.numbered(1, "G1 X5 F3000")
    #expect(bench.ask(String(whole.dropFirst(3))) == ["ok"])
    #expect(bench.ask(whole) == ["ok"])
    #expect(bench.firmware.record.lines == 2)
    #expect(bench.firmware.lastLineNumber == 1)
  }

  /// `P` is the planner's room, `B` that of the queue, counted as the recording counts them.
  @Test func advancedOkTellsTheRoom() {
    var bench = Bench(.marlin21full)
    bench.ask("M110 N0")
    for number in 1...16 { bench.send(number, "G1 X\(number) F60") }
    let said = bench.wait(seconds: 0.5)
    #expect(said.first == "ok N1 P14 B15")
    #expect(said.last == "ok N15 P0 B15" || said.last?.hasPrefix("ok N15 P0 B1") == true)
    #expect(said.count == 15)
  }

  /// Moves of fewer than six steps are not planned one by one: the next one makes up for them.
  @Test func tinyMovesAreGathered() {
    var bench = Bench(.marlin21full)
    bench.ask("M110 N0")
    bench.ask("G91")
    let said = (1...4).map { bench.ask(bench.numbered($0, "G1 X0.02 F60")).last ?? "" }
    #expect(said == ["ok N1 P15 B15", "ok N2 P15 B15", "ok N3 P15 B15", "ok N4 P14 B15"])
  }

  // MARK: A host that keeps so many lines in flight

  private func circle(of segment: Double, count: Int) -> [String] {
    // Walked by rotating the radius: no trigonometry needed.
    var x = 20.0
    var y = 0.0
    let angle = segment / 20
    let sine = angle - angle * angle * angle / 6
    let cosine = 1 - angle * angle / 2
    return (1...count).map { _ in
      (x, y) = (x * cosine - y * sine, x * sine + y * cosine)
      return "G1 X\(thousandths(100 + x)) Y\(thousandths(100 + y)) F6000"
    }
  }

  private func thousandths(_ value: Double) -> String {
    let scaled = Int((value * 1000).rounded())
    let part = String(scaled % 1000)
    return "\(scaled / 1000).\(String(repeating: "0", count: 3 - part.count))\(part)"
  }

  private func linesPerSecond(_ commands: [String], window: Int) -> (Double, ExecutionRecord) {
    let bench = Bench()
    let lines = commands.enumerated().map { Array(bench.numbered($0.offset + 1, $0.element).utf8) }
    var firmware = VirtualFirmware(profile: .marlin21)
    firmware.receive(Array("M110 N0\nG1 X120 Y100 F6000\n".utf8), now: 0)
    var now: Int64 = 10_000_000_000
    var output: [UInt8] = []
    firmware.run(until: now)
    firmware.takeOutput(upTo: now, into: &output)
    let start = now
    var sent = 0
    var answered = 0
    while answered < lines.count {
      output.removeAll()
      firmware.takeOutput(upTo: now, into: &output)
      answered += output.count { $0 == 10 }
      // A host takes a tenth of a millisecond to see an answer and write the next line.
      while sent < min(answered + window, lines.count) {
        firmware.receive(lines[sent], now: now + 100_000)
        sent += 1
      }
      guard let next = firmware.nextMilestone, now < start + 60_000_000_000 else { break }
      now = max(now, next)
      firmware.run(until: now)
    }
    return (Double(answered) / (Double(now - start) * 1e-9), firmware.record)
  }
}
