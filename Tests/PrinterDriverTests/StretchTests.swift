import PrinterProtocol
import Testing

@testable import PrinterDriver

/// The time between anchors in which the machine moved.
@Suite struct StretchTests {
  private func at(_ line: Int64) -> SessionProgress {
    var progress = SessionProgress()
    progress.fileLine = line
    return progress
  }

  private func seconds(_ value: Double) -> Int64 { Int64(value * 1_000_000_000) }

  @Test func theTimeBetweenTwoAnchorsCounts() throws {
    var stretch = Stretch(now: seconds(100))
    let none = stretch.anchor(at: at(10), heldUp: 0, now: seconds(105))
    #expect(none == nil)
    let reached = stretch.anchor(at: at(60), heldUp: 0, now: seconds(110))
    let first = try #require(reached)
    #expect(first.from.fileLine == 10 && first.moved == seconds(5))
    let secondFound = stretch.anchor(at: at(90), heldUp: 0, now: seconds(117))
    let second = try #require(secondFound)
    #expect(second.from.fileLine == 60 && second.moved == seconds(7))
  }

  @Test func aHeatUpAndAPauseDoNotCount() throws {
    var stretch = Stretch(heldUp: seconds(3), now: seconds(100))
    _ = stretch.anchor(at: at(10), heldUp: seconds(3), now: seconds(105))
    // Two minutes of heating, then 4 s of printing.
    let heatedFound = stretch.anchor(at: at(60), heldUp: seconds(123), now: seconds(229))
    let heated = try #require(heatedFound)
    #expect(heated.from.fileLine == 10 && heated.moved == seconds(4))
    // 2 s of printing, a pause of a minute that is not over yet.
    stretch.note(isPrinting: false, now: seconds(231))
    stretch.note(isPrinting: false, now: seconds(232))
    let pausedFound = stretch.anchor(at: at(80), heldUp: seconds(123), now: seconds(291))
    let paused = try #require(pausedFound)
    #expect(paused.from.fileLine == 60 && paused.moved == seconds(2))
    // It ends a second later; half a second of printing is too short a stretch of its own.
    stretch.note(isPrinting: true, now: seconds(292))
    let shortFound = stretch.anchor(at: at(85), heldUp: seconds(123), now: seconds(292.5))
    let short = try #require(shortFound)
    #expect(short.from.fileLine == 60 && short.moved == seconds(2.5))
    let longFound = stretch.anchor(at: at(120), heldUp: seconds(123), now: seconds(297.5))
    let long = try #require(longFound)
    #expect(long.from.fileLine == 85 && long.moved == seconds(5))
  }

  @Test("A wait that is counted twice takes no time off the stretches after it")
  func timeNeverGoesBack() throws {
    var stretch = Stretch(now: 0)
    _ = stretch.anchor(at: at(10), heldUp: 0, now: seconds(5))
    stretch.note(isPrinting: false, now: seconds(6))
    // Heating up again within the pause: held up and standing at once.
    let during = stretch.anchor(at: at(12), heldUp: seconds(50), now: seconds(60))
    #expect(during == nil)
    stretch.note(isPrinting: true, now: seconds(60))
    let afterFound = stretch.anchor(at: at(90), heldUp: seconds(50), now: seconds(120))
    let after = try #require(afterFound)
    #expect(after.from.fileLine == 12 && after.moved <= seconds(60))
  }

  @Test func theFirstLineIsNoPlaceToMeasureFrom() {
    var stretch = Stretch(now: 0)
    let atTheStart = stretch.anchor(at: at(0), heldUp: 0, now: seconds(5))
    let afterIt = stretch.anchor(at: at(40), heldUp: 0, now: seconds(10))
    let later = stretch.anchor(at: at(80), heldUp: 0, now: seconds(15))
    #expect(atTheStart == nil && afterIt == nil && later?.from.fileLine == 40)
  }
}
