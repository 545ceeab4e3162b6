import Camera
import Testing

@Suite struct FrameReaderTests {
  private static let type = "multipart/x-mixed-replace; boundary=frame"
  private static let one: [UInt8] = [0xFF, 0xD8, 0x2D, 0x2D, 0x0D, 0x0A, 0x01, 0xFF, 0xD9]
  private static let two: [UInt8] = [0xFF, 0xD8, 0x02, 0x2D, 0x2D, 0x66, 0x72, 0xFF, 0xD9]

  private func reader(_ type: String = type, limit: Int = 1000) throws -> FrameReader {
    try #require(FrameReader(contentType: type, limit: limit))
  }

  private func sized(_ bytes: [UInt8], _ delimiter: String = "--frame") -> [UInt8] {
    Array("\(delimiter)\r\nContent-Type: image/jpeg\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes
      + [0x0D, 0x0A]
  }

  private func open(_ bytes: [UInt8], _ delimiter: String = "--frame") -> [UInt8] {
    Array("\(delimiter)\r\ncontent-type: image/png\r\n\r\n".utf8) + bytes + [0x0D, 0x0A]
  }

  @Test("Pictures come out whole, however the bytes are cut", arguments: [1, 2, 3, 7, 64, 4096])
  func cuts(_ size: Int) throws {
    let stream =
      sized(Self.one) + open(Self.two) + sized(Self.two) + open(Self.one) + Array("--frame--\r\n".utf8)
    var reader = try reader()
    var pictures: [CameraPicture] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      pictures += try reader.take(stream[start..<min(stream.count, start + size)])
    }
    #expect(pictures.map(\.bytes) == [Self.one, Self.two, Self.two, Self.one])
    #expect(pictures.map(\.type) == [.jpeg, .png, .jpeg, .png])
    #expect(try reader.take(sized(Self.one)).isEmpty, "behind the end there is nothing")
  }

  @Test("Cameras that write their hyphens themselves, quote the boundary or end lines by LF are understood")
  func loose() throws {
    for delimiter in ["--mine", "----mine"] {
      var reader = try reader("multipart/x-mixed-replace;boundary=\"--mine\"")
      let stream = open(Self.one, delimiter) + open(Self.two, delimiter) + Array("\(delimiter)\r\n".utf8)
      #expect(try reader.take(stream).map(\.bytes) == [Self.one, Self.two], "\(delimiter)")
    }
    var reader = try reader("Multipart/X-Mixed-Replace; charset=x; Boundary=frame")
    let stream = Array("--frame\nContent-type: image/jpg\n\n".utf8) + Self.one + Array("\n--frame\n".utf8)
    #expect(try reader.take(stream) == [CameraPicture(type: .jpeg, bytes: Self.one)])
  }

  @Test("A picture above the limit, a part that is none and what is no framing end the stream")
  func refusals() throws {
    let large = [UInt8](repeating: 7, count: 1001)
    func failure(_ bytes: [UInt8]) -> FrameReader.Failure? {
      do throws(FrameReader.Failure) {
        var reader = FrameReader(contentType: Self.type, limit: 1000)
        _ = try reader?.take(bytes)
        return nil
      } catch { return error }
    }
    #expect(failure(sized(large)) == .tooLarge)
    #expect(failure(open(large)) == .tooLarge)
    #expect(failure(Array(open(large).dropLast(2))) == .tooLarge)
    #expect(failure(Array("--frame\r\nContent-Type: text/html\r\n\r\n<script>".utf8)) == .noPicture)
    #expect(failure(Array("--frame\r\nContent-Type: image/svg+xml\r\n\r\n".utf8)) == .noPicture)
    #expect(failure(Array("--frame\r\nX: y\r\n\r\n".utf8)) == .noPicture)
    #expect(
      failure(Array("--frame\r\nContent-Type: image/png\r\nContent-Length: -1\r\n\r\n".utf8)) == .garbled)
    #expect(failure(Array("--frame\r\n".utf8) + [UInt8](repeating: 65, count: 5000)) == .garbled)
    #expect(failure([UInt8](repeating: 65, count: 5000)) == .garbled)
  }

  @Test("Only streams of parts are read as such, and only pictures that are drawn are pictures")
  func types() {
    for type in [
      "", "image/jpeg", "multipart/x-mixed-replace", "multipart/form-data; boundary=x",
      "multipart/x-mixed-replace; boundary=",
    ] {
      #expect(FrameReader(contentType: type, limit: 10) == nil, "\(type)")
    }
    #expect(PictureType(contentType: "Image/JPG; q=1") == .jpeg)
    #expect(PictureType(contentType: "image/webp")?.ending == "webp")
    for type in ["image/svg+xml", "text/html", "image/", "", "application/octet-stream"] {
      #expect(PictureType(contentType: type) == nil, "\(type)")
    }
  }
}
