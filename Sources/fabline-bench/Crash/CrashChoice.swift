import Foundation
import SimulatedLink

/// One thing that happens to a stage; machines by their place in it, times in seconds.
enum CrashDeed: Sendable {
  case killSupervisor(downFor: Double)
  case endSupervisor(downFor: Double)
  /// Killed again as soon as it may have started.
  case killSupervisorInARow(times: Int, apart: Double)
  case killDriver(Int)
  case endDriver(Int)
  case killBoth(Int, driverFirst: Bool, apart: Double, downFor: Double)
  case killAll(downFor: Double)
  case unplug(Int, for: Double)
  case switchOff(Int, for: Double)
  case stopSupervisor(for: Double)
  case stopDriver(Int, for: Double)
  case fillDisk(for: Double)
  case jumpClock(by: Int)
  case killClient(after: Double)
}

/// What happens in one round, and when: drawn from its seed alone.
struct CrashChoice: Sendable {
  let seed: UInt64
  /// In the order of their times.
  private(set) var deeds: [(at: Double, deed: CrashDeed)] = []
  /// For what people do in the round, which depends on what they find.
  var person: SplitMix

  init(seed: UInt64, machines: Int) {
    self.seed = seed
    var random = SplitMix(seed: seed)
    let count = [1, 1, 1, 1, 2, 2, 2, 3, 3][Int.random(in: 0..<9, using: &random)]
    for _ in 0..<count {
      let at = Double.random(in: 0..<0.25, using: &random)
      deeds.append((at, Self.deed(machines, &random)))
    }
    deeds.sort { $0.at < $1.at }
    person = SplitMix(seed: random.next())
  }

  private static func deed(_ machines: Int, _ random: inout SplitMix) -> CrashDeed {
    let machine = Int.random(in: 0..<machines, using: &random)
    let short = Double.random(in: 0..<0.15, using: &random)
    let long = Double.random(in: 0.02..<0.4, using: &random)
    switch Int.random(in: 0..<120, using: &random) {
    case ..<22: return .killSupervisor(downFor: short)
    case ..<31: return .endSupervisor(downFor: short)
    case ..<37:
      return .killSupervisorInARow(times: Int.random(in: 2...5, using: &random), apart: short)
    case ..<51: return .killDriver(machine)
    case ..<57: return .endDriver(machine)
    case ..<69:
      return .killBoth(machine, driverFirst: Bool.random(using: &random), apart: short / 5, downFor: short)
    case ..<73: return .killAll(downFor: short)
    case ..<81: return .unplug(machine, for: long)
    // Longer than a print waits for its link: it ends uncertain with its heaters on.
    case ..<84: return .unplug(machine, for: Double(CrashStage.patience.link) + 2 * long)
    case ..<91: return .switchOff(machine, for: long)
    case ..<96: return .stopSupervisor(for: long)
    case ..<102: return .stopDriver(machine, for: long)
    case ..<108: return .fillDisk(for: long)
    case ..<113:
      return .jumpClock(by: [-86_400, -3_600, -7, 5, 600, 90_000][Int.random(in: 0..<6, using: &random)])
    default: return .killClient(after: short)
    }
  }

  /// Machines whose driver, or whose driver's life, is meddled with.
  var driversTouched: Set<Int> {
    var touched: Set<Int> = []
    for (_, deed) in deeds {
      switch deed {
      case .killDriver(let machine), .endDriver(let machine), .killBoth(let machine, _, _, _):
        touched.insert(machine)
      case .killAll: touched.formUnion(0..<16)
      default: break
      }
    }
    return touched
  }

  var fillsDisk: Bool {
    deeds.contains { if case .fillDisk = $0.deed { true } else { false } }
  }

  var words: String {
    deeds.map { String(format: "%.0f ms: ", $0.at * 1000) + "\($0.deed)" }.joined(separator: "; ")
  }
}
