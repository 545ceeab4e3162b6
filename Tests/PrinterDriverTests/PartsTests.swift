import CLinux
import DriverInterface
import Glibc
import PrinterProtocol
import Testing

@testable import PrinterDriver

/// The ring, the page, the recorder and the event log, each by itself.
struct PartsTests {
  @Test func theRingHandsOverEveryByteInOrderBetweenTwoThreads() throws {
    let ring = ByteRing(capacity: 4096)
    let toProducer = try #require(Mailbox<Int>())
    let toConsumer = try #require(Mailbox<Int>())
    let total = 3_000_000
    _ = startTestThread {
      var sent = 0
      while sent < total {
        if ring.producerMustSleep(below: 700) {
          var bell = pollfd(fd: toProducer.bell, events: Int16(POLLIN), revents: 0)
          _ = poll(&bell, 1, -1)
          _ = toProducer.takeAll()
          continue
        }
        let rings = ring.fill(atMost: min(700, total - sent)) { space in
          for index in 0..<space.count { space[index] = UInt8(truncatingIfNeeded: (sent + index) &* 31) }
          sent += space.count
          return space.count
        }
        if rings { toConsumer.ring() }
      }
      if ring.end() { toConsumer.ring() }
    }
    var received = 0
    var wrong = 0
    var isOver = false
    while !isOver {
      let bytes = ring.readable
      if bytes.isEmpty {
        switch ring.drained() {
        case .moreCame: continue
        case .ended: isOver = true
        case .starving:
          // A lost wake-up shows as a test that never ends: nothing else rings this bell.
          var bell = pollfd(fd: toConsumer.bell, events: Int16(POLLIN), revents: 0)
          #expect(poll(&bell, 1, 60_000) == 1)
          _ = toConsumer.takeAll()
        }
        continue
      }
      for byte in bytes.prefix(333) {
        if byte != UInt8(truncatingIfNeeded: received &* 31) { wrong += 1 }
        received += 1
      }
      if ring.consume(min(333, bytes.count)) { toProducer.ring() }
    }
    #expect(received == total)
    #expect(wrong == 0)
  }

  @Test func thePageIsWholeForAReaderAtAnyTime() throws {
    let folder = try TestFolder()
    let path = folder.path + "/page"
    #expect(ProgressPage.read(path: path) == nil)
    let page = try ProgressPage(path: path)
    #expect(ProgressPage.read(path: path) == nil)
    let stop = try #require(Mailbox<Int>())
    let done = try #require(Mailbox<Int>())
    // The page is written by one thread alone, here as in the driver.
    nonisolated(unsafe) let shared = page
    _ = startTestThread {
      var count: Int64 = 0
      while stop.takeAll().isEmpty {
        count += 1
        shared.write(PartsTests.snapshot(count))
      }
      done.post(0)
    }
    var last: Int64 = 0
    while last < 20_000 {
      guard let found = ProgressPage.read(path: path) else { continue }
      #expect(found == PartsTests.snapshot(found.fileLine))
      #expect(found.fileLine >= last)
      last = found.fileLine
    }
    stop.post(1)
    while done.takeAll().isEmpty {
      var bell = pollfd(fd: done.bell, events: Int16(POLLIN), revents: 0)
      _ = poll(&bell, 1, -1)
    }
  }

  private static func snapshot(_ count: Int64) -> ProgressSnapshot {
    var snapshot = ProgressSnapshot()
    snapshot.attempt = AttemptID(rawValue: UInt64(count))
    snapshot.fileLine = count
    snapshot.byteOffset = count * 2
    snapshot.lineNumber = count * 3
    snapshot.x = Double(count)
    snapshot.e = Double(count) / 2
    snapshot.modes = count
    return snapshot
  }

  @Test func aPageThatWasDyingIsWholeInItsOtherSlot() throws {
    let folder = try TestFolder()
    let path = folder.path + "/page"
    let page = try ProgressPage(path: path)
    page.write(PartsTests.snapshot(1))
    page.write(PartsTests.snapshot(2))
    // A driver killed in the middle of the third write: its slot is half new, its number is not stored.
    let file = open(path, O_RDWR)
    defer { close(file) }
    var rubbish = [UInt64](repeating: 0xDEAD, count: 9)
    let slotOfThird = 8 * (8 + 64)
    #expect(pwrite(file, &rubbish, 72, off_t(slotOfThird)) == 72)
    #expect(ProgressPage.read(path: path) == PartsTests.snapshot(2))
    // The next driver goes on with the numbers.
    let next = try ProgressPage(path: path)
    next.write(PartsTests.snapshot(3))
    #expect(ProgressPage.read(path: path) == PartsTests.snapshot(3))
  }

