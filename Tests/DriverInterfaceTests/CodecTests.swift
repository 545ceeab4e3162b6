import DriverInterface
import Testing

/// Every case survives the wire, in whatever pieces the bytes arrive.
struct CodecTests {
  @Test(arguments: UInt64(1)...100)
  func everyCaseComesBack(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    for message in samples.messages() {
      var bytes: [UInt8] = []
      try message.encode(into: &bytes)
      var decoder = FrameDecoder()
      decoder.receive(bytes)
      #expect(try decoder.next() == .message(message), "seed \(seed)")
      #expect(try decoder.next() == nil)
      #expect(decoder.pendingBytes == 0)
    }
  }

  @Test(arguments: UInt64(1)...20)
  func piecesOfAnySizeMakeTheSameMessages(seed: UInt64) throws {
    var samples = Samples(seed: seed)
    let messages = samples.messages()
    var bytes: [UInt8] = []
    for message in messages { try message.encode(into: &bytes) }
    var decoder = FrameDecoder()
    var received: [ReceivedFrame] = []
    var position = 0
    while position < bytes.count {
      let size = Int.random(in: 1...max(1, samples.pick([1, 7, 900])), using: &samples.random)
      decoder.receive(bytes[position..<min(bytes.count, position + size)])
      position += size
      while let frame = try decoder.next() { received.append(frame) }
    }
    #expect(received == messages.map { .message($0) }, "seed \(seed)")
  }

  @Test func zeroIsKeptWhereAbsenceMeansSomethingElse() throws {
    for request in [DriverRequest.answer(choice: 0), .answer(choice: nil)] {
      #expect(try roundTrip(.request(number: 0, request)) == .message(.request(number: 0, request)))
    }
  }

  @Test func aMessageTooLargeForAnyReaderIsRefusedAndAppendsNothing() {
    var bytes: [UInt8] = [42]
    let lines = DriverReply.lines([String(repeating: "x", count: FrameDecoder.maximumLength)])
    #expect(throws: FrameError.self) { try DriverMessage.reply(number: 1, lines).encode(into: &bytes) }
    #expect(bytes == [42])
  }

  @Test func theVersionSpokenIsTheHighestInCommon() {
    let old = VersionRange(lowest: 1, highest: 3)
    #expect(old.agreed(with: VersionRange(lowest: 2, highest: 5)) == 3)
    #expect(VersionRange(lowest: 2, highest: 5).agreed(with: old) == 3)
    #expect(old.agreed(with: VersionRange(lowest: 4, highest: 5)) == nil)
  }

  private func roundTrip(_ message: DriverMessage) throws -> ReceivedFrame? {
    var bytes: [UInt8] = []
    try message.encode(into: &bytes)
    var decoder = FrameDecoder()
    decoder.receive(bytes)
    return try decoder.next()
  }
}
