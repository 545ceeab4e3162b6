/// A place in a file and in the firmware's count of lines.
public struct StreamAnchor: Equatable, Sendable {
  /// The line of the file, from 1; 0 before the first.
  public var fileLine: Int64
  /// Bytes of the file up to the end of that line.
  public var byteOffset: Int64
  /// The firmware line number that carried it; 0 where unknown.
  public var lineNumber: Int64

  /// Makes an anchor; without arguments the place before the first line.
  public init(fileLine: Int64 = 0, byteOffset: Int64 = 0, lineNumber: Int64 = 0) {
    self.fileLine = fileLine
    self.byteOffset = byteOffset
    self.lineNumber = lineNumber
  }
}

/// Where an attempt was interrupted, as far as anything of ours knows: what a plan to go on is made from.
///
/// It claims no more than it says. The firmware took every line up to `acknowledged`; whether it moved for those in
/// `mayNotHaveRun` is not known, nor whether it took any of the lines behind `acknowledged` up to `sent`.
public struct ResumePoint: Equatable, Sendable {
  /// The most anchors in `mayNotHaveRun`: a planner and a command queue hold fewer lines than that.
  public static let mostOpen = 64

  /// The try.
  public var attempt: AttemptID
  /// Its job; 0 for a direct print.
  public var job: JobID
  /// When this was known, in milliseconds since 1970.
  public var at: Int64
  /// How much later than `at` the attempt may have gone on, in ms: 0 where this was known to the end, the time between two
  /// anchors where it comes from the journal alone, as after a loss of power.
  public var staleMs: Int64
  /// The last line that the firmware had acknowledged at an anchor before this one, and for how many milliseconds the machine
  /// moved from there on; 0 where there is none. The file between the two tells how much faster than it says the machine is.
  public var earlier: StreamAnchor
  /// Likewise.
  public var earlierMs: Int64
  /// How long the anchor before this one took to be on the disk, in ms.
  public var syncMs: Int64
  /// The last line that the firmware acknowledged.
  public var acknowledged: StreamAnchor
  /// The last line that was written to the port.
  public var sent: StreamAnchor
  /// The last acknowledged lines, oldest first: queued or planned, and perhaps not moved when the machine stopped.
  public var mayNotHaveRun: [StreamAnchor]
  /// Whether `mayNotHaveRun` holds only the first of those lines: all from there to `acknowledged` are meant.
  public var isFirstOnly: Bool
  /// What the firmware remembered after the last line that was sent.
  public var modal: ModalRecord

  /// Makes a point before the first line.
  public init(attempt: AttemptID, job: JobID, at: Int64) {
    self.attempt = attempt
    self.job = job
    self.at = at
    staleMs = 0
    earlier = StreamAnchor()
    earlierMs = 0
    syncMs = 0
    acknowledged = StreamAnchor()
    sent = StreamAnchor()
    mayNotHaveRun = []
    isFirstOnly = false
    modal = ModalRecord()
  }
}

/// Whether bed levelling was on, as far as the stream told.
public enum Levelling: UInt8, Sendable {
  /// The stream did not tell.
  case unknown = 0
  /// Off.
  case no = 1
  /// On.
  case yes = 2
}

/// A hot end's target.
public struct ToolTarget: Equatable, Sendable {
  /// The tool, from 0.
  public var tool: Int32
  /// In °C; 0 is off.
  public var target: Double

  /// Makes a target.
  public init(tool: Int32, target: Double) {
    self.tool = tool
    self.target = target
  }
}

/// What a firmware remembers from line to line, as the stream told it. Lengths in mm, feedrates in mm/min, targets in °C.
public struct ModalRecord: Equatable, Sendable {
  /// Where the last line leads to.
  public var x: Double = 0
  /// Likewise.
  public var y: Double = 0
  /// Likewise.
  public var z: Double = 0
  /// Likewise, in the logical coordinate.
  public var e: Double = 0
  /// Letters of the axes whose position is known, of `XYZE`.
  public var known = ""
  /// Coordinates are relative: G91.
  public var isRelative = false
  /// The extruder's coordinate is relative: M83.
  public var isExtruderRelative = false
  /// Lengths of the file are inches: G20.
  public var isInch = false
  /// The feedrate before M220; 0 where unknown.
  public var feedrate: Double = 0
  /// The active tool.
  public var tool: Int32 = 0
  /// Targets of the tools that were ever set.
  public var toolTargets: [ToolTarget] = []
  /// The bed's target; 0 is off or never set.
  public var bed: Double = 0
  /// The chamber's target; 0 is off or never set.
  public var chamber: Double = 0
  /// The fans' speeds, 0 to 255, by index; 0 where never set.
  public var fans: [Double] = []
  /// M220 in percent.
  public var speed: Double = 100
  /// M221 in percent.
  public var flow: Double = 100
  /// Acceleration of printing moves in mm/s², from M204 P or S; 0 where unknown.
  public var printAcceleration: Double = 0
  /// Of retractions, from M204 R; 0 where unknown.
  public var retractAcceleration: Double = 0
  /// Of travel, from M204 T; 0 where unknown.
  public var travelAcceleration: Double = 0
  /// The sum of M290's steps.
  public var babystep: Double = 0
  /// Whether bed levelling was on.
  public var levelling = Levelling.unknown
  /// How far G92 shifted X: native = logical + offset.
  public var offsetX: Double = 0
  /// Likewise Y.
  public var offsetY: Double = 0
  /// Likewise Z.
  public var offsetZ: Double = 0
  /// Likewise E.
  public var offsetE: Double = 0
  /// Letters of the axes that were homed since the last reset.
  public var homed = ""
  /// The layer, from 1; 0 before the first.
  public var layer: Int32 = 0
  /// The job was paused and the head parked; the position is then the one to go back to.
  public var isParked = false
  /// Where the head was parked, X, Y and Z; empty where it is not, or not known where.
  public var parkedAt: [Double] = []
  /// Why it was paused; empty where it was not, or a person asked for it.
  public var pauseReason = ""
  /// A person changed something by hand while the job ran: feedrate, flow, temperatures, fan, baby steps, a line.
  public var wasAdjusted = false

  /// Makes the record of a machine that was just reset.
  public init() {}
}

/// What happened to the link while an attempt was under way, or between two.
public enum LinkChange: Equatable, Sendable {
  /// The port vanished or failed, with the reason. A running attempt is kept.
  case lost(reason: String)
  /// The port was opened again, the firmware still counts its lines, and the attempt goes on; how long it was away in ms.
  case glitch(gapMs: Int64)
  /// The board was reset, or counts from somewhere else: nothing more of the attempt is sent.
  case reset(reason: String)
  /// The port is not there, or must not be opened before a person was told; `connect` makes the driver try at once.
  case waiting
}
