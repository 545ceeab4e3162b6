import Crypto

/// What was measured of a firmware, kept as data under its fingerprint: machines with the same firmware share it.
public struct QuirkProfile: Equatable, Sendable {
  /// 16 lower-case hexadecimal digits; see `FirmwareFingerprint`.
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
  /// When it was measured, in milliseconds since 1970.
  public var measuredAt: Int64?

  /// Makes a profile that says nothing.
  public init(fingerprint: String, firmware: String) {
    self.fingerprint = fingerprint
    self.firmware = firmware
  }

  /// Throws `profile.invalid` with what is wrong.
  func validate() throws(StoreError) {
    func wrong(_ sentence: String) -> StoreError { StoreError(.profileInvalid, sentence) }
    guard FirmwareFingerprint.isText(fingerprint) else {
      throw wrong("a profile's fingerprint has 16 lower-case hexadecimal digits")
    }
    guard FirmwareFingerprint(firmware)?.text == fingerprint else {
      throw wrong("the fingerprint \(fingerprint) is not that of the firmware that the profile names")
    }
    guard (32...65_536).contains(receiveBuffer ?? 32) else {
      throw wrong("a receive buffer has 32 to 65536 bytes; where nobody knows, it is left out")
    }
    guard (1...1024).contains(queueLines ?? 1) else {
      throw wrong("a command queue has 1 to 1024 lines; where nobody knows, it is left out")
    }
    guard firmware.utf8.count <= 4096, (note ?? "").utf8.count <= 4096 else {
      throw wrong("firmware and note have at most 4096 bytes")
    }
  }
}

/// A short name for a firmware by what it says of itself: the beginning of the SHA-256 of its words.
///
/// `UUID:` and `M115`'s counters of one board are left out and blanks do not count, so that two boards with the same build
/// share one fingerprint.
public struct FirmwareFingerprint: Equatable, Sendable {
  /// 16 lower-case hexadecimal digits.
  public let text: String

  /// Reads the firmware's words; nil where there are none.
  public init?(_ firmware: String) {
    let words = firmware.split(whereSeparator: \.isWhitespace).filter { !Self.isOfOneBoard($0) }
    guard !words.isEmpty else { return nil }
    text = hexadecimal(SHA256.hash(data: Array(words.joined(separator: " ").utf8)).prefix(8))
  }

  private static func isOfOneBoard(_ word: Substring) -> Bool {
    let name = word.prefix { $0 != ":" }.uppercased()
    return name == "UUID" || name == "SERIAL_NUMBER" || name == "SERIAL"
  }

  /// Whether `text` has the form of a fingerprint.
  static func isText(_ text: String) -> Bool {
    text.utf8.count == 16 && text.utf8.allSatisfy(isLowerHexadecimal)
  }
}
