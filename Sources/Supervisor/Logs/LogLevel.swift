import Logging

/// The levels of a log line, as they are written and asked for.
public enum LogLevel: String, Comparable, Sendable, CaseIterable {
  /// For whoever looks for a fault in the program.
  case debug
  /// What happens in the ordinary course.
  case info
  /// What a person may want to know without asking.
  case notice
  /// Something went wrong and was dealt with.
  case warning
  /// Something went wrong and a person should act.
  case error

  /// Maps swift-log's level; `trace` is our `debug`, `critical` our `error`.
  public init(_ level: Logger.Level) {
    switch level {
    case .trace, .debug: self = .debug
    case .info: self = .info
    case .notice: self = .notice
    case .warning: self = .warning
    case .error, .critical: self = .error
    }
  }

  /// swift-log's level.
  public var swiftLog: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    }
  }

  /// The priority that journald reads from `<N>` before a line; syslog's numbers.
  var priority: Int {
    switch self {
    case .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    }
  }

  /// By severity.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.priority > right.priority }
}
