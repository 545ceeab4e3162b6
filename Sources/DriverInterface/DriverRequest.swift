/// What a client asks of a driver. Every request carries a number chosen by the client and gets exactly one `DriverReply`.
public enum DriverRequest: Equatable, Sendable {
  /// First on each connection: who is there and which versions it speaks.
  case hello(versions: VersionRange, client: String)
  /// One snapshot of everything.
  case status
  /// Events with a sequence above `after` that the driver still holds, then live ones. 0 asks for all it holds.
  case subscribe(after: Int64)
  /// Checks and opens a file for a later start.
  case stage(StagedAttempt)
  /// Starts a staged attempt. Refused with `attempt.startedBefore` where this id was ever started.
  case start(AttemptID)
  /// Takes a staged attempt back; acknowledged, or refused with `attempt.started`.
  case withdraw(AttemptID)
  /// The outcome is stored: the driver may forget it.
  case acknowledgeOutcome(AttemptID)
  /// Pauses the running attempt after the lines that are already with the firmware.
  case pause(AttemptID)
  /// Goes on with a paused attempt.
  case resume(AttemptID)
  /// Ends the running or paused attempt by the safe ending: heaters off, lift, park.
  case cancel(AttemptID)
  /// Answers the prompt that the firmware shows: M876 with the choice, or M108 for nil.
  case answer(choice: Int32?)
  /// One line by hand, as `fabline send` and the console give it; refused where safety.md rule 9 forbids it.
  case send(line: String)
  /// A manual act that the driver composes itself, so that modes are restored and limits hold.
  case act(ManualAct)
  /// Stops the machine at once: see `stopConfirmed` and `stopUnconfirmed`.
  case emergencyStop
  /// Leaves the killed state: DTR pulse where the board resets by it, else M999, then a new handshake.
  case reset
  /// Closes the port so that another program can have it; the driver stays.
  ///
  /// Not remembered beyond the process: who wants it to last starts the next driver with `--hold-port`, as the supervisor
  /// does for a machine that a person disconnected.
  case disconnect
  /// Opens the port again after `disconnect` or a lost link.
  case connect
  /// Turns the wire log (every byte both ways, with times) on or off.
  case wireLog(Bool)
  /// The flight recorder's lines, oldest first, in the reply.
  case recorder
  /// The driver ends: with `force` also in mid-print (heaters off first), otherwise refused while an attempt runs.
  case end(force: Bool)
  /// How the link does; the reply is `link`.
  case linkReport
  /// Leaves a GRBL alarm without homing. Sends `$X`; only ever on a person's word.
  case unlock
  /// Runs a GRBL machine's homing cycle. Sends `$H`.
  case homeCycle
  /// Where this attempt stands or was interrupted; the reply is `resumePoint`. An outcome `uncertain` keeps its point until
  /// it is acknowledged, through the driver's death and a loss of power.
  case resumePoint(AttemptID)
  /// The host shuts down: the running attempt is parked and written down within this many milliseconds, heaters go off, and
  /// the driver ends. The reply is `done` when the place is on the disk, or `refused` with `suspend.late` and what was done.
  case suspend(deadlineMs: Int64)
}

/// A file to print, checked and opened before its turn.
public struct StagedAttempt: Equatable, Sendable {
  /// This try's identifier.
  public var attempt: AttemptID
  /// The job it belongs to; 0 for a direct print.
  public var job: JobID
  /// The absolute path of the file.
  public var path: String
  /// The size in bytes that the file must have; a file that changed is refused with `file.changed`.
  public var size: Int64
  /// The name a person knows the file by.
  public var name: String
  /// Starts by itself when the attempt before it is done, for machines that eject.
  public var startWhenDone: Bool
  /// How many lines the file has, where known, for progress.
  public var lines: Int64?
  /// How long the slicer thinks it takes, in seconds, where known.
  public var seconds: Int64?
  /// How many layers it has, where known.
  public var layers: Int32?

  /// Makes a staged attempt.
  public init(
    attempt: AttemptID, job: JobID, path: String, size: Int64, name: String, startWhenDone: Bool = false,
    lines: Int64? = nil, seconds: Int64? = nil, layers: Int32? = nil
  ) {
    self.attempt = attempt
    self.job = job
    self.path = path
    self.size = size
    self.name = name
    self.startWhenDone = startWhenDone
    self.lines = lines
    self.seconds = seconds
    self.layers = layers
  }
}

/// A manual act. Lengths in mm, feedrates in mm/min, temperatures in °C.
public enum ManualAct: Equatable, Sendable {
  /// Homes the axes named in `axes` (letters of `XYZ`, empty for all). Sends `G28`.
  case home(axes: String)
  /// Moves relatively, restores the mode afterwards; refused for an axis not homed unless `unhomed`. Sends `G1`.
  case jog(x: Double, y: Double, z: Double, e: Double, feedrate: Double, unhomed: Bool)
  /// Sets a hot end's target. Sends `M104`.
  case heatTool(tool: Int32, target: Double)
  /// Sets the bed's target. Sends `M140`.
  case heatBed(target: Double)
  /// All heaters off, fan left as it is. Sends `M104 S0` for each tool and `M140 S0`.
  case cool
  /// Feedrate override in percent. Sends `M220`.
  case feedrate(percent: Int32)
  /// Flow override in percent. Sends `M221`.
  case flow(percent: Int32)
  /// Part fan, 0 to 255. Sends `M106`.
  case fan(speed: Int32)
  /// Baby-step in Z. Sends `M290`.
  case babystep(z: Double)
  /// Heats, then feeds filament in by `length`. Refused below the cold-extrusion limit.
  case load(tool: Int32, target: Double, length: Double)
  /// Heats, then takes filament out by `length`.
  case unload(tool: Int32, target: Double, length: Double)
  /// The lines of a named macro, each judged as if sent by hand.
  case script(name: String, lines: [String])
  /// Pauses, resumes or stops a print from SD that is not ours. Sends `M25`, `M24`, `M524`.
  case sdPrint(SDAct)
  /// Finds the sizes of the firmware's buffers, with the machine idle: nothing moves or heats. The reply is `measured`.
  case measure
  /// Makes the present position the work zero of the axes named in `axes` (letters of `XYZ`, empty for all). Sends
  /// `G10 L20 P1`: the first work offset, kept by the machine.
  case zero(axes: String)
  /// Traces the bounds of a staged attempt with the beam or the spindle off.
  case frame(AttemptID)
}

extension ManualAct {
  /// Whether each length, feedrate and temperature is a number that can be sent: the wire carries NaN and infinity too.
  public var hasOnlyFiniteNumbers: Bool {
    switch self {
    case .jog(let x, let y, let z, let e, let feedrate, _):
      x.isFinite && y.isFinite && z.isFinite && e.isFinite && feedrate.isFinite
    case .heatTool(_, let target), .heatBed(let target): target.isFinite
    case .babystep(let z): z.isFinite
    case .load(_, let target, let length), .unload(_, let target, let length):
      target.isFinite && length.isFinite
    case .home, .cool, .feedrate, .flow, .fan, .script, .sdPrint, .measure, .zero, .frame: true
    }
  }
}

/// What can be asked of a print from SD.
public enum SDAct: UInt8, Sendable {
  /// Sends `M25`.
  case pause = 0
  /// Sends `M24`.
  case resume = 1
  /// Sends `M524`.
  case stop = 2
}
