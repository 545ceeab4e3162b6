import Foundation
import SimulatedLink
import Synchronization

/// Whole prints over a simulated link in virtual time, on all cores, each drawn from a seed and judged.
struct Campaign: Sendable {
  var prints: Int
  var seed: UInt64
  var choice: CampaignChoice
  var threads = ProcessInfo.processInfo.activeProcessorCount

  /// Runs them; throws when a print is skipped, doubled, reordered, altered where it showed, or never ends.
  func run() throws {
    let began = Date()
    let counter = Atomic<Int>(0)
    let tallies = Mutex<CampaignTally>(CampaignTally())
    let watch = Watchdog(threads: threads)
    watch.start()
    defer { watch.stop() }
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      var own = CampaignTally()
      while true {
        let first = counter.wrappingAdd(16, ordering: .relaxed).oldValue
        if first >= prints { break }
        for index in first..<min(first + 16, prints) {
          let recipe = PrintRecipe(seed: CampaignTally.seed(of: index, in: seed), choice: choice)
          watch.begins(recipe.seed, thread)
          own.count(recipe, recipe.run())
        }
      }
      tallies.withLock { $0.merge(own) }
    }
    let tally = tallies.withLock { $0 }
    print(tally.table)
    let seconds = Date().timeIntervalSince(began)
    print(
      "\(tally.prints) prints, \(tally.lines) lines, seed \(seed): \(String(format: "%.1f", seconds)) s on \(threads) threads"
    )
    fflush(nil)
    for failure in tally.failures.sorted(by: { $0.lines < $1.lines }).prefix(20) {
      print("WRONG \(failure.words)\n  fabline-bench campaign --print-seed \(failure.seed)\(options) --trace")
    }
    guard tally.failures.isEmpty else { throw BenchError("\(tally.failures.count) prints went wrong") }
  }

  /// Runs the print of one seed, with everything that went over the wire.
  static func replay(seed: UInt64, choice: CampaignChoice, traces: Bool) throws {
    let recipe = PrintRecipe(seed: seed, choice: choice)
    let (world, judgement) = recipe.run(keepsWire: traces)
    if traces {
      for (number, line) in recipe.file.enumerated() { print("\(number + 1)\t\(line)") }
      for line in world.transcript.wire { print(line) }
    }
    print(
      "\(recipe.pairing.name), window \(recipe.window), \(recipe.mix), \(recipe.lines) lines, "
        + "\(Double(recipe.latency) / 1e6) ms one way\(recipe.readsBytewise ? ", read byte by byte" : "")")
    print(recipe.faults)
    print(recipe.cable)
    print("\(judgement)")
    if judgement.isWrong { throw BenchError("the print went wrong") }
  }

  private var options: String {
    var words = ""
    if let dialect = choice.dialect { words += " --dialect \(dialect)" }
    if let window = choice.window { words += " --window \(window)" }
    if let faults = choice.faultsText { words += " --faults \(faults)" }
    return words
  }
}

/// Names a print that does not come back: a loop without end cannot be judged from inside.
final class Watchdog: Sendable {
  private struct Slot {
    var seed: UInt64 = 0
    var since = Date()
  }
  private let slots: Mutex<[Slot]>
  private let isOver = Atomic<Bool>(false)

  init(threads: Int) { slots = Mutex([Slot](repeating: Slot(), count: threads)) }

  func begins(_ seed: UInt64, _ thread: Int) {
    slots.withLock { $0[thread] = Slot(seed: seed) }
  }

  func start() {
    Thread.detachNewThread { [self] in
      while !isOver.load(ordering: .relaxed) {
        usleep(200_000)
        for seed in lost() {
          print("HANGS --print-seed \(seed)")
          exit(1)
        }
      }
    }
  }

  func stop() { isOver.store(true, ordering: .relaxed) }

  private func lost() -> [UInt64] {
    slots.withLock { slots in
      slots.filter { $0.seed != 0 && Date().timeIntervalSince($0.since) > 20 }.map(\.seed)
    }
  }
}
