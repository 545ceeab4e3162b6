import VirtualFirmware

/// Which faults a print of a campaign meets.
enum FaultMix {
  /// A change to the plans, with a rate between mild and rough.
  private typealias Kind = (name: String, low: Double, high: Double, set: Change)
  private typealias Change = @Sendable (inout FaultPlan, inout LinkFaults, Double) -> Void

  private static let kinds: [Kind] = [
    ("flips in", 0.0001, 0.01, { faults, _, rate in faults.flipIn = rate }),
    ("flips out", 0.0001, 0.02, { faults, _, rate in faults.flipOut = rate }),
    ("lost bytes in", 0.0001, 0.004, { faults, _, rate in faults.loseByteIn = rate }),
    ("lost bytes out", 0.0001, 0.006, { faults, _, rate in faults.loseByteOut = rate }),
    ("lost line ends in", 0.005, 0.05, { faults, _, rate in faults.loseLineEndIn = rate }),
    ("lost line ends out", 0.005, 0.05, { faults, _, rate in faults.loseLineEndOut = rate }),
    ("overruns", 0.0005, 0.004, { faults, _, rate in faults.overrun = rate }),
    ("cut replies", 0.005, 0.05, { faults, _, rate in faults.cut = rate }),
    (
      "damaged resends", 0.05, 0.5,
      { faults, _, rate in
        faults.damageResend = rate
        faults.flipIn = 0.001
      }
    ),
    ("lost oks", 0.005, 0.08, { faults, _, rate in faults.loseOk = rate }),
    ("doubled oks", 0.005, 0.08, { faults, _, rate in faults.doubleOk = rate }),
    ("split replies", 0.02, 0.4, { faults, _, rate in faults.split = rate }),
    ("stalls", 0.002, 0.03, { faults, _, rate in faults.stall = rate }),
    ("lost heads", 0.005, 0.05, { _, cable, rate in cable.losesHeads = rate }),
    ("bursts in replies", 0.005, 0.05, { _, cable, rate in cable.garblesReplies = rate }),
  ]

  static func draw(lines: Int, using random: inout SplitMix) -> (String, FaultPlan, LinkFaults) {
    var faults = FaultPlan()
    var cable = LinkFaults()
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return ("none", faults, cable)
    case 1, 2:
      cable.flipsOneBit = random.magnitude(0.01, 0.3)
      return ("one bit a line", faults, cable)
    case 3...7:
      let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
      kind.set(&faults, &cable, random.magnitude(kind.low, kind.high))
      return (kind.name, faults, cable)
    case 8:
      return (ending(of: &faults, lines: lines, using: &random), faults, cable)
    default:
      for kind in kinds where Bool.random(using: &random) {
        // Together they are milder each, or nothing but stops would come of it.
        kind.set(&faults, &cable, random.magnitude(kind.low, kind.high) / 4)
      }
      if Int.random(in: 0..<10, using: &random) == 0 {
        _ = ending(of: &faults, lines: lines, using: &random)
      }
      return ("all mixed", faults, cable)
    }
  }

  /// One of the things after which a print cannot go on.
  private static func ending(of faults: inout FaultPlan, lines: Int, using random: inout SplitMix) -> String {
    let line = Int64.random(in: 1...Int64(lines), using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      faults.resetAt = line
      return "reset"
    case 1:
      faults.unplugAt = line
      return "unplugged"
    case 2:
      faults.silentAt = line
      return "silent"
    default:
      faults.killAt = line
      return "killed"
    }
  }

  /// Something that happens once in a print and that it may live through; nil for most prints.
  ///
  /// Drawn last and apart, whoever is at the other end; a firmware that asks nobody anything is spared the questions.
  static func event(
    for faults: inout FaultPlan, _ cable: inout LinkFaults, lines: Int, asks: Bool,
    using random: inout SplitMix
  ) -> String? {
    let isDrawn = Int.random(in: 0..<8, using: &random) == 0
    let kind = Int.random(in: 0..<9, using: &random)
    let line = Int64.random(in: 1...Int64(lines), using: &random)
    let gap = Int64(random.magnitude(0.1, 60) * 1e9)
    let resets = Bool.random(using: &random)
    guard isDrawn else { return nil }
    switch kind {
    case 0, 1, 2:
      faults.unplugAt = line
      faults.unplugFor = gap
      cable.isPluggedInAgain = true
      cable.resetsWhenPluggedIn = resets
      return resets ? "replugged, reset" : "replugged"
    case 3:
      faults.heaterFaultAt = line
      return "heater fault"
    case 4:
      faults.bedFaultAt = line
      return "bed fault"
    case _ where !asks: return nil
    case 5:
      faults.runoutAt = line
      return "runout"
    case 6:
      faults.filamentChangeAt = line
      return "filament change"
    case 7:
      faults.promptAt = line
      return "prompt"
    default:
      faults.pauseAt = line
      return "paused at its display"
    }
  }
}
