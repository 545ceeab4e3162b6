import PrinterProtocol

/// What a dead driver left of the attempt that it was printing.
struct Remains: Equatable, Sendable {
  /// What the progress page says.
  enum Page: Equatable, Sendable {
    /// There is none that can be read: after a loss of power, or of another version.
    case missing
    /// It is of another attempt.
    case other
    /// It is of this attempt.
    case same
  }

  /// The job's file.
  enum File: Equatable, Sendable {
    /// As it was at the start.
    case same
    /// Of another size or date.
    case changed
    /// Not to be read.
    case missing
  }

  /// What the page says.
  var page = Page.missing
  /// Lines of the file went out and nothing else did: no pause, script, prompt or line by hand was in the way.
  var wasStreaming = false
  /// It was paused, and nothing but polls went out.
  var wasPaused = false
  /// Which of its own lines went out.
  var script = RunningScript.none
  /// Whether each line that was in flight is known.
  var knowsLinesInFlight = false
  /// A printer whose firmware counts lines and names the last one.
  var firmwareTells = false
  /// Opening the port is known not to reset the board.
  var opensWithoutReset = false
  /// How long nothing was heard of the dead driver, in ns, and how long that may be.
  var silence: Int64 = 0
  var patience: Int64 = 0
  /// The file.
  var file = File.missing
  /// The port is to stay closed until somebody asks for it.
  var isPortHeld = false
}

/// What a restarted driver does with the attempt that it finds.
enum AdoptionPlan: Equatable, Sendable {
  /// The machine is asked; it goes on where the firmware's count, its heat and its place are as they should be.
  case ask
  /// It does not go on: heaters off first, a person decides. With the reason as the end of a sentence.
  case giveUp(String)
}

/// The table: the first row that holds decides.
///
/// Whatever is not known counts against going on. What the machine answers is judged afterwards, by the session.
func adoptionPlan(_ remains: Remains) -> AdoptionPlan {
  switch remains.page {
  case .missing: return .giveUp("nothing but the journal says where it was")
  case .other: return .giveUp("what it wrote down last belongs to another attempt")
  case .same: break
  }
  guard remains.firmwareTells else { return .giveUp("this machine does not tell which line it took last") }
  guard remains.opensWithoutReset else { return .giveUp("opening the port may reset the board") }
  guard !remains.isPortHeld else { return .giveUp("the port is to stay closed") }
  guard remains.patience > 0 else { return .giveUp("this machine never goes on by itself") }
  guard remains.silence < remains.patience, remains.silence >= 0 else {
    return .giveUp("too much time went by since")
  }
  guard remains.wasStreaming || remains.wasPaused else {
    // Which of a script's lines ran, and at which of its heights the head stands, is on no page.
    return .giveUp("it was in the middle of \(remains.script.words ?? "something else than the file")")
  }
  switch remains.file {
  case .missing: return .giveUp("its file cannot be read")
  case .changed: return .giveUp("its file was changed")
  case .same: break
  }
  guard remains.knowsLinesInFlight else { return .giveUp("which lines were on their way is not known") }
  return .ask
}

extension RunningScript {
  /// What a person calls it; nil where none runs.
  var words: String? {
    switch self {
    case .none: nil
    case .start: "its start script"
    case .end: "its end script"
    case .pause: "its pause script"
    case .resume: "its resume script"
    case .cancel: "the safe ending"
    case .finish: "the wait for its last moves"
    }
  }
}
