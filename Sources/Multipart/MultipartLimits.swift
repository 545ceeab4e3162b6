/// How much of what is not a file a form may hold.
public struct MultipartLimits: Equatable, Sendable {
  /// Bytes of one part's headers.
  public var headerBytes = 8 << 10
  /// Parts.
  public var parts = 32
  /// Bytes of a part without a file's name.
  public var fieldBytes = 4 << 10
  /// Bytes before the first boundary.
  public var preambleBytes = 1 << 10

  /// What slicers need, many times over.
  public init() {}
}
