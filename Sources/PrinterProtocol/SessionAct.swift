/// A manual act that the session composes itself, so that modes are restored and limits hold.
///
/// Lengths in mm, feedrates in mm/min, temperatures in °C.
public enum SessionAct: Equatable, Sendable {
  /// Homes the axes named in `axes` (letters of `XYZ`, empty for all). Sends `G28`.
  case home(axes: String)
  /// Moves relatively, restores the modes afterwards; refused for an axis not homed unless `unhomed`. Sends `G1`.
  case jog(x: Double, y: Double, z: Double, e: Double, feedrate: Double, unhomed: Bool)
  /// Sets a hot end's target. Sends `M104`.
  case heatTool(tool: Int32, target: Double)
  /// Sets the bed's target. Sends `M140`.
  case heatBed(target: Double)
  /// All heaters off. Sends `M104 S0` for each tool and `M140 S0`.
  case cool
  /// Feedrate override in percent. Sends `M220`.
  case feedrate(percent: Int32)
  /// Flow override in percent. Sends `M221`.
  case flow(percent: Int32)
  /// Part fan, 0 to 255. Sends `M106`.
  case fan(speed: Int32)
  /// Baby-step in Z. Sends `M290`.
  case babystep(z: Double)
  /// Heats, waits, then feeds filament in by `length`; refused below the cold-extrusion limit.
  case load(tool: Int32, target: Double, length: Double)
  /// Heats, waits, then takes filament out by `length`; refused below the cold-extrusion limit.
  case unload(tool: Int32, target: Double, length: Double)
  /// The lines of a named macro, each judged as if sent by hand.
  case script(name: String, lines: [String])
  /// Pauses a print from SD that is not ours. Sends `M25`.
  case pauseSD
  /// Goes on with it. Sends `M24`.
  case resumeSD
  /// Stops it. Sends `M524`.
  case stopSD
}
