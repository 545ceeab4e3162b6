/// What a camera may take of this host.
public struct CameraLimits: Equatable, Sendable {
  /// Seconds until a single picture is whole, and until a stream begins.
  public var seconds = 10
  /// Seconds without a byte after which a stream is over.
  public var quiet = 15
  /// Bytes of one picture.
  public var bytes = 8 << 20
  /// Watchers of one machine's stream.
  public var watchers = 8
  /// Watchers of all streams.
  public var watchersInAll = 32

  /// The usual ones.
  public init() {}
}
