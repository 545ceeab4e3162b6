import APIModel
import Testing

@testable import fabline

@Suite struct LinkTextTests {
  private func link() -> LinkModel {
    var link = LinkModel(
      machine: "ender", port: "/dev/ttyUSB0",
      verdict: LinkVerdictModel(
        code: "cable",
        sentence:
          "cable or noise: 31 of 12,345 lines reached the printer damaged; use a shorter or shielded cable, away from the motors' wires"
      ))
    link.baudAsked = 115_200
    link.baudGranted = 115_384
    link.adapter = "ch341"
    link.latencyTimer = 16
    link.undervoltage = false
    link.lines = 12_345
    link.resends = 34
    link.damagedOut = 31
    link.damagedIn = 1
    link.asked = 3
    link.starvations = 12
    link.starvedSeconds = 3.42
    link.roundTrips = [Int64](repeating: 0, count: 32)
    for (bucket, count) in [9: 12, 10: 812, 11: 9000, 12: 2400, 13: 100, 14: 20, 21: 1] as [Int: Int64] {
      link.roundTrips[bucket] = count
    }
    return link
  }

  private func terminal(_ width: Int, colour: Bool = false, unicode: Bool = true) -> Terminal {
    Terminal(isTerminal: true, width: width, colour: colour, unicode: unicode)
  }

  @Test func theVerdictComesFirstAndTheFiguresBehindIt() {
    #expect(
      LinkText.lines(link(), on: terminal(80)) == [
        "ender: cable or noise: 31 of 12,345 lines reached the printer damaged; use a",
        "shorter or shielded cable, away from the motors' wires",
        "",
        "  port      /dev/ttyUSB0 (ch341)",
        "  speed     115200 baud, the adapter chose 115384",
        "  adapter   waits 16 ms before it hands on",
        "  sent      12,345 lines, 34 resends (0.275 %)",
        "  damaged   31 lines on the way out, 1 reply on the way back",
        "  answers   0 lost, 0 doubled, asked for 3 times",
        "  firmware  0 restarts, 0 buffer overruns",
        "  planner   ran dry 12 times, 3.4 s in all",
        "  power     no undervoltage",
        "",
        "From a line to its answer: half within 4.1 ms, 99 of 100 within 8.2 ms.",
        "    from                                                  lines",
        "  512 µs ▏                                                   12",
        "    1 ms ████▍                                              812",
        "    2 ms ████████████████████████████████████████████████ 9,000",
        "  4.1 ms ████████████▊                                    2,400",
        "  8.2 ms ▌                                                  100",
        "   16 ms ▏                                                   20",
        "       …",
        "   2.1 s ▏                                                    1",
      ])
  }

  @Test func withoutUnicodeAndColourItReadsTheSame() {
    let lines = LinkText.lines(link(), on: terminal(80, unicode: false))
    #expect(lines.contains("    2 ms ################################################ 9,000"))
    #expect(lines.contains("  512 us #                                                   12"))
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } })
  }

  @Test func aLinkThatSaidNothingHasNoHistogram() {
    let link = LinkModel(
      machine: "m", port: "/dev/x",
      verdict: LinkVerdictModel(code: "nothing", sentence: "too little was sent"))
    #expect(LinkText.lines(link, on: terminal(80)).last == "  planner   never ran dry")
    #expect(Histogram(buckets: []).lines(width: 80, unicode: true) == [])
    #expect(Histogram(buckets: [0, 0]).within(0.5, unicode: true) == nil)
  }

  @Test(arguments: [80, 50, 40])
  func everyLineFits(_ width: Int) {
    let text = LinkText.lines(link(), on: terminal(width))
    for line in text { #expect(TextWidth.cells(line) <= width, "\(TextWidth.cells(line)): \(line)") }
    #expect(text.count < 60)
  }
}
