/// What limits a link, in one word and one sentence, read from its report.
///
/// A pure function, and one verdict: of several causes the one that explains the others. A wrong speed and a weak supply come
/// before the damage that they do, damage before the waiting that it makes, and waiting is put down to who makes it.
public struct LinkVerdict: Equatable, Sendable {
  /// The causes.
  public enum Cause: UInt8, Sendable {
    /// Nothing limits the link, or too little was sent to tell.
    case nothing = 0
    /// Bytes are damaged or lost on the way.
    case cable = 1
    /// The computer's or the board's supply is too weak.
    case power = 2
    /// The wire is too slow, or its two ends run at different speeds.
    case baud = 3
    /// The adapter holds received bytes back.
    case latency = 4
    /// The firmware loses bytes, or takes its time to answer.
    case firmware = 5
    /// The moves are too short for any wire of this kind.
    case density = 6

    /// The stable word.
    public var code: String {
      switch self {
      case .nothing: "nothing"
      case .cable: "cable"
      case .power: "power"
      case .baud: "baud"
      case .latency: "latency"
      case .firmware: "firmware"
      case .density: "gcode"
      }
    }
  }

  /// Which.
  public var cause: Cause
  /// What limits it, by which figures, and what to do.
  public var sentence: String

  /// The stable word of the cause.
  public var code: String { cause.code }

  /// Judges a report.
  public init(_ report: LinkReport) {
    let figures = LinkFigures(report)
    (cause, sentence) =
      figures.unmatchedSpeed ?? figures.weakSupply ?? figures.tooLittle ?? figures.overrun ?? figures.damage
      ?? figures.waiting ?? figures.silences ?? figures.fine
  }
}

/// A report's figures and what each of them would mean.
private struct LinkFigures {
  typealias Finding = (LinkVerdict.Cause, String)

  let report: LinkReport
  let damaged: Int64
  /// The median round trip in µs; 0 where nothing was timed.
  let median: Double
  /// How long a line of average length takes on the wire, in µs; 0 where there is no UART.
  let wire: Double

  init(_ report: LinkReport) {
    let report = report.bounded
    self.report = report
    damaged = report.damagedOut + report.damagedIn + report.lostOks + report.doubledOks
    median = report.roundTrip(quantile: 0.5) ?? 0
    let isTimed = !report.isUntimed && report.baudGranted > 0 && report.lines > 0
    wire =
      isTimed
      ? 10_000_000 / Double(report.baudGranted) * Double(report.bytesSent) / Double(report.lines) : 0
  }

  /// UARTs understand each other up to some 2 % of difference.
  var unmatchedSpeed: Finding? {
    let asked = Int64(report.baudAsked)
    let granted = Int64(report.baudGranted)
    guard asked > 0, granted > 0, abs(granted - asked) * 100 > asked * 2 else { return nil }
    return (
      .baud,
      "the adapter runs at \(granted) baud where \(asked) was asked for, which is too far off: choose a speed that it has, in the "
        + "firmware and here, or another adapter"
    )
  }

  var weakSupply: Finding? {
    if report.undervoltage == true, damaged > 0 || report.resets > 0 {
      return (
        .power,
        "the computer reports that its supply voltage was too low, and \(plural(damaged, "reply or line", "replies or lines")) "
          + "came damaged and \(plural(report.resets, "restart")) of the board \(report.resets == 1 ? "was" : "were") seen: give it a stronger supply and a shorter cable"
      )
    }
    guard report.resets >= 2, report.resets * 20 >= damaged else { return nil }
    return (
      .power,
      "the board restarted \(report.resets) times by itself: look at its supply, at the plug, and at what switches on then"
    )
  }

  var tooLittle: Finding? {
    guard report.lines < 200, damaged < 5 else { return nil }
    return (
      .nothing,
      "only \(plural(report.lines, "line")) \(report.lines == 1 ? "was" : "were") sent so far, too few to judge"
    )
  }

  /// Lines that vanish because more were in flight than fit.
  var overrun: Finding? {
    guard report.overruns >= 3, report.overruns * 2 >= report.resends else { return nil }
    return (
      .firmware,
      "the firmware's receive buffer ran over \(report.overruns) times: measure it (`fabline machine measure`) or give a smaller "
        + "--window"
    )
  }

