/// One line of the firmware, read.
///
/// Plain facts: what a reply means depends on what is in flight and is for `PrinterSession` to say. Cases that carry
/// words for a person carry them as the bytes of `ReplyParser.line` where the session does not need them as values; and
/// temperatures are read out of the way, so that the bare `ok` of a line does not carry an empty report of them through the session.
public enum Reply: Equatable, Sendable {
  /// `ok`, with whatever stands on the same line.
  case ok(Acknowledgement)
  /// `Resend: 42`, `Resend:42`, `rs N42`; nil where the number cannot be read.
  case resend(Int64?)
  /// `Error:` and `!!`.
  case error(FirmwareError)
  /// `busy: processing`, with or without `echo:`.
  case busy(BusyReason)
  /// `skip 42`: Repetier passes over what was under way behind a line that it asked for again; an `ok` follows.
  case skip
  /// `wait`: the firmware is idle and its buffer empty.
  case wait
  /// `start` alone on its line: the firmware has just booted.
  case start
  /// A line that only a booting firmware prints.
  case banner
  /// Temperatures that came without an `ok`: M155's, and those of a heat wait; they are in `ReplyParser.report`.
  case temperatures
  /// `X:… Y:… Z:… E:… Count …`.
  case position(PositionReport)
  /// `//action:…`, with or without a space behind the slashes.
  case action(HostAction)
  /// `FIRMWARE_NAME:…`, M115's line.
  case firmware
  /// `Cap:NAME:1`; the name is in `ReplyParser.line`.
  case capability(isOn: Bool)
  /// `SD printing byte 12/345`.
  case sdPrinting(byte: Int64, of: Int64)
  /// `Not SD printing`, `Done printing file`.
  case notSDPrinting
  /// `echo:Unknown command: "…"`.
  case unknownCommand
  /// `echo:Home XYZ First`: a move that was answered with `ok` and not carried out (NO_MOTION_BEFORE_HOMING).
  case homeFirst
  /// `Line: 7`, by which Marlin 2.1 confirms M110.
  case lineNumber(Int64)
  /// Readable words that are none of the above.
  case text
  /// Bytes that are no words: a wrong speed or a bad cable.
  case garbage
}

extension Reply {
  /// Whether temperatures came with it.
  var hasReport: Bool {
    switch self {
    case .ok(let ok): ok.hasTemperatures
    case .temperatures: true
    default: false
    }
  }
}

/// What stands on an `ok` line.
public struct Acknowledgement: Equatable, Sendable {
  /// `N42`: the line that is acknowledged (ADVANCED_OK).
  public var lineNumber: Int64?
  /// `P15`: free places in the planner.
  public var plannerFree: Int32?
  /// `B3`: free places in the command queue.
  public var bufferFree: Int32?
  /// Temperatures stand on the same line, as M105 gives them; they are in `ReplyParser.report`.
  public var hasTemperatures = false
  /// Whether nothing else, or only what is listed here, stood on the line; false hints at a damaged or joined line.
  public var isClean = true
  /// `ok - ignored`: Smoothie saw no command in what it read.
  public var isIgnored = false

  /// Makes a bare `ok`.
  public init() {}
}

/// What the firmware complains of, by how far it reaches.
public enum FirmwareError: Equatable, Sendable {
  /// A line came damaged or out of turn and was not taken: the number of the last line that was, where it could be read.
  case line(LineError, lastLine: Int64?)
  /// A heater is out of control: MAXTEMP, MINTEMP, `Heating failed`, `Thermal Runaway`, `Heater decoupled` and the like.
  case heater
  /// `Printer halted. kill() called!`: the firmware listens no longer until it is reset.
  case killed
  /// `Printer stopped due to errors`: Marlin 1.0 refuses to move until M999.
  case stopped
  /// Anything else, such as `G2/G3 bad parameters`: told to a person, without consequences.
  case other
}

/// Why a line was not taken.
public enum LineError: Equatable, Sendable {
  /// `checksum mismatch`.
  case checksum
  /// `Line Number is not Last Line Number+1`.
  case number
  /// `No Checksum with line number`.
  case noChecksum
  /// `No Line Number with checksum`: Marlin 1.0 sends neither Resend nor ok after it.
  case noNumber
  /// A line error by its words, but damaged.
  case unreadable
}

/// What a busy firmware is busy with.
public enum BusyReason: Equatable, Sendable {
  /// Working.
  case processing
  /// Waiting for a person at the machine.
  case pausedForUser
  /// Waiting for an input.
  case pausedForInput
}

/// What the firmware asks of its host by `//action:`.
public enum HostAction: Equatable, Sendable {
  /// `pause`: the host shall pause.
  case pause
  /// `paused`: the firmware has paused by itself.
  case paused
  /// `resume`: the host shall go on.
  case resume
  /// `resumed`: the firmware has gone on by itself.
  case resumed
  /// `cancel`.
  case cancel
  /// `prompt_begin`; the words are in `ReplyParser.words`.
  case promptBegin
  /// `prompt_choice` and `prompt_button`; the words are in `ReplyParser.words`.
  case promptChoice
  /// `prompt_show`.
  case promptShow
  /// `prompt_end`.
  case promptEnd
  /// `notification`; the words are in `ReplyParser.words`.
  case notification
  /// `poweroff`, `shutdown`.
  case powerOff
  /// `disconnect`.
  case disconnect
  /// Any other.
  case other
}

/// Temperatures in a report, in °C; nan where missing.
public struct TemperatureReport: Equatable, Sendable {
  /// How many hot ends are followed.
  public static let maximumTools = 8

  /// A heater's measured temperature and target.
  public struct Reading: Equatable, Sendable {
    /// Measured; nan where missing.
    public var current: Double = .nan
    /// Asked for; nan where the report does not tell (Marlin 1.0 while it waits for heat).
    public var target: Double = .nan

    /// Makes an empty reading.
    public init() {}
  }

  var tools = InlineArray<8, Reading>(repeating: Reading())
  /// The bed.
  public var bed = Reading()
  /// The chamber.
  public var chamber = Reading()
  /// Whether this is the report of a heat wait: it ends in `W:`, or has `E:` and no target (Marlin 1.0).
  public var isWaiting = false

  /// Makes an empty report.
  public init() {}

  /// A hot end's reading; empty where missing or out of range.
  public func tool(_ number: Int) -> Reading {
    number >= 0 && number < Self.maximumTools ? tools[number] : Reading()
  }

  /// Compares all readings; two missing values are equal.
  public static func == (a: TemperatureReport, b: TemperatureReport) -> Bool {
    func same(_ x: Reading, _ y: Reading) -> Bool {
      (x.current == y.current || x.current.isNaN && y.current.isNaN)
        && (x.target == y.target || x.target.isNaN && y.target.isNaN)
    }
    for index in 0..<maximumTools where !same(a.tools[index], b.tools[index]) { return false }
    return same(a.bed, b.bed) && same(a.chamber, b.chamber) && a.isWaiting == b.isWaiting
  }
}

/// A position as M114 reports it, in mm.
public struct PositionReport: Equatable, Sendable {
  /// X.
  public var x: Double
  /// Y.
  public var y: Double
  /// Z.
  public var z: Double
  /// E; nil where missing.
  public var e: Double?

  /// Makes a position report.
  public init(x: Double, y: Double, z: Double, e: Double?) {
    self.x = x
    self.y = y
    self.z = z
    self.e = e
  }
}
