/// What Ctrl-C, a closed terminal and keys mean while a print runs. Pure: time comes in, orders go out.
///
///     following --Ctrl-C--> asking --Ctrl-C--> cancelling
///         ^                   | 5 s or any other key
///         +-------------------+
///     following, asking --d, closed terminal, kill--> detached
///
/// Once the safe ending runs, nothing here cuts it short.
struct PrintConversation: Equatable, Sendable {
  /// What the person sees.
  enum State: Equatable, Sendable {
    case following
    case asking(until: Int64)
    case cancelling
    case detached
  }

  /// What the shell of this machine does.
  enum Order: Equatable, Sendable {
    case nothing
    /// Show the question.
    case ask
    /// Take the question away.
    case goOn
    /// Start the safe ending.
    case cancel
    /// Say that the safe ending runs and is not cut short.
    case explain
    /// Leave; the print goes on.
    case detach
    /// Answer the firmware's prompt.
    case answer(Int32?)
  }

  private(set) var state = State.following
  /// How many choices the firmware's question has; nil where it asks nothing.
  var choices: Int?

  /// How long the question stands, in milliseconds.
  static let patience: Int64 = 5000

  /// Ctrl-C.
  mutating func interrupted(now: Int64) -> Order {
    switch state {
    case .following:
      state = .asking(until: now + Self.patience)
      return .ask
    case .asking:
      state = .cancelling
      return .cancel
    case .cancelling: return .explain
    case .detached: return .nothing
    }
  }

  /// The terminal was closed, or the process was told to end.
  mutating func hungUp() -> Order {
    state = .detached
    return .detach
  }

  /// A key was pressed.
  mutating func pressed(_ key: UInt8, now: Int64) -> Order {
    switch (state, key) {
    case (.asking, UInt8(ascii: "d")), (.asking, UInt8(ascii: "D")):
      state = .detached
      return .detach
    case (.asking, _):
      state = .following
      return .goOn
    case (.following, _): return answer(key)
    case (.cancelling, _), (.detached, _): return .nothing
    }
  }

  /// Time went by.
  mutating func tick(now: Int64) -> Order {
    guard case .asking(let until) = state, now >= until else { return .nothing }
    state = .following
    return .goOn
  }

  private func answer(_ key: UInt8) -> Order {
    guard let choices else { return .nothing }
    if choices == 0 { return key == 0x0A || key == 0x0D || key == 0x20 ? .answer(nil) : .nothing }
    guard (0x30...0x39).contains(key), Int(key - 0x30) < choices else { return .nothing }
    return .answer(Int32(key - 0x30))
  }
}
