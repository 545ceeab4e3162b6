import PrinterProtocol
import VirtualFirmware

/// One firmware and the dialect that is meant for it.
public struct Pairing: Sendable {
  /// A firmware of either family.
  public enum Board: Sendable {
    /// A printer.
    case printer(FirmwareProfile, Dialect)
    /// A laser or mill.
    case grbl(GrblProfile)
  }

  /// The firmware profile's name.
  public let name: String
  /// The profile, and the host's reading of it.
  public let board: Board
  /// The firmware tells damaged lines by number and checksum, and says so: with one flipped bit a line it sees all.
  public var seesEveryBit = false
  /// A numbered line that lost its checksum runs all the same.
  public var takesUnchecked = false

  /// The firmware asks a person, and waits for the answer.
  var asks: Bool {
    if case .printer(let profile, _) = board { profile.hostActions && profile.userWaits } else { false }
  }

  /// Every pair there is.
  public static let all = [
    Pairing(name: "marlin21", board: .printer(.marlin21, .marlin), seesEveryBit: true),
    Pairing(name: "marlin21full", board: .printer(.marlin21full, .marlin), seesEveryBit: true),
    Pairing(name: "marlin10", board: .printer(.marlin10, .marlin1), seesEveryBit: true),
    Pairing(name: "prusa", board: .printer(.prusa, .prusa)),
    Pairing(name: "rrf", board: .printer(.repRapFirmware, .rrf), takesUnchecked: true),
    Pairing(name: "repetier", board: .printer(.repetier, .repetier), takesUnchecked: true),
    Pairing(name: "smoothie", board: .printer(.smoothie, .smoothie), takesUnchecked: true),
    Pairing(name: "grbl11", board: .grbl(.grbl11)),
    Pairing(name: "grblhal", board: .grbl(.grblhal)),
  ]
}

/// Everything that one print of a campaign is made of, drawn from its seed.
public struct PrintRecipe: Sendable {
  /// What all of it was drawn from.
  public let seed: UInt64
  /// The firmware and its dialect.
  public var pairing: Pairing
  /// Lines in flight at most; 0 for as many as certainly fit.
  public var window: Int
  /// The name of the kind of faults.
  public var mix: String
  /// What the firmware and its serial line do wrong.
  public var faults: FaultPlan
  /// What the cable does.
  public var cable: LinkFaults
  /// Nanoseconds one way.
  public var latency: Int64
  /// Lines of the file.
  public var lines: Int
  /// The extruder is relative.
  public var isRelative: Bool
  /// The file heats and homes first.
  public var isHeated: Bool
  /// The host reads byte by byte.
  public var readsBytewise: Bool
  /// Acceleration, corners and feedrates are 0.3 to 3 times what the host may think.
  public var isTuned: Bool

  /// Draws a print; what `choice` fixes is drawn all the same, so that the rest does not depend on it.
  public init(seed: UInt64, choice: CampaignChoice = CampaignChoice()) {
    self.seed = seed
    var random = SplitMix(seed: seed)
    let all = Pairing.all
    let drawn = Int.random(in: 0..<1_000_000, using: &random)
    let offered = all.filter { choice.dialect == nil || choice.dialect == $0.name }
    pairing = offered.isEmpty ? all[drawn % all.count] : offered[drawn % offered.count]
    let windows = [1, 0, 0, 2, 3, 4]
    let drawnWindow = windows[Int.random(in: 0..<windows.count, using: &random)]
    window = choice.window ?? drawnWindow
    let latencies: [Int64] = [100_000, 300_000, 1_000_000, 4_000_000, 16_000_000]
    latency = latencies[Int.random(in: 0..<latencies.count, using: &random)]
    lines = Int.random(in: 30...120, using: &random)
    if Int.random(in: 0..<8, using: &random) == 0 { lines = Int.random(in: 120...200, using: &random) }
    isRelative = Bool.random(using: &random)
    isHeated = Int.random(in: 0..<8, using: &random) == 0
    readsBytewise = Int.random(in: 0..<16, using: &random) == 0
    isTuned = Bool.random(using: &random)
    (mix, faults, cable) = FaultMix.draw(lines: lines, using: &random)
    if let event = FaultMix.event(for: &faults, &cable, lines: lines, asks: pairing.asks, using: &random) {
      mix = mix == "none" ? event : "\(mix), \(event)"
    }
    if let fixed = choice.faults { (mix, faults, cable) = ("as asked", fixed.faults, fixed.cable) }
  }

