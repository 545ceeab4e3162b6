/// What the firmware waits for when it waits for a person.
struct UserWait: Sendable {
  enum Question: Sendable, Equatable {
    /// `M0` and `M1`.
    case pause
    /// `M600`: the old filament is out, the new one is to be put in.
    case insertFilament
    /// `M600`: is the new colour through?
    case purge
    /// A heater fault: only a reset helps.
    case supervision
    /// A question by the fault plan.
    case question
  }

  var question: Question
  /// Goes on by itself then.
  var until: Int64?
  /// The line of the queue was not executed yet: it comes after the answer.
  var resumesLine: Bool
}

/// Pauses, filament changes, prompts and their answers, text for the display.
extension VirtualFirmware {
  /// M0, M1, M108, M112, M117, M118, M600, M876; false for another code.
  mutating func executePersonM() -> Bool {
    switch words.number {
    case 0, 1: return executePause()
    case 108: return acceptUrgent()
    case 112:
      guard emergency == nil else {
        finish()
        break
      }
      kill("M112 Shutdown")
      if profile.lineRules == .repRapFirmware { say("ok") }
    case 117:
      if profile.prompts {
        put("//action:notification ")
        put(argumentText)
        endLine()
      }
      finish()
    case 118:
      if profile.lineRules == .marlin1 { return false }
      echoText()
      finish()
    case 600:
      if !profile.userWaits { return false }
      startFilamentChange(resumesLine: false)
    case 876:
      if !profile.prompts { return false }
      finish()
    case 601, 602:
      if profile.lineRules != .prusa { return false }
      say(words.number == 601 ? "//action:paused" : "//action:resumed")
      finish()
    default: return false
    }
    return true
  }

  private mutating func acceptUrgent() -> Bool {
    if profile.lineRules == .marlin1 || profile.lineRules == .klipper { return false }
    finish()
    return true
  }

  private var argumentText: ArraySlice<UInt8> { line[words.arguments..<max(words.arguments, words.end)] }

  /// `M118 [A1] [E1] [Pn] text`.
  private mutating func echoText() {
    var text = argumentText
    var slashes = false
    for _ in 0..<3 {
      guard let first = text.first, let second = text.dropFirst().first else { break }
      if first == UInt8(ascii: "A"), second == UInt8(ascii: "1") {
        slashes = true
      } else if first == UInt8(ascii: "E"), second == UInt8(ascii: "1") {
        put("echo:")
      } else if first != UInt8(ascii: "P") || !isDigit(second) {
        break
      }
      text = text.dropFirst(2)
      while text.first == UInt8(ascii: " ") { text = text.dropFirst() }
    }
    if slashes { put("//") }
    put(text)
    say("\r")
  }

  private mutating func executePause() -> Bool {
    guard profile.userWaits else { return false }
    var until: Int64?
    if let milliseconds = value("P"), milliseconds > 0 {
      until = clock + Int64(min(milliseconds, 1e9)) * 1_000_000
    }
    if let seconds = value("S"), seconds > 0 { until = clock + Int64(min(seconds, 1e6) * 1e9) }
    if until == nil, !argumentText.isEmpty, value("P") == nil, value("S") == nil {
      put("echo:")
      put(argumentText)
      endLine()
    }
    activity = .synchronize(.askUser(UserWait(question: .pause, until: until, resumesLine: false)))
    return true
  }

  /// Starts what `M600` does: pause, park, wait for the new filament.
  mutating func startFilamentChange(resumesLine: Bool) {
    if profile.prompts { sayPrompt("Pause", "Dismiss", nil) }
    if profile.hostActions { say("//action:paused") }
    reports.nextBusy = reports.busyInterval > 0 ? clock + reports.busyInterval : nil
    let wait = UserWait(question: .insertFilament, until: nil, resumesLine: resumesLine)
    activity = .synchronize(.askUser(wait))
  }

  mutating func sayRunout() {
    guard profile.prompts else { return }
    sayPrompt("FilamentRunout T0", nil, nil)
    say("//action:paused filament_runout 0")
  }

  /// The fault plan's own question.
  mutating func askQuestion() {
    ask(UserWait(question: .question, until: nil, resumesLine: true))
  }

  /// Puts the question and waits.
  mutating func ask(_ wait: UserWait) {
    switch wait.question {
    case .pause:
      if profile.prompts { sayPrompt(words.number == 1 ? "M1 Stop" : "M0 Stop", "Continue", nil) }
    case .insertFilament:
      say("echo:Insert filament and send M108")
      if profile.prompts { sayPrompt("Nozzle Parked", "Continue", nil) }
    case .purge: sayPrompt("Paused", "PurgeMore", "Continue")
    case .supervision: break
    case .question: sayPrompt("Is the plate clean?", "Yes", "No")
    }
    reports.nextBusy = reports.busyInterval > 0 ? clock + reports.busyInterval : nil
    activity = .user(wait)
  }

  private mutating func sayPrompt(_ text: StaticString, _ first: StaticString?, _ second: StaticString?) {
    say("//action:prompt_end")
    put("//action:prompt_begin ")
    say(text)
    for button in [first, second] {
      guard let button else { continue }
      put("//action:prompt_button ")
      say(button)
    }
    say("//action:prompt_show")
  }

  /// `M876 S` came while a prompt was shown, or out of the blue.
  mutating func answerPrompt(_ choice: Int) {
    if case .user(let wait) = activity { userAnswered(wait, choice: choice) }
  }

  /// The wait ends: by `M108` (no choice), a button, or because its time is over.
  mutating func userAnswered(_ wait: UserWait, choice: Int?) {
    if wait.question == .supervision { return }
    if profile.prompts { say("//action:prompt_end") }
    switch wait.question {
    case .insertFilament where profile.prompts:
      clock += 3_000_000_000
      ask(UserWait(question: .purge, until: nil, resumesLine: wait.resumesLine))
      return
    case .purge where choice == 0:
      clock += 2_000_000_000
      ask(wait)
      return
    case .insertFilament, .purge:
      clock += 2_000_000_000
      if profile.hostActions { say("//action:resumed") }
    case .pause, .question, .supervision: break
    }
    if wait.resumesLine {
      activity = .idle
    } else {
      finish()
    }
  }
}
