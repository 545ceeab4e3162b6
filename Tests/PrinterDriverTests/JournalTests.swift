import DriverInterface
import Glibc
import Testing

@testable import PrinterDriver

/// The journal holds what it promised, whatever a power cut leaves of its tail.
struct JournalTests {
  private let attempts = (1...3).map {
    StagedAttempt(attempt: AttemptID(rawValue: $0), job: 4, path: "/tmp/a", size: 100, name: "a \($0)")
  }

  private func progress(_ attempt: StagedAttempt, _ line: Int64) -> AttemptProgress {
    AttemptProgress(attempt: attempt.attempt, job: attempt.job, name: attempt.name, fileLine: line)
  }

  /// A life: one attempt done and acknowledged, one failed, one under way.
  private var life: [DriverMessage] {
    let done = AttemptOutcome(kind: .done, progress: progress(attempts[0], 50), fault: nil, endedAt: 1)
    let fault = Fault(code: "link.lost", sentence: "gone", scope: .connection)
    let failed = AttemptOutcome(kind: .failed, progress: progress(attempts[1], 9), fault: fault, endedAt: 2)
    return [
      .request(number: 0, .stage(attempts[0])),
      .event(JournalImage.event(.progress(progress(attempts[0], 20)), at: 5)),
      .event(JournalImage.event(.ended(done), at: 1)),
      .request(number: 0, .acknowledgeOutcome(attempts[0].attempt)),
      .request(number: 0, .stage(attempts[1])),
      .event(JournalImage.event(.ended(failed), at: 2)),
      .request(number: 0, .stage(attempts[2])),
      .event(JournalImage.event(.progress(progress(attempts[2], 33)), at: 7)),
    ]
  }

  /// A point as a print with two tools makes it.
  private func point(_ attempt: StagedAttempt, _ line: Int64) -> ResumePoint {
    var point = ResumePoint(attempt: attempt.attempt, job: attempt.job, at: 1_763_808_000_000)
    point.acknowledged = StreamAnchor(fileLine: line, byteOffset: line * 31, lineNumber: line + 40)
    point.sent = StreamAnchor(fileLine: line + 3, byteOffset: line * 31 + 93, lineNumber: line + 43)
    point.mayNotHaveRun = [
      StreamAnchor(fileLine: line - 63, byteOffset: line * 31 - 2000, lineNumber: line - 23)
    ]
    point.isFirstOnly = true
    var modal = ModalRecord()
    (modal.x, modal.y, modal.z, modal.e) = (101.123, 97.456, 12.34, 1234.56789)
    (modal.known, modal.homed, modal.isExtruderRelative) = ("XYZE", "XYZ", true)
    (modal.feedrate, modal.bed, modal.fans, modal.layer) = (2700, 60, [255, 128], 61)
    modal.toolTargets = [ToolTarget(tool: 0, target: 215), ToolTarget(tool: 1, target: 190)]
    (modal.printAcceleration, modal.retractAcceleration, modal.travelAcceleration) = (1000, 1250, 1500)
    (modal.babystep, modal.levelling, modal.offsetE, modal.speed, modal.flow) = (-0.05, .yes, 812.5, 110, 97)
    point.modal = modal
    return point
  }

  @Test func anAnchorIsSmall() {
    var long = progress(attempts[0], 1_234_567)
    long.name = "Gehäuse-Unterteil_0.2mm_PLA_MK3S_14h32m.gcode"
    long.byteOffset = 38_271_577
    long.size = 91_234_567
    let bytes =
      JournalImage.bytes(of: .event(JournalImage.event(.progress(long), at: 1_763_808_000_000))).count
      + JournalImage.bytes(of: .reply(number: 0, .resumePoint(point(attempts[0], 1_234_567)))).count
    // The journal's own words about wear rest on this.
    #expect((300...512).contains(bytes), "\(bytes) bytes")
  }

  @Test func theResumePointOutlivesItsAttemptUntilItsEndIsAcknowledged() throws {
    let folder = try TestFolder()
    let lost = AttemptOutcome(kind: .uncertain, progress: progress(attempts[1], 9), fault: nil, endedAt: 2)
    let records: [DriverMessage] = [
      .request(number: 0, .stage(attempts[1])),
      .reply(number: 0, .resumePoint(point(attempts[1], 70))),
      .reply(number: 0, .resumePoint(point(attempts[1], 90))),
      .event(JournalImage.event(.ended(lost), at: 2)),
    ]
    do {
      let journal = try Journal(folder: folder.path)
      for record in records { try journal.append(record, sync: false) }
    }
    #expect(try Journal(folder: folder.path).image.points == [point(attempts[1], 90)])
    // Torn in the last point, the one before it holds.
    var image = JournalImage()
    let whole = records.prefix(3).flatMap { JournalImage.bytes(of: $0) }
    for cut in 1..<JournalImage.bytes(of: records[2]).count {
      image = JournalImage()
      _ = image.replay(whole.dropLast(cut)[...])
      #expect(image.points.first?.acknowledged.fileLine == 70)
    }
    do {
      let journal = try Journal(folder: folder.path)
      try journal.append(.request(number: 0, .acknowledgeOutcome(attempts[1].attempt)), sync: false)
    }
    #expect(try Journal(folder: folder.path).image.points.isEmpty)
  }