  /// One in a thousand is where the resends begin to show.
  var damage: Finding? {
    guard damaged >= 5, damaged * 1000 >= report.lines else { return nil }
    let share = percent(damaged, of: report.lines)
    let ways =
      "\(report.damagedOut) lines out, \(report.damagedIn) replies in, \(report.lostOks + report.doubledOks) ok lost or doubled"
    return (
      .cable,
      "\(share) of all lines are damaged on the way (\(ways)): a shorter shielded cable, away from motors and heaters, a ferrite, "
        + "and one common ground"
    )
  }

  /// Who makes the planner wait.
  var waiting: Finding? {
    let timer = Int64(report.latencyTimer ?? 0)
    if timer >= 4, median >= Double(timer) * 500, median > wire * 2 {
      return (
        .latency,
        "the adapter (\(report.adapter)) collects what it receives for \(timer) ms, and half of all answers take \(milliseconds(median)): "
          + "set its latency_timer to 1"
      )
    }
    guard report.starvations >= 3, report.starvations * 2000 >= report.lines else { return nil }
    let dry = "the planner ran dry \(report.starvations) times, \(seconds(report.starved)) in all"
    if wire * 2 >= median, wire > 0 {
      if report.baudGranted < 200_000 {
        return (
          .baud,
          "\(dry), and a line takes \(milliseconds(wire)) on the wire at \(report.baudGranted) baud: set 250000 in the firmware and here"
        )
      }
      return (
        .density,
        "\(dry), although the wire is fast (\(milliseconds(wire)) a line at \(report.baudGranted) baud): the moves are too short; slice with a "
          + "coarser resolution or with arcs"
      )
    }
    if median > 5000 {
      return (
        .firmware,
        "\(dry), and the firmware takes \(milliseconds(median)) to answer half of all lines: it is busy with something else (display, "
          + "card, many small moves), or it has a small queue"
      )
    }
    return (
      .density,
      "\(dry), although half of all answers come within \(milliseconds(median)): the moves are too short; slice with a coarser "
        + "resolution or with arcs"
    )
  }

  var silences: Finding? {
    guard report.asked >= 5, report.asked * 500 >= report.lines else { return nil }
    return (
      .firmware,
      "\(report.asked) times an answer stayed out until it was asked for, and nothing else came damaged: the firmware's answers get lost or it hangs"
    )
  }

  var fine: Finding {
    let timed = median > 0 ? "half of all answers come within \(milliseconds(median))" : "no answer was timed"
    return (
      .nothing, "nothing limits it: \(report.lines) lines, \(report.resends) sent again, \(timed)"
    )
  }

  // MARK: Words without a formatter: this has to run anywhere.

  private func plural(_ count: Int64, _ one: String, _ many: String? = nil) -> String {
    count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
  }

  private func percent(_ part: Int64, of all: Int64) -> String {
    tenths(Double(part) * 100 / Double(max(1, all)) * 10, " %")
  }

  private func milliseconds(_ microseconds: Double) -> String { tenths(microseconds / 100, " ms") }
  private func seconds(_ nanoseconds: Int64) -> String { tenths(Double(nanoseconds) / 100_000_000, " s") }

  /// A number of tenths with one decimal.
  private func tenths(_ value: Double, _ unit: String) -> String {
    let whole = Int64(max(0, min(1e15, value.rounded())))
    return "\(whole / 10).\(whole % 10)\(unit)"
  }
}

extension LinkReport {
  /// The same with counts that can be added up and multiplied: a report may come from anywhere.
  fileprivate var bounded: LinkReport {
    var report = self
    func bound(_ count: inout Int64) { count = max(0, min(1_000_000_000_000, count)) }
    bound(&report.lines)
    bound(&report.bytesSent)
    bound(&report.resends)
    bound(&report.damagedOut)
    bound(&report.damagedIn)
    bound(&report.doubledOks)
    bound(&report.lostOks)
    bound(&report.overruns)
    bound(&report.starvations)
    bound(&report.asked)
    bound(&report.resets)
    return report
  }
}
