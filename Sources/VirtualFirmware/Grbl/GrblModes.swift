/// What a line says about motion that stays until the next line says otherwise.
enum GrblMotionMode: Sendable, Equatable {
  case rapid
  case linear
  case clockwiseArc
  case counterclockwiseArc
  /// G38.2 to G38.5, by their last digit.
  case probe(Int)
  case none
}

/// What a line does to the program's flow.
enum GrblProgramFlow: Sendable, Equatable {
  case running
  case paused
  case completed
}

/// The modal state of the interpreter.
struct GrblModes: Sendable, Equatable {
  var motion = GrblMotionMode.rapid
  /// 0 for G54 to 5 for G59.
  var coordinates = 0
  /// 0 for G17, 1 for G18, 2 for G19.
  var plane = 0
  var inches = false
  var incremental = false
  var inverseTime = false
  var spindle = GrblSpindle.off
  var flood = false
  var hasToolLength = false
  var flow = GrblProgramFlow.running
}

/// The interpreter's state: modes, and what goes with them.
struct GrblInterpreter: Sendable {
  var modes = GrblModes()
  /// mm/min.
  var feed = 0.0
  var spindleSpeed = 0.0
  var tool = 0.0
  /// Where the last accepted move ends, machine coordinates, mm.
  var position = GrblVector.zero
  /// Of the active work coordinates.
  var workOffset = GrblVector.zero
  /// G92.
  var extraOffset = GrblVector.zero
  /// G43.1.
  var toolLength = 0.0

  /// Sum of all offsets.
  var offset: GrblVector { workOffset + extraOffset + GrblVector(0, 0, toolLength) }
}

/// The parts of an accepted line, done one after another; each may have to wait.
enum GrblPart: Sendable {
  /// Waits until all moves are done.
  case synchronize
  case move(GrblPlanner.Move)
  case arc(GrblArc)
  /// A jog: planned like a move, and started at once.
  case jog(GrblPlanner.Move)
  case probe(GrblPlanner.Move, kind: Int)
  case sayProbe
  case setSpindle(GrblSpindle, Double, becomesModal: Bool)
  case setFlood(Bool)
  /// ns.
  case dwell(Int64)
  /// So many bytes are written to the EEPROM.
  case remember(bytes: Int)
  case offsetsChanged
  case pause
  case completeProgram
  case home
  /// `>LINE:ok` for a line that was stored to be run at every start.
  case startupAnswer([UInt8], UInt8)
  /// `ok` or `error:N`.
  case answer(UInt8)
}

/// An arc on its way to the planner, segment by segment.
struct GrblArc: Sendable {
  var move: GrblPlanner.Move
  var center: GrblVector
  /// From the centre to the begin.
  var radius: GrblVector
  /// The two axes of the plane and the one across.
  var axes: (Int, Int, Int)
  var begin: GrblVector
  var anglePerSegment: Double
  var segments: Int
  var next = 1

  /// The next target; the last is exact.
  mutating func step() -> GrblVector {
    defer { next += 1 }
    if next >= segments { return move.target }
    let angle = anglePerSegment * Double(next)
    let (sine, cosine) = (GrblTrigonometry.sine(angle), GrblTrigonometry.cosine(angle))
    var place = center
    place[axes.0] += radius[axes.0] * cosine - radius[axes.1] * sine
    place[axes.1] += radius[axes.0] * sine + radius[axes.1] * cosine
    let part = Double(next) / Double(segments)
    place[axes.2] = begin[axes.2] + (move.target[axes.2] - begin[axes.2]) * part
    return place
  }

  var isDone: Bool { next > max(segments, 1) }
}
