import GCode

/// What is to become of a line before it is sent.
enum Verdict: Equatable, Sendable {
  /// It may go.
  case send
  /// It must not go, and why.
  case refuse(SessionRefusal)
  /// A person is asked first.
  case ask(String)
  /// It is an emergency stop.
  case stop
  /// It ends a wait and acts only without number: M108, M876.
  case answer
}

/// Which lines may be sent, by whom, while what runs (safety rules 7, 9 and 13).
///
/// Holds plain numbers only, since it is asked about each line.
struct LineJudge: Sendable {
  let maximumTool: Double
  let maximumBed: Double
  let maximumChamber: Double
  let allowsDangerousInFiles: Bool
  let allowsSettingsInFiles: Bool

  init(configuration: SessionConfiguration) {
    maximumTool = configuration.maximumTool
    maximumBed = configuration.maximumBed
    maximumChamber = configuration.maximumChamber
    allowsDangerousInFiles = configuration.allowsDangerousInFiles
    allowsSettingsInFiles = configuration.allowsSettingsInFiles
  }

  /// A line of the file; only M commands may be something else than sent.
  @inline(__always)
  func file(_ command: Command) -> Verdict { command.isM ? fileM(command) : .send }

  private func fileM(_ command: Command) -> Verdict {
    if let refusal = temperature(command) { return .refuse(refusal) }
    switch command.number {
    case 110: return refuse("file.numbering", "the file sets the line number (M110), which is the host's")
    case 112: return refuse("file.stop", "the file asks for an emergency stop (M112)")
    case 28, 29, 928: return refuse("file.card", "the file writes to the printer's card (\(command.name))")
    default: break
    }
    if CommandTraits.of(command).contains(.dangerous), !allowsDangerousInFiles {
      return refuse(
        "file.forbidden", "the file uses \(command.name), which this machine does not allow from files")
    }
    if command.matches("M", 500) || command.matches("M", 502), !allowsSettingsInFiles {
      return .ask("the file wants to change the printer's stored settings (\(command.name))")
    }
    return .send
  }

  /// A line by hand; `isRunning` while a job runs.
  func hand(_ command: Command, isRunning: Bool) -> Verdict {
    if command.matches("M", 112) { return .stop }
    if command.matches("M", 108) || command.matches("M", 876) { return .answer }
    if command.matches("M", 110) {
      return refuse("line.numbering", "M110 is refused: the line numbers belong to the driver")
    }
    if command.matches("M", 28) || command.matches("M", 928) {
      return refuse(
        "line.card", "\(command.name) is refused: every line after it would be written to the card")
    }
    if let refusal = temperature(command) { return .refuse(refusal) }
    guard isRunning else { return .send }
    return Self.isAllowedWhileRunning(command)
      ? .send
      : refuse(
        "line.refusedWhileRunning", "\(command.name) is refused while a job runs; pause or cancel it first")
  }

  /// What changes nothing that the job relies on: heaters within limits, fans, factors, baby-steps, words, reports.
  private static func isAllowedWhileRunning(_ command: Command) -> Bool {
    guard command.letter == UInt8(ascii: "M") else { return false }
    switch command.number {
    case 104, 140, 141, 106, 107, 220, 221, 290, 117, 118, 73, 155, 113, 900, 207, 208: return true
    case 114: return true
    default: return CommandTraits.of(command).contains(.reports)
    }
  }

  /// A target above the machine's limit, from whomever.
  func temperature(_ command: Command) -> SessionRefusal? {
    guard command.letter == UInt8(ascii: "M") else { return nil }
    guard command.has("S") || command.has("R") else { return nil }
    let target = max(command["S"] ?? 0, command["R"] ?? 0)
    switch command.number {
    case 104, 109: return over(target, maximumTool, "the hot end")
    case 140, 190: return over(target, maximumBed, "the bed")
    case 141, 191: return over(target, maximumChamber, "the chamber")
    case 303: return over(target, max(maximumTool, maximumBed), "a heater")
    default: return nil
    }
  }

  /// A target that a person sets by an act.
  func over(_ target: Double, _ limit: Double, _ heater: String) -> SessionRefusal? {
    guard target > limit else { return nil }
    return SessionRefusal(
      code: "limit.temperature",
      sentence:
        "\(OwnLine.text(target)) °C for \(heater) is above this machine's limit of \(OwnLine.text(limit)) °C")
  }

  private func refuse(_ code: String, _ sentence: String) -> Verdict {
    .refuse(SessionRefusal(code: code, sentence: sentence))
  }

  /// Whether sending the line again after a piece of it may have run puts everything right, in the state before it.
  ///
  /// An absolute move does; modes, homing, G92 and arcs do not: a piece of them may have been another command.
  ///
  /// Neither is changed; `inout`, so that they are looked at where they lie, and not copied for each line.
  static func isRepeatable(
    _ command: inout Command, _ traits: CommandTraits, in state: inout ModalState
  ) -> Bool {
    if traits.contains(.idempotent) { return true }
    guard !command.isM else { return false }
    switch command.number {
    case 0, 1:
      guard traits.contains(.planned) else { return false }
      let moves = command.has("X") || command.has("Y") || command.has("Z")
      return !(moves && state.isRelative) && !(command.has("E") && state.extrudesRelatively())
    case 4: return command.matches("G", 4)
    default: return false
    }
  }
}
