/// What a session read of a GRBL's settings (`$$`) and build (`$I`); nil where it was not read.
public struct GrblSettings: Equatable, Sendable {
  /// `$10`: what stands in a status report; bit 0 machine position, bit 1 buffers.
  public var reportMask: Int32?
  /// `$13`: reports in inches.
  public var reportsInches: Bool?
  /// `$20`: soft limits.
  public var softLimits: Bool?
  /// `$22`: homing.
  public var homing: Bool?
  /// `$30`: the spindle speed or `S` of full power.
  public var maximumSpeed: Double?
  /// `$31`: the least.
  public var minimumSpeed: Double?
  /// `$32`: laser mode.
  public var laserMode: Bool?
  /// `$130`: travel along X in mm.
  public var travelX: Double?
  /// `$131`: travel along Y in mm.
  public var travelY: Double?
  /// `$132`: travel along Z in mm.
  public var travelZ: Double?
  /// Blocks of the planner, by `$I`.
  public var plannerBlocks: Int32?
  /// Bytes of the receive buffer, by `$I`.
  public var receiveBuffer: Int32?

  /// Makes settings of which nothing was read.
  public init() {}

  mutating func note(_ number: Int32, _ value: Double) {
    switch number {
    case 10: reportMask = Int32(max(0, min(65_535, value)))
    case 13: reportsInches = value != 0
    case 20: softLimits = value != 0
    case 22: homing = Int32(max(0, min(65_535, value))) & 1 != 0
    case 30: maximumSpeed = value
    case 31: minimumSpeed = value
    case 32: laserMode = value == 1
    case 130: travelX = value
    case 131: travelY = value
    case 132: travelZ = value
    default: break
    }
  }
}

/// The offsets that `$#` lists, in mm as the firmware reports them.
public struct GrblOffsets: Equatable, Sendable {
  var points = InlineArray<9, GrblPoint>(repeating: GrblPoint())
  var read: UInt16 = 0

  /// Makes offsets of which none was read.
  public init() {}

  /// An offset; nil where it was not read.
  public subscript(offset: GrblOffset) -> GrblPoint? {
    read & (1 << UInt16(offset.rawValue)) != 0 ? points[Int(offset.rawValue)] : nil
  }

  mutating func note(_ offset: GrblOffset, _ point: GrblPoint) {
    points[Int(offset.rawValue)] = point
    read |= 1 << UInt16(offset.rawValue)
  }

  /// Whether all that both know is the same.
  func isSame(as other: GrblOffsets) -> Bool {
    for index in 0..<9 where read & other.read & (1 << UInt16(index)) != 0 {
      if !points[index].isNear(other.points[index], 0.0005) { return false }
    }
    return true
  }

  /// Compares what was read.
  public static func == (a: GrblOffsets, b: GrblOffsets) -> Bool { a.read == b.read && a.isSame(as: b) }
}
