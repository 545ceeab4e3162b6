/// What comes out of the spindle's pin over time: a laser's power or a spindle's speed, in the units of `S`.
///
/// The judge of safety: how long it was on while nothing moved, and while nobody had the port open.
public struct GrblBeam: Sendable {
  /// A change of the output.
  public struct Change: Sendable, Equatable {
    /// When, ns.
    public var time: Int64
    /// The output from then on; 0 is off.
    public var power: Double
  }

  /// Nothing has come out yet.
  public init() {}

  /// The output now; 0 is off.
  public private(set) var power = 0.0
  /// Time with the output on, ns.
  public private(set) var on: Int64 = 0
  /// Time with the output on while the motors stood still, ns.
  public private(set) var onStill: Int64 = 0
  /// Time with the output on while no host had the port open, ns.
  public private(set) var onAfterHostGone: Int64 = 0
  /// Time with the output on, the motors still and no host there, ns.
  public private(set) var onStillAfterHostGone: Int64 = 0
  /// The highest output.
  public private(set) var highest = 0.0
  /// Output times time, in units of `S` times seconds.
  public private(set) var dose = 0.0
  /// Every change of the output, where `keepsChanges` is set.
  public private(set) var changes: [Change] = []
  /// Keep `changes`; off at first.
  public var keepsChanges = false

  private var isMoving = false
  private var hostIsThere = true
  private var since: Int64 = 0

  mutating func setPower(_ wanted: Double, at time: Int64) {
    if wanted == power { return }
    settle(at: time)
    power = wanted
    highest = max(highest, wanted)
    if keepsChanges { changes.append(Change(time: time, power: wanted)) }
  }

  mutating func setMoving(_ moves: Bool, at time: Int64) {
    settle(at: time)
    isMoving = moves
  }

  mutating func setHost(_ there: Bool, at time: Int64) {
    settle(at: time)
    hostIsThere = there
  }

  /// Counts up to `time`.
  mutating func settle(at time: Int64) {
    let passed = time - since
    if passed <= 0 { return }
    since = time
    if power <= 0 { return }
    on += passed
    dose += power * Double(passed) * 1e-9
    if !isMoving { onStill += passed }
    if hostIsThere { return }
    onAfterHostGone += passed
    if !isMoving { onStillAfterHostGone += passed }
  }
}
