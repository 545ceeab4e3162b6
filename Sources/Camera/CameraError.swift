/// Why there is no picture of a machine. Whose camera it is says the sentence; where it is says none of them.
public struct CameraError: Error, Equatable, Sendable {
  /// `camera.unknown`, `camera.silent`, `camera.noPicture`, …
  public let code: String
  /// What happened and what to do.
  public let sentence: String

  init(_ code: String, _ sentence: String) {
    self.code = "camera." + code
    self.sentence = sentence
  }

  /// None is configured.
  public static func unknown(_ machine: String) -> CameraError {
    CameraError(
      "unknown", "\(machine) has no camera; an admin names one: fabline machine set \(machine) --camera URL")
  }

  /// Pictures there are, and no stream of them.
  public static func noStream(_ machine: String) -> CameraError {
    CameraError("unknown", "\(machine)'s camera has no stream configured; its single pictures are at /camera")
  }

  /// Nothing is reached.
  public static func unreachable(_ machine: String, _ reason: String) -> CameraError {
    CameraError(
      "unreachable",
      "\(machine)'s camera cannot be reached (\(reason)): look whether it is switched on, and at its address")
  }

  /// Nothing whole came in time.
  public static func silent(_ machine: String, seconds: Int) -> CameraError {
    CameraError(
      "silent",
      "\(machine)'s camera gave no whole picture within \(seconds) s: look whether it is switched on")
  }

  /// Something else came.
  public static func noPicture(_ machine: String, _ what: String) -> CameraError {
    CameraError(
      "noPicture",
      "what \(machine)'s camera gave is \(what) and no picture: look at the address in the machine's settings"
    )
  }

  /// Another status than 200.
  public static func refused(_ machine: String, status: Int) -> CameraError {
    let advice =
      switch status {
      case 300..<400:
        "it leads elsewhere, which is not followed: put the address that it leads to into the settings"
      case 401, 403: "it wants a name and a password: http://name:password@host/…, as Basic sign-in"
      case 404: "there is nothing at this address: look into the camera's manual for the right one"
      default: "look whether it works in a browser"
      }
    return CameraError("refused", "\(machine)'s camera answered with status \(status): \(advice)")
  }

  /// Larger than is taken.
  public static func tooLarge(_ machine: String, bytes: Int) -> CameraError {
    CameraError(
      "tooLarge",
      "a picture of \(machine)'s camera is larger than \(bytes >> 20) MB: set a smaller one in the camera")
  }

  /// The address means something that is never asked.
  public static func forbidden(_ machine: String) -> CameraError {
    CameraError(
      "forbidden", "the name in \(machine)'s camera address leads astray: \(CameraAddress.forbidden)")
  }

  /// As many watch as may.
  public static let busy = CameraError(
    "busy", "as many watch cameras as this host serves: close another page, or try again in a moment")
}
