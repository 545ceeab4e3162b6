import GCode

/// A line that a dead driver had sent and not seen acknowledged.
public struct AdoptedLine: Equatable, Sendable {
  /// What it says, cleaned; nil for a line that was not the file's and is not sent again.
  public var bytes: [UInt8]?
  /// The line of the file; 0 for others.
  public var fileLine: Int64
  /// Bytes of the file up to the end of that line.
  public var endOffset: Int64

  /// Makes a line.
  public init(bytes: [UInt8]?, fileLine: Int64 = 0, endOffset: Int64 = 0) {
    self.bytes = bytes
    self.fileLine = fileLine
    self.endOffset = endOffset
  }
}

/// What a dead driver left of its job, for the session that may go on with it.
public struct JobAdoption: Sendable {
  /// The number by which events name the job.
  public var token: UInt64
  /// How far it was.
  public var progress: SessionProgress
  /// Bytes of the file up to the end of the last line that was sent.
  public var sentOffset: Int64
  /// The firmware line number before the first of `lines`.
  public var base: Int64
  /// What was sent behind `base`, number by number.
  public var lines: [AdoptedLine]
  /// What the firmware remembers after the last of them.
  public var modal: ModalState
  /// The first line that may not have moved.
  public var openFrom: LineAnchor
  /// When the dead driver was alive last, on this clock.
  public var aliveAt: Int64
  /// What opening the port does to the board, where the dead driver had learned it.
  public var openingResets: Bool?
  /// The pause that the job was in; nil where its lines went out.
  public var pause: PausePlace?

  /// Makes an adoption.
  public init(
    token: UInt64, progress: SessionProgress, sentOffset: Int64, base: Int64, lines: [AdoptedLine],
    modal: ModalState, openFrom: LineAnchor, aliveAt: Int64, openingResets: Bool?, pause: PausePlace? = nil
  ) {
    self.token = token
    self.progress = progress
    self.sentOffset = sentOffset
    self.base = base
    self.lines = lines
    self.modal = modal
    self.openFrom = openFrom
    self.aliveAt = aliveAt
    self.openingResets = openingResets
    self.pause = pause
  }
}

/// The driver died in mid-print: for its successor that is a gap like that of a lost link, asked and judged in the same way,
/// and besides by where the machine says that it stands.
extension PrinterSession {
  /// How long a driver may be away at most so that its successor goes on, in ns.
  public mutating func longestAbsence(_ modal: ModalState) -> Int64 { longestGap(modal) }

  /// Takes over a job whose driver died; the port is opened afterwards, without flushing it.
  ///
  /// The lines in flight are built anew under their numbers, so that the firmware's count tells which of them it took.
  public mutating func adoptJob(_ adoption: JobAdoption, dialect name: Dialect, now: Int64) {
    guard job == nil else { return }
    stream.adopt(name, configuration: configuration)
    openingResets = adoption.openingResets
    modal = adoption.modal
    var adopted = Job(token: adoption.token, numberBefore: adoption.base)
    adopted.isChecked = true
    adopted.isStarted = true
    adopted.suppliedLine = adoption.progress.sentFileLine
    adopted.suppliedOffset = adoption.sentOffset
    adopted.openFrom = adoption.openFrom
    if let pause = adoption.pause {
      adopted.parked = Parked(
        state: pause.modal, hasPosition: true, isRetracted: pause.isRetracted, isLifted: pause.isLifted)
    }
    job = adopted
    progress = adoption.progress
    sentOffset = adoption.sentOffset
    stream.beginAdoption(after: adoption.base)
    for line in adoption.lines { rebuild(line, now: now) }
    let words = adoption.pause == nil ? "the driver died in mid-print" : "the driver died in a pause"
    gap = LinkGap(
      lostAt: adoption.aliveAt, deadline: adoption.aliveAt + longestGap(modal), words: words,
      phase: adoption.pause == nil ? .printing : .paused, reason: adoption.pause?.reason ?? "",
      temperatures: [], standbyAt: adoption.pause?.standbyAt, isAdoption: true)
    noteInterruption()
    quieten()
    enter(.linkLost, reason: "\(words); the machine is asked what it did")
  }

  private mutating func rebuild(_ line: AdoptedLine, now: Int64) {
    var unsent: [UInt8] = []
    guard let bytes = line.bytes else {
      let facts = LineFacts(kind: .poll, isReport: true, due: now)
      return stream.send(LineStream.reportLine, facts, now: now, into: &unsent)
    }
    var facts = LineFacts(
      kind: .file, fileLine: line.fileLine, endOffset: line.endOffset, isRepeatable: false, due: now)
    let command = Command(bytes[...])
    if let command {
      let traits = CommandTraits.of(command)
      facts.isBlocking = traits.contains(.blocking)
      facts.waitsForHeat = traits.contains(.waitsForHeat)
      facts.isOpenEnded = Expectation.of(command, in: modal).mostSeconds == nil
    }
    stream.send(wireForm(of: bytes[...], command), facts, now: now, into: &unsent)
  }

  /// Whether the machine stands where the page says; nil where it does, else what is wrong.
  func misplacement(_ report: PositionReport?) -> String? {
    guard let report else { return "the firmware does not tell where it stands" }
    let loose = looseAxes
    for (axis, expected, found) in [
      (Axes.x, modal.position.x, report.x), (.y, modal.position.y, report.y),
      (.z, modal.position.z, report.z),
    ] where modal.known.contains(axis) && !loose.contains(axis) && abs(expected - found) > 0.1 {
      return
        "the machine says that it stands at \(OwnLine.text(found)) where \(OwnLine.text(expected)) was expected"
    }
    return nil
  }

  /// Axes that the lines which were not taken would have moved: where those stand is not known from the page.
  private var looseAxes: Axes {
    var axes: Axes = []
    for line in job?.untaken ?? [] {
      guard let command = Command(line.bytes[...]) else { continue }
      guard
        command.matches("G", 0) || command.matches("G", 1) || command.matches("G", 2)
          || command.matches("G", 3) || command.letter != UInt8(ascii: "G")
      else { return .xyz }
      axes.formUnion(Axes(namedBy: command))
    }
    return axes
  }
}

extension LineStream {
  /// Numbering is on behind `number`; what follows was sent by a driver that is dead.
  mutating func beginAdoption(after number: Int64) {
    open(after: number)
    reportsCarryTemperatures = true
  }
}

extension MachineSession {
  /// Takes over a job whose driver died; the port is opened afterwards, without flushing it.
  public mutating func adoptJob(_ adoption: JobAdoption, dialect: Dialect, now: Int64) {
    family = .printer
    isListening = false
    printer.adoptJob(adoption, dialect: dialect, now: now)
  }

  /// How long a driver may be away at most so that its successor goes on, in ns.
  public mutating func longestAbsence(_ modal: ModalState) -> Int64 { printer.longestAbsence(modal) }

  /// The firmware's quirks: as configured, or as its own words named it.
  public var dialect: Dialect { family == .grbl ? configuration.dialect : printer.dialect }
}
