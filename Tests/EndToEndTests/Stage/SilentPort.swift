import Glibc
import Testing

/// A port that somebody holds at the other end, and that never says a word.
final class SilentPort: Sendable {
  let path: String
  private let master: Int32

  init() throws { (master, path) = try PseudoTerminals.open() }

  deinit { close(master) }
}
