import CanonicalFile
import Testing

@Suite struct CanonicalHashTests {
  static func hash(_ file: String) -> CanonicalHash {
    var hash = CanonicalHash()
    hash.update(file.utf8)
    hash.finish()
    return hash
  }

  /// The definition once more, written with whole strings.
  static func expected(_ file: [UInt8]) -> (value: UInt64, lines: Int64) {
    var value: UInt64 = 14_695_981_039_346_656_037
    var count: Int64 = 0
    let hosts = [20, 27, 31, 105, 110, 113, 114, 115, 119, 154, 155, 400, 503]
    for raw in file.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      var line = Array(raw.prefix { $0 != 59 })
      while let last = line.last, last == 32 || last == 9 { line.removeLast() }
      while let first = line.first, first == 32 || first == 9 { line.removeFirst() }
      if line.isEmpty { continue }
      if line[0] == 77 || line[0] == 109 {
        let digits = line.dropFirst().prefix { (48...57).contains($0) }
        if let number = Int(String(decoding: digits, as: UTF8.self)), hosts.contains(number) { continue }
      }
      for byte in line + [10] { value = (value ^ UInt64(byte)) &* 1_099_511_628_211 }
      count += 1
    }
    return (value, count)
  }

  @Test func publishedValuesOfFNV1a() {
    #expect(CanonicalHash().value == 0xcbf2_9ce4_8422_2325 && CanonicalHash().hex == "cbf29ce484222325")
    // FNV-1a of "a\n", from its definition by hand.
    var value: UInt64 = 0xaf63_dc4c_8601_ec8c
    value = (value ^ 10) &* 0x100_0000_01b3
    #expect(Self.hash("a").value == value)
  }

  @Test(arguments: [
    ("G28\nG1 X1\n", "G28\r\nG1 X1"), ("G28\nG1 X1\n", " G28 ; home\r\r\n;c\n\tG1 X1\t;x"),
    ("G28\n", "G28\nM105\nM110 N5\nm114\nM400 ; w\n"),
    ("", ";a\n\n   \n"), ("M1050\n", "M1050\nM105\n"), ("M117 a  b\n", "M117 a  b  \n"),
  ])
  func sameForm(a: String, b: String) {
    #expect(Self.hash(a) == Self.hash(b))
  }

  @Test func skippedDoubledSwappedChangedLinesShow() {
    let file = ["G1 X1", "G1 X2", "G1 X3", "G1 X4"]
    let whole = Self.hash(file.joined(separator: "\n"))
    #expect(whole.lines == 4)
    for variant in [
      ["G1 X1", "G1 X2", "G1 X4"], ["G1 X1", "G1 X2", "G1 X2", "G1 X3", "G1 X4"],
      ["G1 X1", "G1 X3", "G1 X2", "G1 X4"],
      ["G1 X1", "G1 X2", "G1 X3", "G1 X5"], ["G1 X1G1 X2", "G1 X3", "G1 X4"],
    ] {
      #expect(Self.hash(variant.joined(separator: "\n")).value != whole.value, "\(variant)")
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func agreesWithTheDefinitionInAnyPieces(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array("MMmG0112345 \t;\n\r\nX".utf8)
    let file = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
    }
    var hash = CanonicalHash()
    for piece in pieces(file, longest: 11, &generator) { piece.withUnsafeBufferPointer { hash.update($0) } }
    hash.finish()
    hash.finish()
    let expected = Self.expected(file)
    #expect(hash.value == expected.value && hash.lines == expected.lines, "seed \(seed)")
  }
}
