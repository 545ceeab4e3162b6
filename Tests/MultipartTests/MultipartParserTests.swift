import Multipart
import Testing

@Suite struct MultipartParserTests {
  static let usual =
    part("name=\"print\"", "true") + part("name=\"path\"", "")
    + "--XY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"wall.gcode\"\r\n"
    + "Content-Type: application/octet-stream\r\n\r\nG28\r\n--X\r\n\r\n-\r\r\n--X"
    + "\r\n\r\n--XY--\r\nepilogue"

  @Test("Fields and a file come out with their heads and bytes, boundaries' beginnings included")
  func usual() throws {
    let form = try Form.read(Self.usual)
    #expect(form.isWhole)
    #expect(form.parts.allSatisfy { $0.isOver })
    #expect(form.parts.map { String(decoding: $0.head.name, as: UTF8.self) } == ["print", "path", "file"])
    #expect(form.parts[0].content == Array("true".utf8))
    #expect(form.parts[0].head.filename == nil)
    #expect(form.parts[1].content.isEmpty)
    #expect(form.parts[2].head.filename == Array("wall.gcode".utf8))
    #expect(form.parts[2].head.type == Array("application/octet-stream".utf8))
    #expect(form.parts[2].content == Array("G28\r\n--X\r\n\r\n-\r\r\n--X\r\n".utf8))
  }

