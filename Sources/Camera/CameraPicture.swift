/// One picture of a camera.
public struct CameraPicture: Equatable, Sendable {
  /// What it is.
  public var type: PictureType
  /// The file's bytes.
  public var bytes: [UInt8]

  /// Wraps a picture.
  public init(type: PictureType, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }
}

/// The pictures that are shown: such as are drawn and never run. SVG is not among them.
public enum PictureType: String, CaseIterable, Sendable {
  /// What nearly every camera gives.
  case jpeg = "image/jpeg"
  /// PNG.
  case png = "image/png"
  /// GIF.
  case gif = "image/gif"
  /// WebP.
  case webp = "image/webp"
  /// AVIF.
  case avif = "image/avif"
  /// Windows' bitmap.
  case bmp = "image/bmp"

  /// Reads a `Content-Type`; nil for whatever is no picture.
  public init?(contentType: String) {
    let word = contentType.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
    switch word {
    case "image/jpg", "image/pjpeg": self = .jpeg
    default:
      guard let type = PictureType(rawValue: word) else { return nil }
      self = type
    }
  }

  /// What a file's ending says.
  public var ending: String { self == .jpeg ? "jpg" : String(rawValue.dropFirst("image/".count)) }
}
