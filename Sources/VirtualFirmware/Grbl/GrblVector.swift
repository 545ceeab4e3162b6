/// One number for each of X, Y and Z.
struct GrblVector: Sendable, Equatable {
  var x: Double
  var y: Double
  var z: Double

  init(_ x: Double, _ y: Double, _ z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }

  static var zero: GrblVector { GrblVector(0, 0, 0) }

  subscript(axis: Int) -> Double {
    get { axis == 0 ? x : axis == 1 ? y : z }
    set {
      switch axis {
      case 0: x = newValue
      case 1: y = newValue
      default: z = newValue
      }
    }
  }

  static func + (left: GrblVector, right: GrblVector) -> GrblVector {
    GrblVector(left.x + right.x, left.y + right.y, left.z + right.z)
  }

  static func - (left: GrblVector, right: GrblVector) -> GrblVector {
    GrblVector(left.x - right.x, left.y - right.y, left.z - right.z)
  }

  static func * (left: GrblVector, right: GrblVector) -> GrblVector {
    GrblVector(left.x * right.x, left.y * right.y, left.z * right.z)
  }

  static func / (left: GrblVector, right: GrblVector) -> GrblVector {
    GrblVector(left.x / right.x, left.y / right.y, left.z / right.z)
  }

  func scaled(_ factor: Double) -> GrblVector { GrblVector(x * factor, y * factor, z * factor) }

  /// Each number rounded to the nearest whole one.
  var rounded: GrblVector { GrblVector(x.rounded(), y.rounded(), z.rounded()) }

  var length: Double { (x * x + y * y + z * z).squareRoot() }

  /// The largest speed or acceleration along this direction at which no axis exceeds its own.
  func limit(by axes: GrblVector) -> Double {
    var limit = 1e38
    for axis in 0..<3 where self[axis] != 0 { limit = min(limit, abs(axes[axis] / self[axis])) }
    return limit
  }
}

/// Sine, cosine and arc tangent without a mathematics library, to about twelve digits.
enum GrblTrigonometry {
  static let pi = 3.141_592_653_589_793

  static func sine(_ angle: Double) -> Double {
    // Into -pi/2 ... pi/2, where the series is short.
    var angle = angle - (angle / (2 * pi)).rounded() * 2 * pi
    if angle > pi / 2 { angle = pi - angle }
    if angle < -pi / 2 { angle = -pi - angle }
    let square = angle * angle
    var term = angle
    var sum = angle
    var step = 1.0
    while step < 20 {
      term *= -square / ((step + 1) * (step + 2))
      sum += term
      step += 2
    }
    return sum
  }

  static func cosine(_ angle: Double) -> Double { sine(angle + pi / 2) }

  /// The angle of the point from -pi to pi.
  static func arcTangent(_ y: Double, _ x: Double) -> Double {
    if x == 0, y == 0 { return 0 }
    if abs(y) > abs(x) { return (y > 0 ? pi / 2 : -pi / 2) - slope(x / y) }
    let angle = slope(y / x)
    if x > 0 { return angle }
    return y >= 0 ? angle + pi : angle - pi
  }

  /// Arc tangent of a number from -1 to 1: halved twice, then a series.
  private static func slope(_ ratio: Double) -> Double {
    var ratio = ratio
    for _ in 0..<2 { ratio /= 1 + (1 + ratio * ratio).squareRoot() }
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    var odd = 1.0
    while odd < 25 {
      sum += power / odd
      power *= -square
      odd += 2
    }
    return sum * 4
  }
}
