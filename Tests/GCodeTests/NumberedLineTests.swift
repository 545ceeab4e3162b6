import GCode
import Testing

@Suite struct NumberedLineTests {
  /// Lines that a recorded firmware accepted.
  @Test(
    arguments: [
      (3, "M105", "N3 M105*36\n"),
      (0, "M110", "N0 M110*35\n"),
      (0, "M110 N0", "N0 M110 N0*125\n"),
      (1, "M105", "N1 M105*38\n"),
      (-1, "M110", "N-1 M110*15\n"),
    ] as [(Int64, String, String)])
  func knownLines(number: Int64, line: String, expected: String) {
    var output: [UInt8] = []
    encodeNumbered(number, bytes(line), into: &output)
    #expect(text(output) == expected)
  }

  @Test func appendsToWhatIsThere() {
    var output = Array("M105\n".utf8)
    encodeNumbered(1, bytes("M105"), into: &output)
    #expect(text(output) == "M105\nN1 M105*38\n")
    encodePlain(bytes("M112"), into: &output)
    #expect(text(output) == "M105\nN1 M105*38\nM112\n")
  }

  /// A reading of the line as a firmware does it, written apart from the encoder.
  static func accept(_ line: String) -> (number: Int64, content: String)? {
    guard line.hasSuffix("\n"), let star = line.lastIndex(of: "*") else { return nil }
    let head = String(line[..<star])
    guard let sum = Int(line[line.index(after: star)...].dropLast()) else { return nil }
    guard head.utf8.reduce(0, { $0 ^ Int($1) }) == sum, head.hasPrefix("N") else { return nil }
    let parts = head.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]) else { return nil }
    return (number, String(parts[1]))
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func anIndependentReaderAcceptsEveryLine(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let number =
      Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...63, using: &generator)
    let content = String(
      decoding: (0..<Int.random(in: 0...80, using: &generator)).map { _ in
        UInt8.random(in: 32...126, using: &generator)
      },
      as: UTF8.self)
    var output: [UInt8] = []
    encodeNumbered(number, bytes(content), into: &output)
    let read = Self.accept(text(output))
    #expect(read?.number == number && read?.content == content, "seed \(seed)")
    // One flipped bit anywhere in number or text is noticed.
    let place = Int.random(in: 0..<max(1, output.count - 5), using: &generator)
    output[place] ^= 1
    if output[place] != UInt8(ascii: "*"), output[place] ^ 1 != UInt8(ascii: "*") {
      let damaged = Self.accept(text(output))
      #expect(damaged == nil, "seed \(seed), byte \(place)")
    }
  }

  @Test(
    arguments: [
      (9, 95 - 7), (99, 95 - 8), (9_999_999, 82), (10_000_000, 81), (0, 88), (-9, 87),
    ] as [(Int64, Int)])
  func whatALineLimitLeaves(widest: Int64, expected: Int) {
    #expect(LineLimit.marlin.content(widestNumber: widest) == expected)
    var output: [UInt8] = []
    encodeNumbered(widest, [UInt8](repeating: 88, count: expected)[...], into: &output)
    // The checksum has one to three digits; the limit reckons with three.
    let stars = output.count - 1 - (output.lastIndex(of: 42) ?? 0) - 1
    #expect(output.count - 1 + (3 - stars) == 95)
  }

  @Test func limitsAtTheirEnds() {
    #expect(LineLimit(characters: 95, isNumbered: false).content(widestNumber: 1) == 95)
    #expect(LineLimit(characters: 3).content(widestNumber: .max) == 0)
    #expect(LineLimit(characters: 95).content(widestNumber: .min) == 95 - 22 - 4)
  }

  @Test func xorOfNothingIsZero() {
    #expect(Checksum.xor([]) == 0)
    #expect(Checksum.xor("N0 M110".utf8) == 35)
  }

  @Test(
    "a line written in place is the one that is appended, and nothing around it is touched",
    arguments: [0, 9, 10, 4_711, 99_999_999, 100_000_000, Int64.max])
  func writtenInPlace(number: Int64) {
    for length in 0...40 {
      let line = (0..<length).map { UInt8(33 + ($0 * 7 + length) % 90) }
      var appended: [UInt8] = []
      encodeNumbered(number, line[...], into: &appended)
      let room = length + longestFrame
      var target = [UInt8](repeating: 7, count: room + 10)
      var span = target.mutableSpan
      let end = writeNumbered(number, line.span, into: &span, at: 5)
      #expect(Array(target[5..<end]) == appended)
      #expect(target.prefix(5).allSatisfy { $0 == 7 } && target.suffix(5).allSatisfy { $0 == 7 })
    }
  }
}
