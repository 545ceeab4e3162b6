import DriverInterface
import Testing

/// One table: each report has one cause that explains the rest of it.
struct LinkVerdictTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var cause: LinkVerdict.Cause
    /// Words that the sentence needs, so that a person knows why and what to do.
    var words: [String]
    var report: LinkReport
  }

  /// A print of 100,000 lines at 250000 baud without anything to complain of.
  static func report(_ change: (inout LinkReport) -> Void) -> LinkReport {
    var report = LinkReport()
    report.port = "/dev/ttyUSB0"
    report.baudAsked = 250_000
    report.baudGranted = 250_000
    report.adapter = "ch341"
    report.lines = 100_000
    report.bytesSent = 3_500_000
    report.roundTrips = [Int64](repeating: 0, count: 32)
    report.roundTrips[11] = 90_000  // 2 to 4 ms
    report.roundTrips[13] = 10_000
    change(&report)
    return report
  }

  static let cases: [Case] = [
    Case(
      testDescription: "all is well", cause: .nothing, words: ["100000 lines", "3.1 ms"],
      report: report { _ in }),
    Case(
      testDescription: "a few resends in a long print are no cause", cause: .nothing, words: ["4 sent again"],
      report: report {
        $0.resends = 4
        $0.damagedOut = 4
      }),
    Case(
      testDescription: "too few lines to judge", cause: .nothing, words: ["only 12 lines"],
      report: report { $0.lines = 12 }),
    Case(
      testDescription: "lines damaged on the way out", cause: .cable,
      words: ["0.5 %", "500 lines out", "ferrite"],
      report: report {
        $0.damagedOut = 500
        $0.resends = 510
      }),
    Case(
      testDescription: "replies damaged and lost on the way in", cause: .cable,
      words: ["200 replies in", "50 ok"],
      report: report {
        $0.damagedIn = 200
        $0.lostOks = 50
        $0.asked = 50
      }),
    Case(
      testDescription: "damage makes the planner wait: still the cable", cause: .cable, words: ["1.0 %"],
      report: report {
        $0.damagedOut = 1000
        $0.resends = 1000
        $0.starvations = 900
        $0.starved = 30_000_000_000
      }),
    Case(
      testDescription: "damage under a weak supply: the supply", cause: .power,
      words: ["supply", "1 restart"],
      report: report {
        $0.undervoltage = true
        $0.damagedOut = 500
        $0.resets = 1
      }),
    Case(
      testDescription: "a weak supply that did no harm limits nothing", cause: .nothing, words: [],
      report: report { $0.undervoltage = true }),
    Case(
      testDescription: "the board restarts by itself", cause: .power, words: ["3 times"],
      report: report { $0.resets = 3 }),
    Case(
      testDescription: "the adapter chose another speed", cause: .baud, words: ["230400", "250000"],
      report: report {
        $0.baudGranted = 230_400
        $0.damagedIn = 5000
      }),
    Case(
      testDescription: "a wire too slow for the moves", cause: .baud, words: ["115200", "set 250000"],
      report: report {
        $0.baudAsked = 115_200
        $0.baudGranted = 115_200
        $0.starvations = 4000
        $0.starved = 90_000_000_000
        $0.roundTrips[11] = 190_000
      }),
    Case(
      testDescription: "an adapter that collects", cause: .latency,
      words: ["ftdi_sio", "16 ms", "latency_timer"],
      report: report {
        $0.adapter = "ftdi_sio"
        $0.latencyTimer = 16
        $0.roundTrips = [Int64](repeating: 0, count: 32)
        $0.roundTrips[13] = 100_000
        $0.starvations = 5000
      }),
    Case(
      testDescription: "a long latency timer that nobody waits for", cause: .nothing, words: [],
      report: report {
        $0.adapter = "ftdi_sio"
        $0.latencyTimer = 16
      }),
    Case(
      testDescription: "a receive buffer that runs over", cause: .firmware,
      words: ["ran over 40 times", "measure"],
      report: report {
        $0.overruns = 40
        $0.resends = 42
        $0.damagedOut = 300
      }),
    Case(
      testDescription: "a firmware that is slow to answer", cause: .firmware, words: ["to answer"],
      report: report {
        $0.roundTrips = [Int64](repeating: 0, count: 32)
        $0.roundTrips[15] = 100_000
        $0.starvations = 5000
        $0.starved = 1_000_000_000
      }),
    Case(
      testDescription: "answers stay out and nothing else is wrong", cause: .firmware, words: ["500 times"],
      report: report { $0.asked = 500 }),
    Case(
      testDescription: "moves too short for a quick link", cause: .density, words: ["coarser", "arcs"],
      report: report {
        $0.isUntimed = true
        $0.roundTrips = [Int64](repeating: 0, count: 32)
        $0.roundTrips[8] = 100_000
        $0.starvations = 5000
        $0.starved = 12_300_000_000
      }),
    Case(
      testDescription: "moves too short for a fast wire", cause: .density, words: ["250000 baud", "coarser"],
      report: report {
        $0.roundTrips = [Int64](repeating: 0, count: 32)
        $0.roundTrips[10] = 100_000
        $0.starvations = 5000
      }),
  ]

  @Test(arguments: cases) func oneCauseEach(_ example: Case) {
    let verdict = LinkVerdict(example.report)
    #expect(verdict.cause == example.cause, "\(verdict.sentence)")
    for words in example.words { #expect(verdict.sentence.contains(words), "\(verdict.sentence)") }
  }

  @Test func noReportCanTrapIt() {
    var samples = Samples(seed: 11)
    for _ in 0..<2000 { #expect(!LinkVerdict(samples.report()).sentence.isEmpty) }
  }

  @Test func quantilesOfTheHistogram() {
    let report = Self.report { _ in }
    #expect(report.roundTrip(quantile: 0.5) == 3072)
    #expect(report.roundTrip(quantile: 0.99) == 12_288)
    #expect(LinkReport().roundTrip(quantile: 0.5) == nil)
  }
}
