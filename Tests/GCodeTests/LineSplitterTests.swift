import GCode
import Testing

@Suite struct LineSplitterTests {
  struct Seen: Equatable {
    var line: LineSplitter.Line
    var content: [UInt8]
  }

  static func split(_ pieces: [ArraySlice<UInt8>], maximumLength: Int = 4096) -> [Seen] {
    var splitter = LineSplitter(maximumLength: maximumLength)
    var seen: [Seen] = []
    for piece in pieces {
      var position = 0
      while let line = splitter.next(in: piece.span, at: &position) {
        seen.append(Seen(line: line, content: Array(splitter.content)))
      }
    }
    if let line = splitter.finish() { seen.append(Seen(line: line, content: Array(splitter.content))) }
    return seen
  }

  @Test(
    arguments: [
      ("", []),
      ("G28", ["G28"]),
      ("G28\n", ["G28"]),
      ("G28\r\nG1 X1\r\n", ["G28", "G1 X1"]),
      ("G28\rG1 X1\r", ["G28", "G1 X1"]),
      ("\n\n", ["", ""]),
      ("\r\r\n\n", ["", "", ""]),
      ("a\n\rb", ["a", "", "b"]),
      ("a\r", ["a"]),
      ("\u{0}\n", ["\u{0}"]),
    ] as [(String, [String])])
  func endingsOfLines(input: String, expected: [String]) {
    #expect(Self.split([bytes(input)]).map { text($0.content) } == expected)
  }

  @Test func offsetsAndNumbersCoverTheFile() {
    let seen = Self.split([bytes("G28\r\n\nG1 X1\rM105")])
    #expect(seen.map(\.line.number) == [1, 2, 3, 4])
    #expect(seen.map(\.line.start) == [0, 5, 6, 12])
    #expect(seen.map(\.line.end) == [5, 6, 12, 16])
    #expect(seen.map(\.line.isTerminated) == [true, true, true, false])
  }

  @Test func goesOnFromAnOffset() {
    var splitter = LineSplitter(offset: 1000, line: 42)
    let piece = bytes("G1\n")
    var position = 0
    let line = splitter.next(in: piece.span, at: &position)
    #expect(line?.number == 42 && line?.start == 1000 && line?.end == 1003)
  }

  @Test func longLinesAreCutAndFlagged() {
    let long = String(repeating: "x", count: 100)
    let seen = Self.split([bytes("ab\n\(long)\ncd\n")], maximumLength: 10)
    #expect(seen.map { text($0.content) } == ["ab", String(repeating: "x", count: 10), "cd"])
    #expect(seen.map(\.line.isOverLong) == [false, true, false])
    #expect(seen[1].line.length == 100 && seen[1].line.end == 104)
    #expect(Self.split([bytes("1234567890\n")], maximumLength: 10).map(\.line.isOverLong) == [false])
  }

  @Test func oneLineAcrossManyPiecesKeepsNoMoreThanTheMaximum() {
    var splitter = LineSplitter(maximumLength: 16)
    let piece = [UInt8](repeating: 120, count: 1000)
    for _ in 0..<1000 {
      var position = 0
      #expect(splitter.next(in: piece.span, at: &position) == nil)
      #expect(splitter.content.count <= 16)
    }
    #expect(splitter.finish()?.length == 1_000_000)
    #expect(splitter.content.count == 16)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func piecesMakeNoDifference(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet: [UInt8] = [10, 13, 13, 10, 71, 49, 32, 59, 0, 255]
    let file = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
    }
    let maximum = Int.random(in: 1...12, using: &generator)
    let whole = Self.split([file[...]], maximumLength: maximum)
    for longest in [1, 2, 7] {
      let cut = Self.split(pieces(file, longest: longest, &generator), maximumLength: maximum)
      #expect(cut == whole, "seed \(seed), pieces of up to \(longest)")
    }
    // Nothing is lost and nothing overlaps.
    var end: Int64 = 0
    for seen in whole {
      #expect(seen.line.start == end, "seed \(seed)")
      end = seen.line.end
    }
    #expect(end == Int64(file.count), "seed \(seed)")
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func readingInPlaceGivesTheSameLines(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let file = (0..<200).map { _ in UInt8.random(in: 9...14, using: &generator) }
    let whole = Self.split([file[...]])
    var splitter = LineSplitter()
    var seen: [Seen] = []
    for piece in pieces(file, longest: 30, &generator) {
      piece.withUnsafeBufferPointer { piece in
        _ = splitter.forEachLine(in: piece) { line, content in
          seen.append(Seen(line: line, content: Array(content)))
          return true
        }
      }
    }
    if let line = splitter.finish() { seen.append(Seen(line: line, content: Array(splitter.content))) }
    #expect(seen == whole, "seed \(seed)")
  }
}
