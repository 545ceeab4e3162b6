/// The last numbered lines exactly as they went out, so that a resend repeats the same bytes.
///
/// A ring of fixed size in one allocation; the oldest line makes room for the newest.
struct SentHistory: Sendable {
  /// How many lines are kept.
  static let capacity = 128
  /// The longest line that is kept, number, checksum and line feed included.
  static let longestLine = 256

  private var bytes = [UInt8](repeating: 0, count: capacity * longestLine)
  private var lengths = [Int](repeating: 0, count: capacity)
  private var facts = [LineFacts](repeating: LineFacts(kind: .script), count: capacity)
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
    contains(number) && facts[Self.slot(number)].kind == .file
  }

  func contains(_ number: Int64) -> Bool { number >= oldest && number <= newest }

  /// Keeps the next line; its number is `newest + 1` afterwards known as `newest`.
  mutating func append(_ line: ArraySlice<UInt8>, _ facts: LineFacts) {
    newest += 1
    if newest - oldest >= Int64(Self.capacity) { oldest = newest - Int64(Self.capacity) + 1 }
    let slot = Self.slot(newest)
    let length = min(line.count, Self.longestLine)
    let start = slot * Self.longestLine
    for index in 0..<length { bytes[start + index] = line[line.startIndex + index] }
    lengths[slot] = length
    self.facts[slot] = facts
  }

  /// The bytes of a line, line feed included; empty where it is not kept.
  func line(_ number: Int64) -> ArraySlice<UInt8> {
    guard contains(number) else { return [] }
    let start = Self.slot(number) * Self.longestLine
    return bytes[start..<start + lengths[Self.slot(number)]]
  }

  /// What is known of a line; nil where it is not kept.
  func facts(of number: Int64) -> LineFacts? {
    contains(number) ? facts[Self.slot(number)] : nil
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
