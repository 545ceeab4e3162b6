import Foundation
import SimulatedLink
import Synchronization

/// The table of what one lost `ok` and one damaged line end cost, over firmwares whose accelerations, corner speeds and
/// feedrates are 0.3 to 3 times what the host thinks.
struct Latency: Sendable {
  var prints: Int
  var seed: UInt64
  var choice: CampaignChoice

  /// Prints the table; throws where a target is missed.
  func run() throws {
    print(
      "one fault a print, ms; pause: from the fault until the stream goes on; beyond: without the move that was running; "
        + "longer: the print, against its twin without the fault")
    print(
      Row.left("", 44) + "  prints  pause p50        p99 beyond p50        p99 longer p50        p99")
    var missed: [String] = []
    for pairing in Pairing.all where choice.dialect == nil || choice.dialect == pairing.name {
      guard case .printer = pairing.board else { continue }
      for fault in LatencyTrial.Fault.allCases {
        for window in [1, 0] where choice.window == nil || choice.window == window {
          let costs = measure(fault, pairing, window)
          let name = "\(pairing.name), \(window == 0 ? "window as it fits" : "window 1"), \(fault.rawValue)"
          guard !costs.isEmpty else {
            print(Row.left(name, 44) + "  no print went on")
            continue
          }
          let pause = costs.map { Double($0.pause) * 1e-6 }
          let longer = costs.map { Double($0.longer) * 1e-6 }
          let beyond = costs.map { Double($0.beyond) * 1e-6 }
          let figures = [pause, beyond, longer].flatMap { [part($0, 0.5), part($0, 0.99)] }
          print(
            Row.left(name, 44) + Row.right(Double(costs.count), 8, 0)
              + figures.map { Row.right($0, 11, 0) }.joined())
          let isOver = fault == .lostOk ? figures[2] > 300 || figures[3] > 1_000 : figures[0] > 500
          if isOver { missed.append(name) }
        }
      }
    }
    print("wanted: lost ok at most 300 and 1000, damaged line end at most 500 in the median")
    guard missed.isEmpty else { throw BenchError("over the target: \(missed.joined(separator: "; "))") }
  }

  private func measure(_ fault: LatencyTrial.Fault, _ pairing: Pairing, _ window: Int) -> [LatencyTrial.Cost]
  {
    let costs = Mutex<[LatencyTrial.Cost]>([])
    DispatchQueue.concurrentPerform(iterations: prints) { index in
      let print = CampaignTally.seed(of: index, in: seed)
      if let cost = LatencyTrial.run(fault, pairing: pairing, window: window, seed: print) {
        costs.withLock { $0.append(cost) }
      }
    }
    return costs.withLock { $0 }
  }

  private func part(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }
}
