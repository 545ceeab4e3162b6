/// Something a person asked for that cannot be, or something that went wrong in the supervisor itself.
public struct HostError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The stable dotted code; `…unknown` means that the named thing does not exist.
  public var code: String
  /// One or two sentences for a person: what happened, to which job, machine, file or folder, and what to do.
  public var sentence: String

  /// Makes an error.
  public init(code: String, sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  /// The sentence.
  public var description: String { sentence }
}
