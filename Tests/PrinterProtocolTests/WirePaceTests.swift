import GCode
import Testing

@testable import PrinterProtocol

/// Answers that come sooner than the wire allows: disbelief must never slow a healthy link.
@Suite struct WirePaceTests {
  /// A board that answers each line with a plain `ok`, M105 too, after `delay` ns.
  struct QuickBoard {
    var wire: Wire
    var asked = 0
    private var owed = 0

    init(baud: Int64, window: Int) { wire = Wire(window: window, baud: baud) }

    /// Prints lines until `count` were acknowledged; each answer comes alone.
    mutating func play(_ count: Int, delay: Int64) {
      var done = 0
      var turns = 0
      while done < count, turns < 100_000 {
        turns += 1
        while wire.stream.canSend { wire.send("G1 X\(wire.stream.highest) Y100.125 E0.0412") }
        owed += wire.sent().count
        if owed > 0 {
          owed -= 1
          wire.now += delay
          _ = wire.ok()
        } else {
          if wire.wait() == .asked { asked += 1 }
        }
        done += wire.retired().count
      }
    }
  }

  @Test(arguments: [115_200, 250_000, 10_000_000], [1, 2, 4])
  func aQuickBoardThatLookedSlowAtFirstIsNotSlowed(baud: Int64, window: Int) {
    var board = QuickBoard(baud: baud, window: window)
    board.play(12, delay: 10 * ms)
    let begun = board.wire.now
    board.play(400, delay: 50_000)
    // Two mistakes, a moment each; then the clock is not looked at any more.
    #expect(board.asked <= 4)
    #expect(board.wire.now - begun < 1500 * ms)
  }

  @Test func linesShorterThanAHostCanMeasureAreNotTimed() {
    var board = QuickBoard(baud: 10_000_000, window: 1)
    board.play(12, delay: 10 * ms)
    let begun = board.wire.now
    board.play(400, delay: 1000)
    #expect(board.asked == 0)
    #expect(board.wire.now - begun < 2 * ms)
  }

  /// An `ok` said twice on a real UART: the second one is not believed, which is no mistake.
  @Test func aDoubledOkOnAWireIsNotBelievedAgainAndAgain() {
    var wire = Wire(baud: 115_200)
    for line in 1...40 {
      wire.send("G1 X\(line) Y100.125")
      if line > 10 {
        wire.now += 100_000
        #expect(wire.ok() == .stray)
      }
      wire.now += 10 * ms
      #expect(wire.ok() == .credited)
    }
  }

  /// A firmware that does not count lines: an early `ok` that was not believed is the line's own where no other one comes.
  @Test func anEarlyOkIsNotMissingWhereLinesAreNotCounted() {
    var wire = Wire(baud: 115_200, dialect: .rrf)
    for line in 1...12 {
      wire.send("G1 X\(line) Y100.125")
      wire.now += 10 * ms
      #expect(wire.ok() == .credited)
    }
    _ = wire.retired()
    wire.send("G1 X50 Y100.125 E0.0412")
    wire.now += 1 * ms
    #expect(wire.ok() == .stray)
    #expect(wire.wait() == .asked)
    wire.now += 5 * ms
    #expect(wire.okWithTemperatures() == .credited)
    #expect(wire.retired().count == 2 && wire.stream.found == nil)
  }
}
