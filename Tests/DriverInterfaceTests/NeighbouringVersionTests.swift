import DriverInterface
import Testing

/// What a newer program says to this one.
struct NeighbouringVersionTests {
  @Test func tagsThatAreNotKnownAreSkipped() throws {
    // A request (tag 2) `subscribe` (case 3) after 5, with a tag 200 before, between and after.
    let extra: [UInt8] = [200, 2, 9, 9]
    let subscribe: [UInt8] = [1, 1, 3] + extra + [2, 1, 10] + extra
    let record: [UInt8] = extra + [1, 1, 7] + [2, UInt8(subscribe.count)] + subscribe + extra
    #expect(try decode(record) == .message(.request(number: 7, .subscribe(after: 5))))
  }

  @Test func aRequestThatIsNotKnownKeepsItsNumber() throws {
    #expect(try decode([1, 1, 7, 2, 3, 1, 1, 99]) == .unknownRequest(number: 7))
  }

  @Test func aReplyThatIsNotKnownKeepsItsNumber() throws {
    #expect(try decode([1, 1, 7, 3, 3, 1, 1, 99]) == .unknownReply(number: 7))
  }

  @Test func anEventThatIsNotKnownIsIgnored() throws {
    #expect(try decode([4, 3, 1, 1, 99]) == .unknown)
    #expect(try decode([50, 1, 1]) == .unknown)
    #expect(try decode([]) == .unknown)
  }

  private func decode(_ record: [UInt8]) throws -> ReceivedFrame? {
    var decoder = FrameDecoder()
    decoder.receive([UInt8(record.count), 0, 0, 0] + record)
    return try decoder.next()
  }
}
