import GCode
import Testing

@testable import PrinterProtocol

/// How many lines are in flight, and what a question costs.
@Suite struct WindowTests {
  /// A rig whose window is what certainly fits.
  static func printing(_ change: (inout SessionConfiguration) -> Void = { _ in }) throws -> Rig {
    try Rig.printing {
      $0.windowLines = 0
      change(&$0)
    }
  }

  /// Supplies lines of `length` characters until none is wanted; how many were written.
  static func fill(_ rig: inout Rig, length: Int, from first: Int64 = 1) -> Int {
    var fileLine = first
    let line = "G1 X" + String(repeating: "1", count: length - 4)
    while rig.session.wantsLine, fileLine < first + 100 {
      rig.supply(line, fileLine)
      fileLine += 1
    }
    return rig.sent().count
  }

  @Test func whereNothingIsKnownTwoShortLinesAreInFlight() throws {
    var rig = try Self.printing()
    #expect(Self.fill(&rig, length: 12) == 2)
    #expect(rig.session.stream.bytesInFlight <= 63)
  }

  @Test func aLineThatDoesNotFitWaitsAndIsSentBeforeTheNext() throws {
    var rig = try Self.printing()
    #expect(Self.fill(&rig, length: 40) == 1)
    #expect(!rig.session.wantsLine)
    rig.say("ok")
    #expect(rig.sent().count == 1)
    #expect(rig.session.progress.sentFileLine == 2)
    #expect(rig.session.wantsLine)
  }

  @Test(arguments: [(128, 4, 20, 3), (1024, 16, 20, 15), (128, 16, 40, 2), (64, 4, 12, 3)])
  func bytesAndLinesBound(buffer: Int, queue: Int, length: Int, lines: Int) throws {
    var rig = try Self.printing {
      $0.receiveBuffer = buffer
      $0.queueLines = queue
    }
    #expect(Self.fill(&rig, length: length) == lines)
    #expect(rig.session.stream.bytesInFlight < buffer)
    #expect(rig.session.stream.ledger.count < queue)
  }

  @Test("what was measured counts from the next line on, but not where a size was told")
  func measuredBuffersCountAtOnce() throws {
    var found = MeasuredBuffers()
    found.receiveBuffer = 128
    found.queueLines = 4
    var rig = try Self.printing()
    rig.session.take(found)
    #expect(Self.fill(&rig, length: 12) == 3)
    var told = try Self.printing { $0.queueLines = 2 }
    told.session.take(found)
    #expect(Self.fill(&told, length: 12) == 1)
    found.receiveBuffer = 3
    found.queueLines = 0
    var strange = try Self.printing()
    strange.session.take(found)
    #expect(Self.fill(&strange, length: 12) == 2)
  }

  @Test func theBoundFromAboveHolds() throws {
    var rig = try Self.printing {
      $0.receiveBuffer = 1024
      $0.queueLines = 16
      $0.windowLines = 1
    }
    #expect(Self.fill(&rig, length: 12) == 1)
  }

  @Test func nothingIsSentBehindABlockingLine() throws {
    var rig = try Self.printing {
      $0.receiveBuffer = 1024
      $0.queueLines = 16
    }
    rig.supply("G1 X1", 1)
    rig.supply("G28", 2)
    #expect(!rig.session.wantsLine)
    rig.say("ok", "ok")
    #expect(rig.session.wantsLine)
  }

  /// ADVANCED_OK shows the queue; one damaged digit does not.
  @Test func theQueueIsLearnedFromWhatTheFirmwareSaysTwice() throws {
    var rig = try Self.printing { $0.receiveBuffer = 1024 }
    #expect(Self.fill(&rig, length: 12) == 2)
    let first = rig.highest - 1
    rig.say("ok N\(first) P15 B15")
    #expect(Self.fill(&rig, length: 12, from: 10) == 1)
    rig.say("ok N\(first + 1) P15 B15")
    #expect(Self.fill(&rig, length: 12, from: 20) == 14)
    #expect(rig.session.stream.ledger.count == 15)
  }

  @Test func aFirmwareThatDoesNotCountLinesGetsOneAtATime() throws {
    var rig = try Self.printing {
      $0.dialect = .rrf
      $0.windowLines = 4
      $0.queueLines = 16
    }
    #expect(Self.fill(&rig, length: 12) == 1)
  }

  @Test func pollsAndHandsShareTheWindow() throws {
    var rig = try Self.printing {
      $0.receiveBuffer = 256
      $0.queueLines = 4
    }
    #expect(Self.fill(&rig, length: 12) == 3)
    try rig.session.send(line: Array("M117 hello".utf8)[...], token: 9, now: rig.now)
    rig.run()
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.said() == ["M117 hello"])
    // What the hand waits for does not hold the file up.
    rig.say("ok")
    #expect(Self.fill(&rig, length: 12, from: 10) == 1)
    rig.say("ok", "ok")
    #expect(rig.events.contains(.answered(token: 9, fault: nil)))
    #expect(rig.session.progress.acknowledged == 3)
  }

  /// A lost `ok` costs no more than answers usually take, whatever the model says of the move.
  @Test func aLostAnswerIsAskedAboutAsSoonAsAnswersUsuallyCome() throws {
    var rig = try Rig.printing()
    for line in 1...30 {
      rig.supply("G1 X\(line) F60", Int64(line))
      rig.now += 20 * ms
      rig.say("ok")
    }
    _ = rig.sent()
    rig.supply("G1 X31 F60", 31)
    _ = rig.sent()
    rig.pass(150 * ms)
    #expect(rig.said() == ["M105"])
    rig.say("ok T:20.0 /0.0")
    #expect(rig.session.wantsLine)
    #expect(rig.session.progress.fileLine == 31)
  }

  /// A move of minutes is asked about twice at most, and never given up.
  @Test func aLongMoveIsNoSilence() throws {
    var rig = try Rig.printing()
    rig.supply("G92 X0", 1)
    rig.say("ok")
    rig.supply("G1 X200 F100", 2)
    _ = rig.sent()
    rig.pass(120 * second)
    #expect(rig.said().count <= 2)
    #expect(rig.session.phase == .printing)
    rig.say("ok", "ok T:20.0 /0.0", "ok T:20.0 /0.0")
    #expect(rig.session.progress.fileLine == 2)
  }

  @Test func aGreetingSendsOneLineAtATime() throws {
    var rig = Rig { $0.windowLines = 0 }
    rig.open()
    _ = rig.sent()
    rig.say("ok")
    _ = rig.sent()
    rig.say("ok")
    #expect(rig.said() == ["M115"])
  }
}
