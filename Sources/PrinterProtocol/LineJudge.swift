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
struct LineJudge: Sendable {
  let configuration: SessionConfiguration

  /// A line of the file.
  func file(_ command: Command, state: ModalState) -> Verdict {
    if let refusal = temperature(command) { return .refuse(refusal) }
    let traits = CommandTraits.of(command)
    if command.letter == UInt8(ascii: "M") {
      switch command.number {
      case 110: return refuse("file.numbering", "the file sets the line number (M110), which is the host's")
      case 112: return refuse("file.stop", "the file asks for an emergency stop (M112)")
      case 28, 29, 928: return refuse("file.card", "the file writes to the printer's card (\(command.name))")
      default: break
      }
    }
    if traits.contains(.dangerous), !configuration.allowsDangerousInFiles {
      return refuse(
        "file.forbidden", "the file uses \(command.name), which this machine does not allow from files")
    }
    if command.matches("M", 500) || command.matches("M", 502), !configuration.allowsSettingsInFiles {
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
    case 104, 109: return over(target, configuration.maximumTool, "the hot end")
    case 140, 190: return over(target, configuration.maximumBed, "the bed")
    case 141, 191: return over(target, configuration.maximumChamber, "the chamber")
    case 303: return over(target, max(configuration.maximumTool, configuration.maximumBed), "a heater")
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
  static func isRepeatable(_ command: Command, _ traits: CommandTraits, in state: ModalState) -> Bool {
    if traits.contains(.idempotent) { return true }
    guard command.letter == UInt8(ascii: "G") else { return false }
    switch command.number {
    case 0, 1:
      let moves = command.has("X") || command.has("Y") || command.has("Z")
      return !(moves && state.isRelative) && !(command.has("E") && state.isExtruderRelative)
    case 4: return true
    default: return false
    }
  }
}
