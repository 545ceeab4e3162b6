/// How far a fault reaches.
public enum FaultScope: UInt8, Sendable {
  /// One line; the job goes on.
  case line = 0
  /// One job; the connection goes on.
  case job = 1
  /// The connection to the machine.
  case connection = 2
  /// The whole process.
  case process = 3
}

/// Something that went wrong, as a value a person can read and a program can compare.
///
/// `code` is stable and dotted (`port.busy`, `firmware.killed`, `stream.resendLoop`); `sentence` names the port, file or
/// line and says what to do. Codes are listed in Sources/README.md.
public struct Fault: Error, Equatable, Sendable {
  /// The stable dotted code.
  public var code: String
  /// One or two sentences for a person.
  public var sentence: String
  /// How far it reaches.
  public var scope: FaultScope
  /// The line of the file (1-based) that it concerns, where one is known.
  public var fileLine: Int64?

  /// Makes a fault.
  public init(code: String, sentence: String, scope: FaultScope, fileLine: Int64? = nil) {
    self.code = code
    self.sentence = sentence
    self.scope = scope
    self.fileLine = fileLine
  }
}
