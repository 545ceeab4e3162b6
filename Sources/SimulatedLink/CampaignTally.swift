import PrinterProtocol
import VirtualFirmware

/// How the prints of a campaign came out, counted by firmware and by kind of fault.
public struct CampaignTally: Sendable {
  /// A print that must not come out so.
  public struct Failure: Sendable {
    /// Replays it.
    public var seed: UInt64
    /// Lines of its file: the shortest is the best to look at.
    public var lines: Int
    /// What it was and what happened.
    public var words: String
  }

  /// Prints counted.
  public private(set) var prints = 0
  /// Lines of their files.
  public private(set) var lines = 0
  /// Prints that must not come out so.
  public private(set) var failures: [Failure] = []
  private var byFirmware: [String: [String: Int]] = [:]
  private var byMix: [String: [String: Int]] = [:]

  /// Nothing counted yet.
  public init() {}

  /// The seed of one print of a campaign.
  public static func seed(of index: Int, in campaign: UInt64) -> UInt64 {
    var random = SplitMix(seed: campaign &+ UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15)
    return random.next() >> 16
  }

  /// Counts one print.
  public mutating func count(_ recipe: PrintRecipe, _ result: (world: PrintedWorld, judgement: Judgement)) {
    prints += 1
    lines += recipe.lines
    let kind = result.judgement.kind
    byFirmware[recipe.pairing.name, default: [:]][kind, default: 0] += 1
    byMix[recipe.mix, default: [:]][kind, default: 0] += 1
    if let words = Self.complaint(recipe, result.judgement) {
      failures.append(
        Failure(
          seed: recipe.seed, lines: recipe.lines,
          words: "\(recipe.pairing.name), window \(recipe.window), \(recipe.mix): \(words)"))
    }
  }

  /// What must not be, in words; nil for a print that came out as it may.
  private static func complaint(_ recipe: PrintRecipe, _ judgement: Judgement) -> String? {
    switch judgement {
    case .wrong(let words): return words
    case .intact, .repeatedAfterFragment: return nil
    case .undetectable:
      guard recipe.mix == "one bit a line", recipe.pairing.seesEveryBit else { return nil }
      return "one flipped bit a line was not seen: \(judgement)"
    case .stopped(let code), .stoppedAhead(let code):
      return recipe.mix == "none" ? "stopped without any fault: \(code)" : nil
    }
  }

  /// Adds another tally.
  public mutating func merge(_ other: CampaignTally) {
    prints += other.prints
    lines += other.lines
    failures += other.failures
    for (row, counts) in other.byFirmware { byFirmware[row, default: [:]].merge(counts, uniquingKeysWith: +) }
    for (row, counts) in other.byMix { byMix[row, default: [:]].merge(counts, uniquingKeysWith: +) }
  }

  /// Both counts as text: a block a row, the most frequent first.
  public var table: String {
    Self.blocks("firmware", byFirmware) + "\n" + Self.blocks("faults", byMix)
  }

  private static func blocks(_ title: String, _ rows: [String: [String: Int]]) -> String {
    var kinds: [String: Int] = [:]
    for counts in rows.values { kinds.merge(counts, uniquingKeysWith: +) }
    var text = ""
    for row in rows.keys.sorted() {
      let counts = rows[row] ?? [:]
      let total = counts.values.reduce(0, +)
      let parts = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { "\($0.value) \($0.key)" }
      text += "\(title) \(row): \(total) prints: \(parts.joined(separator: ", "))\n"
    }
    return text
  }
}
