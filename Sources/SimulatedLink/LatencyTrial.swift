import PrinterProtocol
import VirtualFirmware

/// What one lost `ok` or one damaged line end costs, where the host knows neither acceleration nor corners nor feedrate.
public struct LatencyTrial: Sendable {
  /// The one fault of a print.
  public enum Fault: String, CaseIterable, Sendable {
    /// An `ok` does not arrive.
    case lostOk = "lost ok"
    /// The line feed of a line arrives as another byte.
    case damagedLineEnd = "damaged line end"
  }

  /// The figures of one print.
  public struct Cost: Sendable {
    /// From the fault to the stream going on.
    public var pause: Int64
    /// The same without what the move that was running took: a twin without the fault tells when the next `ok` came.
    public var beyond: Int64
    /// How much longer the print took than its twin without the fault; below zero where chance made it faster.
    public var longer: Int64
    /// Time that the motors stood for want of a line, beyond the twin's.
    public var starved: Int64
  }

  /// Runs one print with the fault and one without; nil where the print did not reach the fault.
  ///
  /// The file's moves are between 0.2 and 8 mm, so that a line takes from 4 ms to half a second; the fault is somewhere in
  /// its middle, when the planner is full.
  public static func run(_ fault: Fault, pairing: Pairing, window: Int, seed: UInt64) -> Cost? {
    guard case .printer(let profile, let dialect) = pairing.board else { return nil }
    var random = SplitMix(seed: seed)
    let lines = 90
    let file = moves(lines: lines, using: &random)
    let place = Int.random(in: 40...70, using: &random)
    let latency: Int64 = [100_000, 1_000_000, 4_000_000][Int.random(in: 0..<3, using: &random)]
    func world(_ cable: LinkFaults) -> PrintedWorld? {
      var world = PrintedWorld(file: file, profile: profile.tuned(seed: seed), seed: seed, latency: latency) {
        $0.dialect = dialect
        $0.windowLines = window
      }
      world.cable = cable
      switch world.print(file) {
      case .intact, .repeatedAfterFragment: return world
      default: return nil
      }
    }
    var cable = LinkFaults()
    switch fault {
    case .lostOk: cable.losesOk = place
    case .damagedLineEnd: cable.damagesLineEnd = place
    }
    var watching = LinkFaults()
    watching.marksOk = place
    guard let hit = world(cable), let twin = world(watching), let pause = hit.pause.nanoseconds else {
      return nil
    }
    return Cost(
      pause: pause, beyond: max(0, pause - (fault == .lostOk ? twin.pause.nanoseconds ?? 0 : 0)),
      longer: hit.now - twin.now, starved: hit.record.starved - twin.record.starved)
  }

  private static func moves(lines: Int, using random: inout SplitMix) -> [String] {
    var file = ["G21", "G90", "G92 E0", "G1 F\(Int.random(in: 600...6000, using: &random))"]
    let longest = random.magnitude(0.4, 8)
    var x = 100.0
    var y = 100.0
    while file.count < lines {
      x = min(180, max(20, x + Double.random(in: -longest...longest, using: &random)))
      y = min(180, max(20, y + Double.random(in: -longest...longest, using: &random)))
      file.append("G1 X\(FileMaker.number(x)) Y\(FileMaker.number(y))")
    }
    return file
  }
}
