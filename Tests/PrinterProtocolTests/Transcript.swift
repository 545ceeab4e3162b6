import Foundation

/// A recording of real firmware, as Tests/Fixtures/transcripts keeps them.
///
/// `> MS TEXT` is host to firmware, `< MS TEXT` firmware to host, `#` a remark. `\xNN` and `\r` are bytes, and `\c` at the end
/// means that no line feed followed.
struct Transcript {
  struct Entry {
    /// The line of the recording's file, from 1.
    var line: Int
    var isHost: Bool
    var milliseconds: Int64
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines) }
  }

  var entries: [Entry] = []

  init(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = folder.appendingPathComponent("Fixtures/transcripts/\(name).txt")
    let text = String(decoding: try Data(contentsOf: path), as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.hasPrefix("> ") || line.hasPrefix("< ") else { continue }
      let rest = line.dropFirst(2)
      let space = rest.firstIndex(of: " ") ?? rest.endIndex
      let words = space < rest.endIndex ? rest[rest.index(after: space)...] : ""
      entries.append(
        Entry(
          line: index + 1, isHost: line.hasPrefix("> "), milliseconds: Int64(rest[..<space]) ?? 0,
          bytes: Self.bytes(String(words))))
    }
  }

  /// What the firmware said in these lines of the recording.
  func firmware(_ lines: ClosedRange<Int>) -> [Entry] {
    entries.filter { !$0.isHost && lines.contains($0.line) }
  }

  /// What the host said in these lines of the recording.
  func host(_ lines: ClosedRange<Int>) -> [Entry] {
    entries.filter { $0.isHost && lines.contains($0.line) }
  }

  private static func bytes(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    var isTerminated = true
    while let byte = rest.first {
      rest = rest.dropFirst()
      guard byte == UInt8(ascii: "\\"), let kind = rest.first else {
        result.append(byte)
        continue
      }
      switch kind {
      case UInt8(ascii: "x"):
        result.append(UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(3)
      case UInt8(ascii: "r"):
        result.append(13)
        rest = rest.dropFirst()
      case UInt8(ascii: "c"):
        isTerminated = false
        rest = rest.dropFirst()
      default: result.append(byte)
      }
    }
    if isTerminated { result.append(10) }
    return result
  }
}
