import HostConfiguration

/// What a connection and its requests may take; times in nanoseconds.
struct ConnectionLimits: Equatable, Sendable {
  /// Until the first request's head is there, TLS included.
  var firstHead: Int64 = 10_000_000_000
  /// Without `leastProgress` bytes of a body that is to come, or of an answer that is to be taken.
  var stall: Int64 = 30_000_000_000
  /// Until the next request's head on a connection that is kept.
  var idle: Int64 = 60_000_000_000
  /// What is left to a request that runs when the host ends.
  var ending: Int64 = 3_000_000_000
  /// What counts as progress of a body within `stall`.
  var leastProgress = 1024
  /// Of a request's header fields, in bytes and in fields.
  var headerBytes = 16 << 10
  var headerFields = 100
  /// Of a body that is no upload, in bytes.
  var bodyBytes = 256 << 10
  /// Of an upload, in bytes.
  var uploadBytes: Int64 = 4_000_000_000

  /// The defaults.
  init() {}

  /// As the configuration says.
  init(_ section: LimitsSection) {
    func nanoseconds(_ seconds: Int) -> Int64 { Int64(seconds) * 1_000_000_000 }
    firstHead = nanoseconds(section.headerSeconds)
    stall = nanoseconds(section.stallSeconds)
    idle = nanoseconds(section.idleSeconds)
    headerBytes = section.headerBytes
    headerFields = section.headerFields
    bodyBytes = section.bodyBytes
    uploadBytes = Int64(section.uploadMegabytes) * 1_000_000
  }
}
