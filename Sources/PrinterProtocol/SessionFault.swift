/// How far a fault of the session reaches.
public enum SessionFaultScope: UInt8, Sendable {
  /// One line; the job goes on.
  case line = 0
  /// One job; the connection goes on.
  case job = 1
  /// The connection to the machine.
  case connection = 2
}

/// Something that went wrong between the host and the firmware.
///
/// `code` is stable and dotted (`firmware.killed`, `stream.resendLoop`); the sentence says what happened and what to do.
public struct SessionFault: Error, Equatable, Sendable {
  /// The stable dotted code.
  public var code: String
  /// One or two sentences for a person.
  public var sentence: String
  /// How far it reaches.
  public var scope: SessionFaultScope
  /// The line of the file (1-based) that it concerns, where one is known.
  public var fileLine: Int64?

  /// Makes a fault.
  public init(code: String, sentence: String, scope: SessionFaultScope, fileLine: Int64? = nil) {
    self.code = code
    self.sentence = sentence
    self.scope = scope
    self.fileLine = fileLine
  }
}

/// Why the session does not do what a person or program asked; nothing was sent.
public struct SessionRefusal: Error, Equatable, Sendable {
  /// The stable dotted code, such as `machine.busy`, `line.refusedWhileRunning` or `limit.temperature`.
  public var code: String
  /// One sentence for a person.
  public var sentence: String

  /// Makes a refusal.
  public init(code: String, sentence: String) {
    self.code = code
    self.sentence = sentence
  }
}
