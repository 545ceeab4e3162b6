/// What was measured of a firmware, kept under its fingerprint: `GET` and `PUT /api/v1/profiles/FINGERPRINT`.
///
/// The same document is exported and imported, so that one space can use what another measured.
public struct ProfileModel: Codable, Equatable, Sendable {
  /// 16 lower-case hexadecimal digits, of what the firmware says of itself.
  public var fingerprint: String
  /// What the firmware says of itself.
  public var firmware: String
  /// Bytes that its receive buffer holds.
  public var receiveBuffer: Int?
  /// Lines that its command queue holds.
  public var queueLines: Int?
  /// Whether opening the port resets it.
  public var resetsOnOpen: Bool?
  /// A word for others.
  public var note: String?
  /// When it was measured, ISO 8601.
  public var measuredAt: String?

  /// Makes a profile that says nothing.
  public init(fingerprint: String, firmware: String) {
    self.fingerprint = fingerprint
    self.firmware = firmware
  }
}
