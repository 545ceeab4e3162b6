import DriverInterface
import Testing

/// Whatever arrives becomes a message or an error, and memory stays bounded.
struct HostileInputTests {
  @Test(arguments: UInt64(1)...20)
  func everyTruncationWaitsForMore(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for message in samples.messages() {
      var bytes: [UInt8] = []
      try message.encode(into: &bytes)
      for length in 0..<bytes.count {
        var decoder = FrameDecoder()
        decoder.receive(bytes[..<length])
        #expect(try decoder.next() == nil, "seed \(seed), \(length) of \(bytes.count) bytes")
      }
    }
  }

  @Test(arguments: UInt64(1)...20)
  func aRecordCutShortIsNeverTakenForTheWholeOne(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for message in samples.messages() {
      var bytes: [UInt8] = []
      try message.encode(into: &bytes)
      let record = bytes[4...]
      for length in 0..<record.count {
        var decoder = FrameDecoder()
        decoder.receive([UInt8(length & 255), UInt8(length >> 8), 0, 0] + record.prefix(length))
        let frame = try? decoder.next()
        #expect(frame != .message(message), "seed \(seed), \(length) of \(record.count) bytes")
      }
    }
  }

  @Test(arguments: UInt64(1)...60)
  func mutatedBytesAreAMessageOrAnError(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for message in samples.messages() {
      var bytes: [UInt8] = []
      try message.encode(into: &bytes)
      for _ in 0..<10 {
        var mutated = bytes
        for _ in 0...Int.random(in: 0...3, using: &samples.random) {
          let index = Int.random(in: 4..<max(5, mutated.count), using: &samples.random)
          if index < mutated.count { mutated[index] = UInt8(truncatingIfNeeded: samples.random.next()) }
        }
        var decoder = FrameDecoder()
        decoder.receive(mutated)
        _ = try? decoder.next()
        #expect(decoder.pendingBytes <= bytes.count)
      }
    }
  }

  @Test(arguments: UInt64(1)...200)
  func noiseIsAMessageOrAnError(seed: UInt64) {
    var random = Seeded(seed: seed)
    let limit = 256
    var decoder = FrameDecoder(limit: limit)
    for _ in 0..<200 {
      let noise = (0..<Int.random(in: 0...64, using: &random)).map { _ in
        Bool.random(using: &random) ? UInt8(truncatingIfNeeded: random.next() % 8) : 0
      }
      decoder.receive(noise)
      do { while try decoder.next() != nil {} } catch { break }
      #expect(decoder.pendingBytes <= limit + 4 + 64, "seed \(seed)")
    }
  }

  @Test func anAnnouncedLengthBeyondTheLimitIsRefusedBeforeItsBytesCome() {
    var decoder = FrameDecoder(limit: 1000)
    decoder.receive([0xE9, 3, 0, 0])
    #expect(throws: FrameError.oversized(length: 1001, limit: 1000)) { try decoder.next() }
  }

  @Test func anErrorIsFinalAndHoldsNothing() {
    var decoder = FrameDecoder()
    decoder.receive([255, 255, 255, 255])
    #expect(throws: FrameError.self) { try decoder.next() }
    decoder.receive([UInt8](repeating: 0, count: 5000))
    #expect(decoder.pendingBytes == 0)
    #expect(throws: FrameError.self) { try decoder.next() }
  }

  @Test func aListLongerThanAnyoneNeedsIsRefused() {
    // `lines` with 100,000 empty texts: 200 kB on the wire would be megabytes in memory.
    var record: [UInt8] = [1, 1, 5]
    for _ in 0..<100_000 { record += [2, 0] }
    var length = record.count
    var variable: [UInt8] = []
    while length >= 128 {
      variable.append(UInt8(length & 127) | 128)
      length >>= 7
    }
    variable.append(UInt8(length))
    let body = [3] + variable + record
    var decoder = FrameDecoder()
    decoder.receive((0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body)
    #expect(throws: FrameError.tooManyElements) { try decoder.next() }
  }

  @Test func numbersThatDoNotEndOrDoNotFitAreErrors() {
    for number in [[UInt8](repeating: 255, count: 12), [255, 255, 255, 255, 255, 255, 255, 255, 255, 2]] {
      var decoder = FrameDecoder()
      decoder.receive([UInt8(number.count + 2), 0, 0, 0, 1, UInt8(number.count)] + number)
      #expect(throws: FrameError.malformedNumber) { try decoder.next() }
    }
  }
}
