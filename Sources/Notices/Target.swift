/// Where notices go: one line of the configuration.
public enum Target: Equatable, Sendable {
  /// JSON, signed.
  case webhook(Webhook)
  /// A topic of a server that speaks as ntfy does.
  case ntfy(Ntfy)

  /// What it is called in the store and in the log; two lines of the configuration with one name are one target.
  public var name: String {
    switch self {
    case .webhook(let hook): "webhook \(hook.url)"
    case .ntfy(let ntfy): "ntfy \(ntfy.topic)"
    }
  }

  /// The request that delivers `notice`. `now` is in milliseconds since 1970; a signature holds for that time.
  public func request(_ notice: Notice, now: Int64, snapshot: Snapshot? = nil) -> OutgoingRequest {
    switch self {
    case .webhook(let hook): hook.request(notice, now: now)
    case .ntfy(let ntfy): ntfy.request(notice, snapshot: snapshot)
    }
  }
}

/// One HTTP request as a value.
public struct OutgoingRequest: Equatable, Sendable {
  /// `POST` or `PUT`.
  public var method: String
  /// As the configuration names it.
  public var url: String
  /// Header fields in their order; values are printable ASCII.
  public var headers: [Header]
  /// The body.
  public var body: [UInt8]

  /// One header field.
  public struct Header: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String
  }

  /// The value of a field.
  public subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// A picture from a machine's camera.
public struct Snapshot: Equatable, Sendable {
  /// `image/jpeg`, `image/png`, …
  public var type: String
  /// The picture.
  public var bytes: [UInt8]

  /// Wraps a picture.
  public init(type: String, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }
}

/// What came back.
public enum Outcome: Equatable, Sendable {
  /// A status, with the seconds of `Retry-After` where it was given.
  case answered(Int, retryAfter: Int? = nil)
  /// No answer, and why.
  case unreachable(String)
}
