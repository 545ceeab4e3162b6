import Testing

@testable import PrinterProtocol

/// What a GRBL says, read from the recordings and from damaged lines.
struct GrblReplyTests {
  private func read(_ text: String) -> [GrblReply] { read(Array(text.utf8)) }

  private func read(_ bytes: [UInt8]) -> [GrblReply] {
    var parser = GrblReplyParser()
    var replies: [GrblReply] = []
    var position = 0
    while let reply = parser.next(in: bytes.span, at: &position) { replies.append(reply) }
    return replies
  }

  @Test(arguments: [
    "grbl11-alarm", "grbl11-boot", "grbl11-errors", "grbl11-flood", "grbl11-hold", "grbl11-stream", "grblhal",
    "grbl11-m0-blocks-everything",
  ])
  func everyLineOfTheRecordingsIsRead(_ name: String) throws {
    let transcript = try Transcript(name)
    for entry in transcript.entries where !entry.isHost {
      for reply in read(entry.bytes) {
        if case .garbage = reply { Issue.record("\(name):\(entry.line) \(entry.text)") }
        // Words are only startup echoes and lines that matter to nobody.
        if case .text = reply {
          #expect("[>$".contains(entry.text.prefix(1)), "\(name):\(entry.line) \(entry.text)")
        }
      }
    }
  }

  @Test func bannersAlarmsErrors() {
    #expect(read("Grbl 1.1h ['$' for help]\r\n") == [.banner(isHAL: false)])
    #expect(read("GrblHAL 1.1f ['$' or '$HELP' for help]\r\n") == [.banner(isHAL: true)])
    #expect(read("ALARM:3\r\nerror:22\r\nok\r\n") == [.alarm(3), .error(22), .ok(isClean: true)])
  }

  @Test func statusOfGrbl() throws {
    let replies = read(
      "<Hold:1|MPos:2.324,-1.5,0.000|FS:216,30|Ov:110,100,100|WCO:1.000,0.000,0.000|Pn:X>\r\n")
    guard case .status(let status)? = replies.first else { throw Missing() }
    #expect(status.state == .holding)
    #expect(status.machine == GrblPoint(x: 2.324, y: -1.5, z: 0))
    #expect(status.feedrate == 216)
    #expect(status.spindle == 30)
    #expect(status.feedOverride == 110)
    #expect(status.offset == GrblPoint(x: 1, y: 0, z: 0))
  }

  @Test func statusOfGrblHAL() throws {
    let replies = read(
      "<Idle|MPos:0.000,0.000,0.000|Bf:100,1023|FS:0,0|WCO:0.000,0.000,0.000|WCS:G54|Ov:100,100,100|A:|Sc:|MPG:0|H:0|T:0|P:0|TLR:0|FW:grblHAL>\r\n"
    )
    guard case .status(let status)? = replies.first else { throw Missing() }
    #expect(status.state == .idle)
    #expect(status.plannerFree == 100)
    #expect(status.bufferFree == 1023)
  }

  @Test func listsAreRead() {
    #expect(
      read("$32=1\r\n$30=1000.000\r\n") == [
        .setting(number: 32, value: 1), .setting(number: 30, value: 1000),
      ])
    #expect(read("[OPT:VNML+,100,1024,3,0]\r\n") == [.options(blocks: 100, buffer: 1024)])
    #expect(read("[G92:1.000,2.000,-3.000]\r\n") == [.offset(.g92, GrblPoint(x: 1, y: 2, z: -3))])
    #expect(
      read("[GC:G0 G54]\r\n[VER:1.1h.20190830:]\r\n[MSG:Caution: Unlocked]\r\n") == [
        .modes, .version, .message,
      ])
  }

  /// One flipped bit of an `ok` is an `ok` or noise, and of its line end too; never nothing, never two.
  @Test func oneFlippedBitOfAnOkIsSeen() {
    let whole = Array("ok\r\n".utf8)
    for index in 0..<4 {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        // The line before and the line behind are whole.
        let replies = read(Array("ok\r\n".utf8) + bytes + Array("ok\r\n".utf8))
        let oks = replies.filter { if case .ok = $0 { true } else { false } }.count
        let noise = replies.filter { if case .garbage = $0 { true } else { false } }.count
        #expect(oks == 3 || (oks == 2 && noise == 1), "byte \(index) bit \(bit): \(replies)")
      }
    }
  }

  /// One flipped bit never turns a complaint into an `ok`, or into a report that means nothing.
  @Test func oneFlippedBitOfAnErrorIsNoOk() {
    let whole = Array("error:22\r\n".utf8)
    for index in 0..<8 {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        let replies = read(bytes)
        for reply in replies {
          switch reply {
          case .ok, .status, .banner, .message: Issue.record("byte \(index) bit \(bit): \(reply)")
          case .error, .garbage(couldBeAnswer: true), .text: break
          default: Issue.record("byte \(index) bit \(bit): \(reply)")
          }
        }
      }
    }
  }

  @Test func noiseNeverTraps() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = read(bytes + [10])
      let text = "<|:,.$[]=GCokerror0123456789-IdleRunMPosFSBf\r\n"
      _ = read((0..<60).compactMap { _ in text.utf8.randomElement(using: &random) } + [10])
    }
  }

  private struct Missing: Error {}
}
