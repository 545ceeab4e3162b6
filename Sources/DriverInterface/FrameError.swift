/// Why bytes from a control socket are not a message.
///
/// Every case is final for its connection: the place where the next frame starts cannot be trusted any more.
public enum FrameError: Error, Equatable, Sendable {
  /// A frame announced more bytes than the reader takes.
  case oversized(length: Int64, limit: Int64)
  /// A field reaches beyond its record.
  case truncatedField
  /// A number that does not end, or does not fit.
  case malformedNumber
  /// A list with more elements than the reader takes.
  case tooManyElements
  /// A value that this version has no case for.
  case unknownValue
}
