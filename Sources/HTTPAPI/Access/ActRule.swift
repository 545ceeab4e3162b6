import APIModel
import Hummingbird

/// What each act on a machine by hand needs; the acts stand in `ActRequest`.
enum ActRule {
  /// The role from which on the act is allowed. Stopping is everybody's (safety rule 1); answering a prompt and loading
  /// material are what a member does at the machine; a word that is not known is refused later, for what it is.
  static func role(for act: String) -> Role {
    switch act {
    case "estop": .viewer
    case "answer", "load", "unload": .member
    default: .operator
    }
  }
}
