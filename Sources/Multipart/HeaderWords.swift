/// Reads the words of a header's value: a token, then parameters `; key=value` with tokens or quoted strings.
///
/// RFC 7578 section 4.2, RFC 2045 section 5.1, RFC 5987 for `filename*`.
struct HeaderWords {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
    skipBlanks()
  }

  /// What is left, without blanks around it.
  var rest: [UInt8] {
    var end = bytes.endIndex
    while end > position, isBlank(bytes[end - 1]) { end -= 1 }
    return Array(bytes[position..<end])
  }

  /// The bytes up to a blank or a semicolon.
  mutating func token() -> [UInt8] {
    let start = position
    while position < bytes.endIndex, bytes[position] != UInt8(ascii: ";"), !isBlank(bytes[position]) {
      position += 1
    }
    return Array(bytes[start..<position])
  }

  /// The next parameter; nil at the end.
  mutating func parameter() throws(MultipartError) -> (key: [UInt8], value: [UInt8])? {
    skipBlanks()
    while position < bytes.endIndex, bytes[position] == UInt8(ascii: ";") {
      position += 1
      skipBlanks()
    }
    guard position < bytes.endIndex else { return nil }
    let start = position
    while position < bytes.endIndex, isToken(bytes[position]) { position += 1 }
    let key = Array(bytes[start..<position])
    skipBlanks()
    guard !key.isEmpty, position < bytes.endIndex, bytes[position] == UInt8(ascii: "=") else {
      throw .headers
    }
    position += 1
    skipBlanks()
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") { return (key, try quoted()) }
    return (key, token())
  }

  /// A quoted string. Browsers and slicers write `\"` for a quote and leave the backslashes of Windows' paths alone.
  private mutating func quoted() throws(MultipartError) -> [UInt8] {
    position += 1
    var value: [UInt8] = []
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return value }
      if byte == UInt8(ascii: "\\"), position < bytes.endIndex,
        bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "\\")
      {
        value.append(bytes[position])
        position += 1
      } else {
        value.append(byte)
      }
    }
    throw .headers
  }

  private mutating func skipBlanks() {
    while position < bytes.endIndex, isBlank(bytes[position]) { position += 1 }
  }

  /// `UTF-8'en'wall%20bracket.gcode` as bytes; nil where it is something else.
  static func extended(_ value: [UInt8]) -> [UInt8]? {
    let parts = value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isWord("utf-8") else { return nil }
    var decoded: [UInt8] = []
    var index = parts[2].startIndex
    while index < parts[2].endIndex {
      let byte = parts[2][index]
      index += 1
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard index + 1 < parts[2].endIndex, let high = digit(parts[2][index]),
        let low = digit(parts[2][index + 1])
      else { return nil }
      decoded.append(high << 4 | low)
      index += 2
    }
    return decoded
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}

func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

/// RFC 2045's token, and the `*` of `filename*`.
func isToken(_ byte: UInt8) -> Bool {
  switch byte {
  case 0...32, 127...255: false
  case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"): false
  case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""): false
  case UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="): false
  default: true
  }
}

extension ArraySlice<UInt8> {
  /// Whether it is `word`, which is lower-case ASCII, in any case.
  func isWord(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for (index, byte) in self.enumerated() {
      let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
      if lower != word.utf8Start[index] { return false }
    }
    return true
  }
}
