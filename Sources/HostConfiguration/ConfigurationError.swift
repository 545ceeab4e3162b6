/// What is wrong with a configuration file, and where.
public struct ConfigurationError: Error, Equatable, Sendable {
  /// The stable dotted code: `configuration.missing`, `.unreadable`, `.syntax`, `.unknownKey`, `.value`.
  public var code: String
  /// The file.
  public var path: String
  /// The line, from 1; nil where the file as a whole is meant.
  public var line: Int?
  /// What is wrong, and what to do.
  public var reason: String

  /// Makes an error.
  public init(code: String, path: String, line: Int?, reason: String) {
    self.code = code
    self.path = path
    self.line = line
    self.reason = reason
  }

  /// One sentence with file and line.
  public var sentence: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)" }
}
