import Glibc

/// What the system knows of the device behind a port's name, without opening it.
public struct PortFacts: Equatable, Sendable {
  /// Whether bytes take their time on the way.
  public enum Timing: Equatable, Sendable {
    /// A UART, here or behind an adapter: ten bits a byte at the speed that was set.
    case timed
    /// No UART: a pseudo-terminal, or a board with USB of its own. Any speed is taken, and none kept.
    case untimed
    /// There is no such device at the moment.
    case unknown
  }

  /// Whether bytes take their time on the way.
  public let timing: Timing

  /// Asks the device behind `path`, through whatever links. The corresponding call is `stat`.
  public init(path: String) {
    var node = stat()
    timing = stat(path, &node) == 0 ? PortFacts.timing(of: node) : .unknown
  }

  // Linux gives USB's own serial boards (cdc_acm) major 166.
  private static func timing(of node: stat) -> Timing {
    guard node.kind == .characterDevice else { return .unknown }
    return node.isPseudoTerminal || node.major == 166 ? .untimed : .timed
  }
}
