/// Reads pictures out of a camera's endless answer (`multipart/x-mixed-replace`), however its bytes are cut.
///
///     preamble -> line -> header -> sized (Content-Length) ----> preamble
///                            '----> open (until a delimiter) --> line
///
/// Cameras keep to the form loosely: a boundary that has its hyphens already, line ends without CR, parts without a length.
/// Nothing larger than `limit` is held. Where the camera errs `take` throws, and the caller ends the stream. The form goes back
/// to Netscape's server push; the framing is RFC 2046 section 5.1.
public struct FrameReader: Sendable {
  /// What is wrong with a stream.
  public enum Failure: Error, Equatable, Sendable {
    /// A picture is larger than the limit.
    case tooLarge
    /// Its framing cannot be followed.
    case garbled
    /// A part is something else.
    case noPicture
  }

  private enum State: Equatable {
    /// Before a delimiter.
    case preamble
    /// In the rest of a delimiter's line.
    case line
    /// In a part's headers.
    case header
    /// In a part of known length.
    case sized(PictureType, Int)
    /// In a part that ends with the next delimiter; looked through up to there.
    case open(PictureType, Int)
    /// Behind the last part.
    case ended
  }

  private let delimiter: [UInt8]
  /// The boundary had hyphens of its own, so that two more may stand before it.
  private let isLoose: Bool
  private let limit: Int
  private var state = State.preamble
  private var held: [UInt8] = []

  /// Reads an answer of this `Content-Type`; nil where it is no stream of parts.
  public init?(contentType: String, limit: Int) {
    let parts = contentType.split(separator: ";").map { FrameReader.trimmed($0.utf8) }
    guard let kind = parts.first,
      String(decoding: kind, as: UTF8.self).lowercased() == "multipart/x-mixed-replace"
    else { return nil }
    var boundary: [UInt8] = []
    for part in parts.dropFirst() {
      let name = String(decoding: part.prefix(9), as: UTF8.self).lowercased()
      guard name == "boundary=" else { continue }
      boundary = part.dropFirst(9).filter { $0 != UInt8(ascii: "\"") }
    }
    guard (1...100).contains(boundary.count) else { return nil }
    isLoose = boundary.starts(with: [0x2D, 0x2D])
    delimiter = isLoose ? boundary : [0x2D, 0x2D] + boundary
    self.limit = limit
  }

  /// Takes the next bytes and gives the pictures that became whole.
  public mutating func take(_ bytes: some Sequence<UInt8>) throws(Failure) -> [CameraPicture] {
    held += bytes
    var pictures: [CameraPicture] = []
    while try step(&pictures) {}
    return pictures
  }

  /// One move of the state; false where more bytes are needed.
  private mutating func step(_ pictures: inout [CameraPicture]) throws(Failure) -> Bool {
    switch state {
    case .preamble:
      guard let found = find(delimiter, from: 0) else {
        guard held.count <= 4096 + delimiter.count else { throw .garbled }
        return false
      }
      held.removeFirst(found + delimiter.count)
      state = .line
    case .line:
      guard let end = held.firstIndex(of: 0x0A) else {
        guard held.count <= 256 else { throw .garbled }
        return false
      }
      let isLast = held.starts(with: [0x2D, 0x2D])
      held.removeFirst(end + 1)
      state = isLast ? .ended : .header
    case .header:
      guard let (end, length) = headerEnd() else {
        guard held.count <= 4096 else { throw .garbled }
        return false
      }
      let lines = held[..<end].split(separator: 0x0A)
      held.removeFirst(end + length)
      state = try content(lines)
    case .sized(let type, let size):
      guard held.count >= size else { return false }
      pictures.append(CameraPicture(type: type, bytes: Array(held[..<size])))
      held.removeFirst(size)
      state = .preamble
    case .open(let type, let seen):
      guard let found = find(delimiter, from: max(0, seen - delimiter.count)) else {
        guard held.count <= limit else { throw .tooLarge }
        state = .open(type, held.count)
        return false
      }
      guard found <= limit else { throw .tooLarge }
      pictures.append(CameraPicture(type: type, bytes: Array(held[..<end(before: found)])))
      held.removeFirst(found + delimiter.count)
      state = .line
    case .ended:
      held = []
      return false
    }
    return true
  }

  /// What a part's headers lead to.
  private func content(_ lines: [ArraySlice<UInt8>]) throws(Failure) -> State {
    var type: PictureType?
    var size: Int?
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = String(decoding: FrameReader.trimmed(line[(colon + 1)...]), as: UTF8.self)
      if name == "content-type" { type = PictureType(contentType: value) }
      if name == "content-length" {
        guard let number = Int(value), number > 0 else { throw .garbled }
        size = number
      }
    }
    guard let type else { throw .noPicture }
    guard let size else { return .open(type, 0) }
    guard size <= limit else { throw .tooLarge }
    return .sized(type, size)
  }

  /// Where a part without a length ends: the line end before the delimiter is the delimiter's.
  private func end(before delimiter: Int) -> Int {
    var end = delimiter
    if isLoose, end >= 2, held[end - 1] == 0x2D, held[end - 2] == 0x2D { end -= 2 }
    if end > 0, held[end - 1] == 0x0A { end -= 1 }
    if end > 0, held[end - 1] == 0x0D { end -= 1 }
    return end
  }

  /// Where the headers end, and how long the empty line is.
  private func headerEnd() -> (Int, Int)? {
    if held.first == 0x0A { return (0, 1) }
    if held.starts(with: [0x0D, 0x0A]) { return (0, 2) }
    for index in held.indices.dropLast() where held[index] == 0x0A {
      if held[index + 1] == 0x0A { return (index + 1, 1) }
      if held[index + 1] == 0x0D, index + 2 < held.count, held[index + 2] == 0x0A { return (index + 1, 2) }
    }
    return nil
  }

  private func find(_ wanted: [UInt8], from start: Int) -> Int? {
    guard held.count >= wanted.count, let first = wanted.first else { return nil }
    let last = held.count - wanted.count
    var index = start
    return held.withUnsafeBufferPointer { bytes in
      while index <= last {
        if bytes[index] == first, wanted.indices.allSatisfy({ bytes[index + $0] == wanted[$0] }) {
          return index
        }
        index += 1
      }
      return nil
    }
  }

  private static func trimmed(_ text: some Collection<UInt8>) -> [UInt8] {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    let kept = text.drop(while: isBlank).reversed().drop(while: isBlank)
    return Array(kept.reversed())
  }
}
