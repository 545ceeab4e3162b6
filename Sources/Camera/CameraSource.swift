/// A machine's camera, as its settings name it.
public struct CameraPlace: Equatable, Sendable {
  /// Whose it is.
  public var machine: String
  /// Where single pictures are.
  public var snapshot: CameraAddress?
  /// Where pictures come without end.
  public var stream: CameraAddress?

  /// Names a camera; nil where there is none.
  public init?(machine: String, snapshot: CameraAddress?, stream: CameraAddress?) {
    guard snapshot != nil || stream != nil else { return nil }
    self.machine = machine
    self.snapshot = snapshot
    self.stream = stream
  }
}

/// Whoever fetches pictures.
public protocol CameraSource: Sendable {
  /// One picture, as it is now.
  func picture(of camera: CameraPlace) async throws(CameraError) -> CameraPicture
  /// Pictures as they come, from the newest on.
  func watch(_ camera: CameraPlace) async throws(CameraError) -> CameraWatch
}

/// Somebody looks at a camera: pictures until it fails, nobody takes them any more, or `end` is called. Whoever is slow misses
/// some.
public struct CameraWatch: Sendable {
  /// The pictures.
  public let pictures: AsyncStream<CameraPicture>
  private let continuation: AsyncStream<CameraPicture>.Continuation

  /// Watches what is given to `continuation`.
  public init(
    _ pictures: AsyncStream<CameraPicture>, _ continuation: AsyncStream<CameraPicture>.Continuation
  ) {
    self.pictures = pictures
    self.continuation = continuation
  }

  /// Looks away.
  public func end() { continuation.finish() }
}

/// Nobody fetches anything.
public struct NoCameras: CameraSource {
  /// Makes it.
  public init() {}

  /// There is none.
  public func picture(of camera: CameraPlace) async throws(CameraError) -> CameraPicture {
    throw .unknown(camera.machine)
  }

  /// There is none.
  public func watch(_ camera: CameraPlace) async throws(CameraError) -> CameraWatch {
    throw .unknown(camera.machine)
  }
}