  @Test func theRecorderKeepsTheLatestLinesWholeAndInOrder() {
    var recorder = FlightRecorder(capacity: 4096)
    for number in 0..<1000 {
      note(&recorder, .sent, "N\(number) G1 X1", Int64(number) * 1_000_000_000)
      note(&recorder, .sent, "0*33\n", Int64(number) * 1_000_000_000 + 5)
      note(&recorder, .received, "ok\r\n", Int64(number) * 1_000_000_000 + 7)
    }
    note(&recorder, .received, "T:\u{1}21", 2_000_000_000_000)
    let lines = recorder.lines()
    #expect(lines.count > 100 && lines.count < 400)
    #expect(lines.dropLast().suffix(2) == ["999.000000000 > N999 G1 X10*33", "999.000000007 < ok"])
    #expect(lines.last == "2000.000000000 < T:\\x0121 (no end yet)")
    #expect(lines.first?.contains(" > N") == true || lines.first?.hasSuffix("< ok") == true)
  }

  @Test func anEndlessLineTakesNoMoreThanItsShare() {
    var recorder = FlightRecorder(capacity: 4096)
    for _ in 0..<1000 { note(&recorder, .received, String(repeating: "x", count: 1000), 1) }
    #expect(recorder.lines().count == 1)
    #expect((recorder.lines().first?.utf8.count ?? 0) < 260)
  }

  private func note(
    _ recorder: inout FlightRecorder, _ direction: FlightRecorder.Direction, _ text: String, _ now: Int64
  ) {
    Array(text.utf8).withUnsafeBufferPointer { recorder.note(direction, $0, now: now) }
  }

  @Test func theEventLogHoldsTheLatestThatMatter() throws {
    var log = EventLog()
    for number in 1...2000 {
      _ = log.append(number % 2 == 0 ? .message("\(number)") : .heaters([]), at: 0)
    }
    #expect(log.last == 2000)
    let frames = log.frames(after: 0)
    #expect(frames.count == EventLog.capacity)
    var sequences: [Int64] = []
    for frame in frames {
      var decoder = FrameDecoder()
      decoder.receive(frame)
      guard case .message(.event(let event)) = try decoder.next() else { continue }
      sequences.append(event.sequence)
    }
    #expect(sequences == stride(from: 978, through: 2000, by: 2).map { Int64($0) })
    #expect(log.frames(after: 1998).count == 1)
  }

  @Test func crc32IsTheOneOfEthernet() {
    #expect(crc32("123456789".utf8) == 0xCBF4_3926)
  }

  @Test("the same words are told once and counted, and others in between are told with what was held back")
  func wordsOnceASecond() {
    let second = RepeatedWords.interval
    var words = RepeatedWords()
    #expect(words.said("cold", now: 0) == ["cold"])
    #expect(words.due == nil)
    for time in 1...411 { #expect(words.said("cold", now: Int64(time)) == []) }
    #expect(words.due == second)
    #expect(words.takeHeldBack(now: second) == "cold (411 times more)")
    #expect(words.due == nil && words.takeHeldBack(now: second) == nil)
    #expect(words.said("cold", now: second + 1) == [])
    #expect(words.said("cold", now: second + 2) == [])
    #expect(words.said("hot", now: second + 3) == ["cold (2 times more)", "hot"])
    #expect(words.said("cold", now: second + 4) == ["cold"])
    #expect(words.said("cold", now: second + 5) == [])
    #expect(words.said("cold", now: 3 * second) == ["cold (2 times more)"])
    #expect(words.said("cold", now: 5 * second) == ["cold"])
  }

  /// The names that are spelled out are those that the compiler gives the same cases elsewhere.
  @Test func phasesAndEndsHaveTheirNamesInSentences() {
    let phases = (0...UInt8.max).compactMap { SessionPhase(rawValue: $0) }
    #expect(phases.count == 13)
    for phase in phases { #expect(MachinePhase(phase).word == "\(phase)") }
    let ends = (0...UInt8.max).compactMap { JobEnd(rawValue: $0) }
    #expect(ends.count == 4)
    for end in ends { #expect("\(OutcomeKind(end))" == "\(end)") }
  }
}
