import GCode
import Testing

@testable import PrinterProtocol

extension NumberedOkTests {
  private func bare() -> Acknowledgement {
    var ok = Acknowledgement()
    ok.plannerFree = 15
    ok.bufferFree = 3
    return ok
  }

  /// A piece that was no command has its `ok`; the next one is another piece's.
  @Test func anOkThatWasOwedIsNotOwedForEver() {
    var wire = NumberedOkTests.advanced()
    wire.stream.harmlessPieces = 1
    wire.send("G1 X4")
    _ = wire.ok(4)
    wire.send("G1 E1", repeatable: false)
    _ = wire.stream.ok(bare(), now: wire.now)
    #expect(wire.stream.pieceRanBy == 5)
  }

  @Test func aPieceThatShowsItselfDuringAQuestionIsSeen() {
    var wire = NumberedOkTests.advanced()
    wire.send("G1 E1", repeatable: false)
    _ = wire.stream.rejected(.checksum, lastLine: nil, now: wire.now)
    _ = wire.ok()
    #expect(wire.wait() == .asked)
    #expect(wire.stream.ok(bare(), now: wire.now) == .swallowed)
    #expect(wire.stream.pieceRanBy == 4)
  }

  /// What was quoted during a question was counted altered, and its `ok` says under which number.
  @Test func aLineQuotedAlteredDuringAQuestionIsFound() {
    var wire = NumberedOkTests.advanced()
    wire.send("G1 X62.517")
    _ = wire.stream.rejected(.checksum, lastLine: nil, now: wire.now)
    _ = wire.ok()
    #expect(wire.wait() == .asked)
    _ = wire.stream.unknownCommand(Array(" \"C1 X62.117\"".utf8)[...], now: wire.now)
    _ = wire.ok(4)
    #expect(wire.stream.found == .alteredOnTheWay(line: 4))
  }
}
