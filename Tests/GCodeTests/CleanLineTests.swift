import GCode
import Testing

@Suite struct CleanLineTests {
  @Test(arguments: [
    ("G1 X1 ; wall", "G1 X1"),
    ("  \tG28\t ", "G28"),
    (";TYPE:Skirt", ""),
    ("   ", ""),
    ("", ""),
    ("M117 Layer 3/40 (a*b)", "M117 Layer 3/40 (a*b)"),
    ("M117 50% ; done", "M117 50%"),
    ("G1 X1;;;", "G1 X1"),
    ("G1 (inside) X1", "G1 (inside) X1"),
  ])
  func semicolonComments(raw: String, expected: String) {
    #expect(text(cleaned(bytes(raw))) == expected)
  }

  @Test(arguments: [
    ("G1 (go) X1", "G1  X1"),
    ("(only)", ""),
    ("G1 X1 (end)", "G1 X1"),
    ("(start) G1", "G1"),
    ("G1 (open X1", "G1"),
    ("M117 (kept)", "M117 (kept)"),
  ])
  func parenthesesWhereTheDialectHasThem(raw: String, expected: String) {
    var output: [UInt8] = [1, 2, 3]
    clean(bytes(raw), style: .semicolonAndParentheses, into: &output)
    #expect(text(output) == expected)
    clean(bytes(raw), style: .semicolon, into: &output)
    #expect(output == Array(cleaned(bytes(raw))))
  }

  @Test("the first semicolon counts, wherever it stands among eight bytes and whatever stands around it")
  func semicolonAtEachPlace() {
    let near: [UInt8] = [0x3A, 0x3C, 0xBB, 0x00, 0x80, 0xFF, UInt8(ascii: "X")]
    for length in 0...26 {
      for place in 0...length {
        var line = (0..<length).map { near[($0 * 5 + place) % near.count] }
        if place < length { line[place] = UInt8(ascii: ";") }
        if place + 1 < length { line[place + 1] = UInt8(ascii: ";") }
        #expect(Array(cleaned(line[...])) == Array(line[..<place]), "\(length) \(place)")
      }
    }
  }

  @Test func sliceOfALargerBuffer() {
    let buffer = Array("xx G1 X2 ;c yy".utf8)
    #expect(text(cleaned(buffer[2..<11])) == "G1 X2")
  }
}