  @Test func aLifeIsReadBack() throws {
    let folder = try TestFolder()
    do {
      let journal = try Journal(folder: folder.path)
      for record in life { try journal.append(record, sync: false) }
    }
    let image = try Journal(folder: folder.path).image
    #expect(image.started == attempts.map(\.attempt))
    #expect(image.open == attempts[2])
    #expect(image.progress?.fileLine == 33)
    #expect(image.outcomes.map(\.progress.attempt) == [attempts[1].attempt])
  }

  @Test func tornAtEveryByteItSaysWhatItsWholeRecordsSay() throws {
    let records = life.map(JournalImage.bytes(of:))
    let whole = records.flatMap { $0 }
    for length in 0...whole.count {
      var image = JournalImage()
      let good = image.replay(whole[..<length])
      var expected = JournalImage()
      var end = 0
      for (record, message) in zip(records, life) {
        guard end + record.count <= length else { break }
        end += record.count
        expected.apply(message)
      }
      #expect(good == end, "cut at \(length)")
      #expect(image == expected, "cut at \(length)")
    }
  }

  @Test func aTornTailIsCutAndTheJournalGoesOn() throws {
    let folder = try TestFolder()
    let records = life.map(JournalImage.bytes(of:))
    let torn = records[0] + records[1].dropLast(3)
    try write(torn, folder)
    let journal = try Journal(folder: folder.path)
    #expect(journal.damage == nil)
    #expect(journal.image.open == attempts[0])
    #expect(journal.image.progress == nil)
    try journal.append(life[2], sync: true)
    #expect((try Journal(folder: folder.path)).image.open == nil)
  }

  @Test func damageInTheMiddleIsToldAndKept() throws {
    let folder = try TestFolder()
    var bytes = life.flatMap(JournalImage.bytes(of:))
    bytes[JournalImage.bytes(of: life[0]).count + 12] ^= 0x40
    try write(bytes, folder)
    let journal = try Journal(folder: folder.path)
    #expect(journal.damage?.contains("journal.damaged") == true)
    #expect(journal.image.started == [attempts[0].attempt])
    #expect(access(folder.path + "/journal.damaged", F_OK) == 0)
  }

  @Test(arguments: 1...200)
  func flippedBitsAreNoRecord(seed: Int) {
    let records = life.map(JournalImage.bytes(of:))
    var bytes = records.flatMap { $0 }
    let bit = seed * 7919 % (bytes.count * 8)
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    var image = JournalImage()
    let good = image.replay(bytes[...])
    #expect(good <= bit / 8, "bit \(bit)")
  }

  @Test func grownItIsWrittenAnewAndSaysTheSame() throws {
    let folder = try TestFolder()
    let journal = try Journal(folder: folder.path)
    for record in life { try journal.append(record, sync: false) }
    var line: Int64 = 33
    var largest: Int64 = 0
    while line < 10_000 {
      line += 1
      try journal.append(
        .event(JournalImage.event(.progress(progress(attempts[2], line)), at: line)), sync: false)
      var node = stat()
      stat(folder.path + "/journal", &node)
      largest = max(largest, Int64(node.st_size))
    }
    #expect(largest < Int64(Journal.longest) + 200)
    let image = try Journal(folder: folder.path).image
    #expect(image == journal.image)
    #expect(image.progress?.fileLine == line)
    #expect(image.started == attempts.map(\.attempt))
  }

  @Test func theMemoryOfStartedAttemptsIsBounded() {
    var image = JournalImage()
    for number in 1...UInt64(JournalImage.longestMemory + 10) {
      image.apply(.request(number: 0, .start(AttemptID(rawValue: number))))
    }
    #expect(image.started.count == JournalImage.longestMemory)
    #expect(image.started.first == AttemptID(rawValue: 11))
  }

  @Test func whatIsNoRegularFileIsNoJournal() throws {
    let folder = try TestFolder()
    symlink("/dev/zero", folder.path + "/journal")
    #expect(throws: Fault.self) { try Journal(folder: folder.path) }
    #expect(throws: Fault.self) { try Journal(folder: "/dev/null/nowhere") }
  }

  private func write(_ bytes: [UInt8], _ folder: TestFolder) throws {
    let file = open(folder.path + "/journal", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    #expect(count == bytes.count)
  }
}
