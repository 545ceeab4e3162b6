import Crypto
import Foundation

/// 256 random bits that a browser or a program shows to be known again. Only their hash is kept: who copies the database has
/// nothing to show. They are found by that hash, so no comparison tells how close a guess came.
public struct Secret: Equatable, Sendable {
  /// The text that is handed out once.
  public let text: String

  /// Takes what somebody showed.
  public init(text: String) { self.text = text }

  /// Makes one; `prefix` tells people and secret scanners what it is.
  static func random(prefix: String = "") -> Secret {
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
    let text = bytes.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    return Secret(text: prefix + text)
  }

  /// What is kept: SHA-256, 64 hexadecimal digits.
  public var hash: String { SHA256.hash(data: Data(text.utf8)).map { hex($0) }.joined() }

  /// Another secret that follows from this one, and from which this one does not follow.
  public func derived(for purpose: String) -> String {
    HMAC<SHA256>.authenticationCode(for: Data(purpose.utf8), using: SymmetricKey(data: Data(text.utf8)))
      .map { hex($0) }.joined()
  }
}

private func hex(_ byte: UInt8) -> String {
  let text = String(byte, radix: 16)
  return byte < 16 ? "0" + text : text
}