  /// The file.
  public var file: [String] {
    if case .grbl = pairing.board { return FileMaker.millFile(lines: lines, seed: seed) }
    return isHeated
      ? FileMaker.heatedFile(lines: lines, relative: isRelative, seed: seed)
      : FileMaker.file(lines: lines, relative: isRelative, seed: seed)
  }

  /// The world before the port is opened.
  public func world(keepsWire: Bool = false) -> PrintedWorld {
    var world =
      switch pairing.board {
      case .printer(let profile, let dialect):
        PrintedWorld(
          file: file, profile: isTuned ? profile.tuned(seed: seed) : profile, faults: faults, seed: seed,
          latency: latency
        ) {
          $0.dialect = dialect
          $0.windowLines = window
        }
      case .grbl(let profile):
        PrintedWorld(file: file, profile: profile, faults: faults, seed: seed, latency: latency) {
          $0.windowLines = window
        }
      }
    if case .printer(_, let dialect) = pairing.board { world.countsLines = dialect.countsLines }
    world.takesUnchecked = pairing.takesUnchecked
    world.pausesByItself = faults.pauseAt != nil
    world.cable = cable
    world.readsBytewise = readsBytewise
    world.transcript.keepsWire = keepsWire
    return world
  }

  /// Prints it, and judges.
  public func run(keepsWire: Bool = false) -> (world: PrintedWorld, judgement: Judgement) {
    var world = world(keepsWire: keepsWire)
    let judgement = world.print(file)
    return (world, judgement)
  }
}

extension PrintedWorld {
  private static let hour: Int64 = 3_600_000_000_000

  /// Opens the port, greets, prints `file` to its end, and judges.
  public mutating func print(_ file: [String]) -> Judgement {
    open()
    // Far more moments than any print has: one that turns in circles while no time passes must end too.
    let moments = 20_000 + file.count * 5_000
    guard
      run(
        for: Self.hour, moments: moments,
        until: { [.idle, .linkLost, .killed].contains($0.session.phase) })
    else {
      if session.prompt != nil { return .stopped(code: "waits for a person") }
      return .wrong("no greeting within an hour: \(session.phase)")
    }
    if session.phase == .killed, nothingWasDamaged { return .wrong("killed while it was greeted") }
    guard session.phase == .idle else { return judgement(file: file) }
    do {
      try session.startJob(JobStart(token: 1), now: now)
    } catch {
      return .stopped(code: "not started, \(error.code)")
    }
    receivedBeforeJob = transcript.received.count
    act()
    let began = now
    // A damaged byte can be a hold, and some things only a person can decide: one says "go on", a few times.
    for _ in 0..<20 {
      let isOver = run(for: 10 * Self.hour, moments: moments) { $0.end != nil || $0.waitsForPerson }
      if end != nil { break }
      guard isOver else {
        return .wrong(
          "no end after \((now - began) / 1_000_000_000) s: \(session.phase) at line \(session.progress.fileLine), "
            + "session due \(from(session.nextDeadline)), firmware \(from(nextOfFirmware))")
      }
      _ = run(for: 20_000_000_000, moments: moments) { _ in false }
      goOn()
    }
    comeToRest(moments: moments)
    return judgement(file: file)
  }

  /// A person's word: the last button of a question, which here is the one to go on; where nothing is asked, on.
  private mutating func goOn() {
    if let prompt = session.prompt {
      try? session.answer(choice: prompt.choices.isEmpty ? nil : Int32(prompt.choices.count - 1), now: now)
    } else {
      // Where that is refused there is nothing to resume any more.
      try? session.resume(now: now)
    }
    act()
  }

  /// What is still in the firmware's buffers behind a stop runs too, and a cable comes back.
  private mutating func comeToRest(moments: Int) {
    if let (end, _) = end, end == .done { return }
    _ = run(for: 90_000_000_000, moments: moments) { _ in false }
  }

  private var waitsForPerson: Bool {
    // A firmware that asks holds up the lines of a safe ending, too.
    session.phase == .paused || session.phase == .needsAttention
      || (session.phase == .cancelling && session.prompt != nil)
  }

  private func from(_ time: Int64?) -> String { time.map { "in \($0 - now) ns" } ?? "never" }
}