  @Test("A form reads the same wherever it is cut in two or in three, and byte by byte")
  func cuts() throws {
    let bytes = Array(Self.usual.utf8)
    let whole = try Form.read([bytes])
    for cut in 0...bytes.count {
      #expect(try Form.read([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
      let second = min(bytes.count, cut + 3)
      #expect(
        try Form.read([Array(bytes[..<cut]), Array(bytes[cut..<second]), Array(bytes[second...])]) == whole)
    }
    #expect(try Form.read(bytes.map { [$0] }) == whole)
  }

  @Test(
    "Random content of CR, LF, hyphens and the boundary's letters comes through in random pieces",
    arguments: 1...20)
  func random(seed: UInt64) throws {
    var random = Seeded(state: seed)
    for _ in 0..<50 {
      let letters = Array("\r\r\n\n--XYZ0".utf8)
      var content = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        letters[Int.random(in: 0..<letters.count, using: &random)]
      }
      // The boundary itself would end the part.
      while let place = content.firstRange(of: Array("\r\n--XY".utf8)) {
        content.remove(at: place.lowerBound)
      }
      let head = "--XY\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n"
      let bytes = Array(head.utf8) + content + Array("\r\n--XY--\r\n".utf8)
      var pieces: [[UInt8]] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
        pieces.append(Array(bytes[start..<end]))
        start = end
      }
      #expect(try Form.read(pieces).parts.map(\.content) == [content])
    }
  }

  @Test("A preamble and blanks behind a boundary are passed over")
  func lenient() throws {
    let text = "This is a form.\r\n--XY \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XY--"
    #expect(try Form.read(text).texts == ["a=1"])
  }

  @Test("A form of no parts is whole")
  func empty() throws {
    #expect(try Form.read("--XY--\r\n") == Form(parts: [], isWhole: true))
  }

  @Test(
    "What is no form is refused with its reason",
    arguments: [
      ("", .incomplete), (part("name=a", "1"), .incomplete), (part("name=a", "1") + "--XY", .incomplete),
      (part("name=a", "1") + "--XY-", .incomplete), (part("name=a", "1") + "--XYZ\r\n", .delimiter),
      (part("name=a", "1") + "--XY-\r\n", .delimiter), ("--XY\n", .delimiter),
      (String(repeating: "x", count: 3000), .preamble),
      (part("filename=\"a\"", "1") + "--XY--", .nameless), (part("name=\"\"", "1") + "--XY--", .nameless),
      ("--XY\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XY--", .headers),
      ("--XY\r\nno colon\r\n\r\n1\r\n--XY--", .headers), ("--XY\r\n: x\r\n\r\n", .headers),
      ("--XY\r\n folded: x\r\n\r\n", .headers), ("--XY\r\nA: 1\n B: 2\r\n\r\n", .headers),
      (part("name=\"a", "1"), .headers), (part("name", "1"), .headers),
      ("--XY\r\n\r\n1\r\n--XY--", .nameless),
      ("--XY\r\nA: " + String(repeating: "x", count: 9000), .headersTooLong),
      (part("name=a\r\nContent-Transfer-Encoding: base64", "1") + "--XY--", .encoded),
      (part("name=a", String(repeating: "x", count: 5000)) + "--XY--", .fieldTooLong),
      (String(repeating: part("name=a", "1"), count: 33) + "--XY--", .tooManyParts),
      // Lines that end in LF alone: no boundary is seen.
      ("--XY\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n1\n--XY--\n", .incomplete),
    ] as [(String, MultipartError)])
  func refused(text: String, error: MultipartError) {
    #expect(throws: error) { try Form.read(text) }
    #expect(throws: error) { try Form.read(text.utf8.map { [$0] }) }
    #expect(error.code.hasPrefix("form.") && error.sentence.count > 20)
  }

  @Test("A parser that refused keeps refusing")
  func failed() throws {
    var parser = try MultipartParser(contentType: Array("multipart/form-data; boundary=XY".utf8))
    let bad = Array("--XY!".utf8)
    let good = Array("--XY--".utf8)
    var position = 0
    #expect(throws: MultipartError.delimiter) { try parser.next(in: bad.span, at: &position) }
    position = 0
    #expect(throws: MultipartError.delimiter) { try parser.next(in: good.span, at: &position) }
    #expect(throws: MultipartError.delimiter) { try parser.finish() }
  }

  @Test(
    "The boundary is read from the media type",
    arguments: [
      ("multipart/form-data; boundary=XY", nil), ("Multipart/Form-Data;charset=utf-8; Boundary=\"XY\"", nil),
      ("application/json", .notAForm), ("multipart/mixed; boundary=XY", .notAForm),
      ("multipart/form-data", .boundary), ("multipart/form-data; boundary=", .boundary),
      ("multipart/form-data; boundary=\"a\u{1}b\"", .boundary),
      ("multipart/form-data; boundary=\"a", .boundary),
      ("multipart/form-data; boundary=" + String(repeating: "x", count: 71), .boundary), ("", .notAForm),
    ] as [(String, MultipartError?)])
  func boundary(type: String, error: MultipartError?) throws {
    guard let error else {
      #expect(try Form.read([Array("--XY--".utf8)], type: type).isWhole)
      return
    }
    #expect(throws: error) { try Form.read([[]], type: type) }
  }

  @Test(
    "Names are read as clients write them",
    arguments: [
      ("filename=\"a b.gcode\"", "a b.gcode"), ("filename=plain.gcode", "plain.gcode"),
      ("filename=\"say \\\"hi\\\".gcode\"", "say \"hi\".gcode"),
      ("filename=\"C:\\parts\\wall.gcode\"", "C:\\parts\\wall.gcode"),
      ("filename=\"벽.gcode\"", "벽.gcode"), ("filename*=UTF-8''%EB%B2%BD.gcode", "벽.gcode"),
      ("filename=\"_.gcode\"; filename*=utf-8'ko'%EB%B2%BD.gcode", "벽.gcode"),
      ("filename=\"kept.gcode\"; filename*=latin1''x%ff", "kept.gcode"), ("filename=\"\"", ""),
      ("filename=\"semi;colon.gcode\"; other=1", "semi;colon.gcode"),
    ])
  func names(words: String, name: String) throws {
    let form = try Form.read(part("name=\"file\"; " + words, "G28") + "--XY--")
    #expect(form.parts.first?.head.filename.map { String(decoding: $0, as: UTF8.self) } == name)
  }
}

/// The same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
