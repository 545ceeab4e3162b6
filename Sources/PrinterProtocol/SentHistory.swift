import GCode

/// The last numbered lines exactly as they went out, so that a resend repeats the same bytes.
///
/// A ring of fixed size in one allocation; the oldest line makes room for the newest.
struct SentHistory: Sendable {
  /// How many lines are kept.
  static let capacity = 128
  /// The longest line that is kept, number, checksum and line feed included.
  static let longestLine = 256

  private struct Entry {
    var length = 0
    var facts = LineFacts(kind: .script)
  }

  private var bytes = [UInt8](repeating: 0, count: capacity * longestLine)
  private var entries = [Entry](repeating: Entry(), count: capacity)
  /// The number of the oldest line kept.
  private(set) var oldest: Int64 = 1
  /// The number of the newest line kept; `oldest - 1` while empty.
  private(set) var newest: Int64 = 0

  init() {}

  /// Forgets everything; the next line will be `number`.
  mutating func restart(at number: Int64) {
    oldest = number
    newest = number - 1
  }

  /// Forgets the lines behind `number`: they were never taken, and their numbers are used again.
  mutating func truncate(to number: Int64) {
    oldest = min(oldest, number + 1)
    newest = min(newest, number)
  }

  /// Whether a line that is kept is one of the file's.
  func isOfFile(_ number: Int64) -> Bool {
    contains(number) && entries[Self.slot(number)].facts.kind == .file
  }

  func contains(_ number: Int64) -> Bool { number >= oldest && number <= newest }

  /// Numbers the next line, keeps it and appends it to `output` as it goes out; how many bytes that are.
  ///
  /// Its number is `newest + 1`, afterwards known as `newest`. Of one that is longer than `longestLine`, only so much is kept.
  mutating func append(_ line: Span<UInt8>, _ facts: LineFacts, into output: inout [UInt8]) -> Int {
    newest += 1
    let number = newest
    if newest - oldest >= Int64(Self.capacity) { oldest = newest - Int64(Self.capacity) + 1 }
    let slot = Self.slot(number)
    let start = slot * Self.longestLine
    guard line.count <= Self.longestLine - longestFrame else {
      return appendOverLong(line, facts, slot, into: &output)
    }
    var room = bytes.mutableSpan
    let length = writeNumbered(number, line, into: &room, at: start) - start
    entries[slot] = Entry(length: length, facts: facts)
    bytes.withUnsafeBufferPointer {
      output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<start + length]))
    }
    return length
  }

  /// Puts another line under a number that is kept; nothing goes out.
  mutating func replace(_ number: Int64, with line: ArraySlice<UInt8>, _ facts: LineFacts) {
    guard contains(number), line.count <= Self.longestLine - longestFrame else { return }
    let slot = Self.slot(number)
    let start = slot * Self.longestLine
    var room = bytes.mutableSpan
    let end = writeNumbered(number, line.span, into: &room, at: start)
    entries[slot] = Entry(length: end - start, facts: facts)
  }

  /// Puts a line under `number`, and moves those from there on up by one; nothing goes out.
  mutating func insert(_ line: ArraySlice<UInt8>, _ facts: LineFacts, at number: Int64) {
    guard number >= oldest, number <= newest else { return }
    newest += 1
    if newest - oldest >= Int64(Self.capacity) { oldest = newest - Int64(Self.capacity) + 1 }
    var index = newest
    while index > number {
      replace(index, with: Array(content(index - 1))[...], entries[Self.slot(index - 1)].facts)
      index -= 1
    }
    replace(number, with: line, facts)
  }

  private mutating func appendOverLong(
    _ line: Span<UInt8>, _ facts: LineFacts, _ slot: Int, into output: inout [UInt8]
  ) -> Int {
    let start = output.count
    let content = line.withUnsafeBufferPointer { Array($0) }
    encodeNumbered(newest, content[...], into: &output)
    let length = output.count - start
    let kept = min(length, Self.longestLine)
    for index in 0..<kept { bytes[slot * Self.longestLine + index] = output[start + index] }
    entries[slot] = Entry(length: kept, facts: facts)
    return length
  }

  /// The bytes of a line, line feed included; empty where it is not kept.
  func line(_ number: Int64) -> ArraySlice<UInt8> {
    guard contains(number) else { return [] }
    let start = Self.slot(number) * Self.longestLine
    return bytes[start..<start + entries[Self.slot(number)].length]
  }

  /// What is known of a line; nil where it is not kept.
  func facts(of number: Int64) -> LineFacts? {
    contains(number) ? entries[Self.slot(number)].facts : nil
  }

  /// What the line says, without its number and checksum; empty where it is not kept.
  func content(_ number: Int64) -> ArraySlice<UInt8> {
    let line = line(number)
    guard let space = line.firstIndex(of: ASCII.space), let star = line.lastIndex(of: ASCII.star),
      space < star
    else { return [] }
    return line[(space + 1)..<star]
  }

  private static func slot(_ number: Int64) -> Int { Int(number & Int64(capacity - 1)) }
}
