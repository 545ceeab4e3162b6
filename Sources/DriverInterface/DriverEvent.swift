/// Something that happened in a driver, numbered without gaps within one incarnation.
public struct DriverEvent: Equatable, Sendable {
  /// Its number, from 1.
  public var sequence: Int64
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// What.
  public var kind: DriverEventKind

  /// Makes an event.
  public init(sequence: Int64, at: Int64, kind: DriverEventKind) {
    self.sequence = sequence
    self.at = at
    self.kind = kind
  }
}

/// What can happen. Progress and heaters come at most a few times a second; everything else each time.
public enum DriverEventKind: Equatable, Sendable {
  /// The phase changed.
  case phase(MachinePhase, reason: String)
  /// The port opened at this speed.
  case opened(baudAsked: Int32, baudGranted: Int32)
  /// The handshake is complete.
  case connected(firmware: String)
  /// An attempt started.
  case started(AttemptID, job: JobID)
  /// An attempt went on.
  case progress(AttemptProgress)
  /// New temperatures.
  case heaters([HeaterReading])
  /// A resend incident: the firmware line number asked for, the file's line, and its words.
  case resend(lineNumber: Int64, fileLine: Int64, words: String)
  /// The firmware said something worth a log line (echo, unknown command, notification).
  case message(String)
  /// The firmware asks a person; nil when the question is gone.
  case prompt(FirmwarePrompt?)
  /// Something went wrong that does not end the attempt.
  case fault(Fault)
  /// An attempt ended.
  case ended(AttemptOutcome)
  /// The firmware restarted (banner or lost numbering seen).
  case firmwareReset
  /// A line of the wire log: true for host to firmware.
  case wire(sent: Bool, line: String)
  /// The flight recorder was written to this path.
  case recorderDumped(path: String)
  /// The link was lost, came back, or the board behind it was reset.
  case link(LinkChange)
  /// Learned by opening the port: whether that resets the board. Told when it is first learned, and when it changes.
  case openingResets(Bool)
}
