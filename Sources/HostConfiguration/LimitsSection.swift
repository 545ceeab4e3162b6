/// `limits:` what one client may take, so that no client takes everything.
public struct LimitsSection: ConfigurationSection {
  /// TCP connections at once.
  public var connections = 256
  /// TCP connections at once from one address.
  public var connectionsPerAddress = 32
  /// Connections at once over the Unix socket; none of the above count here.
  public var unixConnections = 64
  /// Clients that follow the events at once.
  public var eventStreams = 64
  /// Bytes of a request's header fields.
  public var headerBytes = 16 << 10
  /// A request's header fields.
  public var headerFields = 100
  /// Bytes of a body that is no upload.
  public var bodyBytes = 256 << 10
  /// Megabytes (10^6) of an upload.
  public var uploadMegabytes = 4000
  /// Seconds until a new connection's first request has come, TLS included.
  public var headerSeconds = 10
  /// Seconds without 1 kB of a body that is still to come, or of an answer that is not taken.
  public var stallSeconds = 30
  /// Seconds until the next request on a connection that is kept.
  public var idleSeconds = 60

  static let name = "limits"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    connections = try section.number("connections", 1...10_000) ?? connections
    connectionsPerAddress =
      try section.number("connections-per-address", 1...10_000) ?? connectionsPerAddress
    unixConnections = try section.number("unix-connections", 4...10_000) ?? unixConnections
    eventStreams = try section.number("event-streams", 1...1000) ?? eventStreams
    headerBytes = try section.number("header-bytes", 1024...(64 << 10)) ?? headerBytes
    headerFields = try section.number("header-fields", 16...1000) ?? headerFields
    bodyBytes = try section.number("body-bytes", (16 << 10)...(16 << 20)) ?? bodyBytes
    uploadMegabytes = try section.number("upload-megabytes", 1...1_000_000) ?? uploadMegabytes
    headerSeconds = try section.number("header-seconds", 1...600) ?? headerSeconds
    stallSeconds = try section.number("stall-seconds", 1...3600) ?? stallSeconds
    idleSeconds = try section.number("idle-seconds", 1...3600) ?? idleSeconds
  }

  static let sample = """
    limits:
      # Connections over the network at once, in all and from one address: slow or hostile clients cannot take every one.
      #connections: 256
      #connections-per-address: 32
      # Connections over the Unix socket at once; the network's do not count here.
      #unix-connections: 64
      # Clients that follow the events at once; one that does not keep up is cut off at 500 events, about 200 kB.
      #event-streams: 64
      # Bytes and number of a request's header fields.
      #header-bytes: 16384
      #header-fields: 100
      # Bytes of a body that is no upload: a machine's settings with long scripts fit.
      #body-bytes: 262144
      # Megabytes of an upload; what the disk holds is looked at as well.
      #upload-megabytes: 4000
      # Seconds until a new connection's first request has to be there.
      #header-seconds: 10
      # Seconds without 1 kB of a body, or of an answer that the client does not take.
      #stall-seconds: 30
      # Seconds until the next request on a connection that is kept open.
      #idle-seconds: 60
    """
}
