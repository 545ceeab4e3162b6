import CLinux
import DriverInterface
import GCode
import Glibc
import SerialPort

/// The thread that may wait: it reads the job's file ahead into the ring and writes journal, wire log and flight recorder.
///
/// Orders come before reading, one chunk of the file is read at a time, and the thread sleeps on its bell when the ring is
/// full. Whatever it waits for, the wire thread goes on with what is in the ring.
final class DiskThread {
  /// What it needs to begin; everything else is made on the thread itself.
  final class Start: Sendable {
    let machine: String
    let folder: String
    let opener: SourceOpener
    let orders: Mailbox<DiskOrder>
    let reports: Mailbox<DiskReport>

    init(
      machine: String, folder: String, opener: @escaping SourceOpener, orders: Mailbox<DiskOrder>,
      reports: Mailbox<DiskReport>
    ) {
      self.machine = machine
      self.folder = folder
      self.opener = opener
      self.orders = orders
      self.reports = reports
    }
  }

  /// The job being read.
  private struct Reading {
    var staged: StagedAttempt
    var source: any JobSource
    var ring: ByteRing
    var bytesRead: Int64 = 0
  }

  /// The most that one read takes: small enough that orders are not held up, large enough to be cheap.
  private static let chunk = 16 * 1024

  private let start: Start
  private let journal: Journal
  private var log: ErrorLog
  private var wireLog: WireLogFile
  private var staged: [AttemptID: any JobSource] = [:]
  private var reading: Reading?
  /// Ends and acknowledgements that the disk did not take; tried again each second.
  private var unwritten: [DriverMessage] = []
  private var isEnding = false
  /// How long the last anchor took to be on the disk, ns.
  private var syncTime: Int64 = 0

  /// Starts the thread, with a small stack; false where the system has no more threads.
  static func begin(_ start: Start) -> Bool {
    let owned = Unmanaged.passRetained(start)
    let result = clinux_thread_start(
      { argument in
        guard let argument else { return nil }
        DiskThread.run(Unmanaged<Start>.fromOpaque(argument).takeRetainedValue())
        return nil
      }, owned.toOpaque(), 256 * 1024)
    if result < 0 { owned.release() }
    return result >= 0
  }

  /// Runs until `finish`; the body of the thread.
  private static func run(_ start: Start) {
    do throws(Fault) {
      let journal = try Journal(folder: start.folder)
      start.reports.post(.ready(journal.image, damage: journal.damage))
      DiskThread(start, journal).loop()
    } catch {
      start.reports.post(.unready(error))
    }
  }

  private init(_ start: Start, _ journal: Journal) {
    self.start = start
    self.journal = journal
    self.log = ErrorLog(machine: start.machine)
    self.wireLog = WireLogFile(folder: start.folder)
  }

  private func loop() {
    _ = clinux_thread_set_name("disk")
    while !isEnding {
      for order in start.orders.takeAll() { carryOut(order) }
      if isEnding { break }
      if readAhead() { continue }
      sleepUntilRung()
    }
    start.reports.post(.finished)
  }

  /// Sleeps until rung; at most a second while there is something to look after.
  private func sleepUntilRung() {
    var bell = pollfd(fd: start.orders.bell, events: Int16(POLLIN), revents: 0)
    let timed = reading != nil || !unwritten.isEmpty
    guard poll(&bell, 1, timed ? 1000 : -1) == 0 else { return }
    checkSource()
    retryUnwritten()
  }

  private func carryOut(_ order: DiskOrder) {
    switch order {
    case .stage(let attempt, let token): start.reports.post(.staged(token: token, fault: stage(attempt)))
    case .unstage(let attempt): staged[attempt] = nil
    case .start(let attempt, let ring): begin(attempt, ring)
    case .goOn(let attempt, let ring, let offset, let modified): goOn(attempt, ring, offset, modified)
    case .stopReading(let attempt): if reading?.staged.attempt == attempt { reading = nil }
    case .note(let message, let token): note(message, token)
    case .anchor(let progress, let point, let at):
      // Not lasting at once is no harm: the anchor before it holds. Full disks are told by the notes.
      var point = point
      point.syncMs = syncTime / 1_000_000
      let before = clinux_monotonic_ns()
      try? journal.append(.event(JournalImage.event(.progress(progress), at: at)), sync: false)
      if (try? journal.append(.reply(number: 0, .resumePoint(point)), sync: true)) != nil {
        // A place that could not be written before is older than this one, and must not come behind it.
        unwritten.removeAll { if case .reply(_, .resumePoint) = $0 { true } else { false } }
      }
      syncTime = clinux_monotonic_ns() - before
    case .dump(let reason, let file): dump(reason, file)
    case .wireLog(let isOn): report(wireLog.turn(isOn))
    case .wireLines(let lines): report(wireLog.append(lines))
    case .look(let port, let token):
      start.reports.post(.looked(token: token, PortSurroundings(path: port)))
    case .bounds(let path, let token):
      start.reports.post(.bounded(token: token, try? WorkBounds.read(path, start.opener)))
    case .log(let at, let words): log.write(words, at: at)
    case .finish:
      retryUnwritten()
      isEnding = true
    }
  }

  private func report(_ fault: Fault?) {
    if let fault { start.reports.post(.trouble(fault)) }
  }
}

// MARK: - The journal

extension DiskThread {
  private func note(_ message: DriverMessage, _ token: UInt64?) {
    do throws(Fault) {
      try journal.append(message, sync: true)
      if let token { start.reports.post(.noted(token: token, fault: nil)) }
    } catch {
      unwritten.append(message)
      if let token { start.reports.post(.noted(token: token, fault: error)) }
      report(error)
    }
  }

  private func retryUnwritten() {
    while let first = unwritten.first {
      do throws(Fault) {
        try journal.append(first, sync: true)
        unwritten.removeFirst()
      } catch {
        return
      }
    }
  }

  private func dump(_ reason: String, _ file: [UInt8]) {
    do throws(Fault) {
      let path = try RecorderDump.write(file, reason: reason, folder: start.folder)
      start.reports.post(.dumped(path: path))
    } catch {
      report(error)
    }
  }
}

// MARK: - The job's file

extension DiskThread {
  private func stage(_ attempt: StagedAttempt) -> Fault? {
    do throws(Fault) {
      let source = try start.opener(attempt.path)
      guard source.facts.size == attempt.size else {
        return Fault(
          code: "file.changed",
          sentence:
            "\(attempt.path) has \(source.facts.size) bytes instead of \(attempt.size): submit it again",
          scope: .job)
      }
      // The head is read through a descriptor of its own, so that the job's one stays at the start.
      let head = try readHead(attempt.path)
      if let problem = FileInspection(head: head[...], size: source.facts.size).problem {
        return Fault(
          code: problem.code, sentence: "\(attempt.name): \(problem.sentence)", scope: .job,
          fileLine: problem.line)
      }
      staged[attempt.attempt] = source
      return nil
    } catch {
      return error
    }
  }

  private func readHead(_ path: String) throws(Fault) -> [UInt8] {
    let source = try start.opener(path)
    var head = [UInt8](repeating: 0, count: FileInspection.headLength)
    var count = 0
    while count < head.count {
      let result = head.withUnsafeMutableBytes { space in
        source.read(into: UnsafeMutableRawBufferPointer(rebasing: space[count...]))
      }
      guard case .bytes(let more) = result else { break }
      count += more
    }
    return Array(head[..<count])
  }

  private func begin(_ attempt: StagedAttempt, _ ring: ByteRing) {
    guard let source = staged.removeValue(forKey: attempt.attempt) else {
      let fault = Fault(
        code: "attempt.unknown", sentence: "attempt \(attempt.attempt) is not staged", scope: .job)
      start.reports.post(.startNoted(attempt.attempt, modified: 0, fault: fault))
      return
    }
    if let current = source.currentFacts(), current != source.facts {
      start.reports.post(.startNoted(attempt.attempt, modified: 0, fault: changed(attempt)))
      return
    }
    do throws(Fault) {
      try journal.append(.request(number: 0, .stage(attempt)), sync: true)
    } catch {
      start.reports.post(.startNoted(attempt.attempt, modified: 0, fault: error))
      return
    }
    reading = Reading(staged: attempt, source: source, ring: ring)
    // What only the start and the staging needed; before the first line, since afterwards nothing may hold up the wire thread.
    clinux_code_release()
    start.reports.post(.startNoted(attempt.attempt, modified: source.facts.modified, fault: nil))
  }

  private func goOn(_ attempt: StagedAttempt, _ ring: ByteRing, _ offset: Int64, _ modified: Int64) {
    do throws(Fault) {
      let source = try start.opener(attempt.path)
      guard source.facts == SourceFacts(size: attempt.size, modified: modified), source.skip(offset) else {
        throw changed(attempt)
      }
      reading = Reading(staged: attempt, source: source, ring: ring, bytesRead: offset)
    } catch {
      start.reports.post(.sourceFailed(attempt.attempt, error))
    }
  }

  /// Reads one chunk where there is room; false where there is nothing to do.
  private func readAhead() -> Bool {
    guard let job = reading else { return false }
    let wanted = min(DiskThread.chunk, job.ring.capacity / 4)
    if job.ring.producerMustSleep(below: wanted) { return false }
    var result = SourceRead.end
    var isChanged = false
    let consumerSleeps = job.ring.fill(atMost: wanted) { space in
      result = job.source.read(into: space)
      guard case .bytes(let count) = result else { return 0 }
      // Looked at behind each read and before its bytes are handed over: what a change left never reaches the machine.
      isChanged = job.source.currentFacts().map { $0 != job.source.facts } ?? false
      return isChanged ? 0 : count
    }
    if isChanged {
      fail(job, changed(job.staged))
      return true
    }
    if consumerSleeps { start.reports.ring() }
    switch result {
    case .bytes(let count): reading?.bytesRead += Int64(count)
    case .end: endReading(job)
    case .failed(let number):
      let words = systemWords(number)
      fail(
        job,
        Fault(
          code: "file.unreadable", sentence: "\(job.staged.name) cannot be read on: \(words)", scope: .job))
    }
    return true
  }

  /// The end of the file is believed only where it has the size that was staged.
  private func endReading(_ job: Reading) {
    let isWhole = job.bytesRead == job.staged.size
    guard isWhole, job.source.currentFacts().map({ $0 == job.source.facts }) ?? true else {
      fail(job, changed(job.staged))
      return
    }
    reading = nil
    if job.ring.end() { start.reports.ring() }
  }

  private func checkSource() {
    guard let job = reading, let current = job.source.currentFacts(), current != job.source.facts else {
      return
    }
    fail(job, changed(job.staged))
  }

  private func fail(_ job: Reading, _ fault: Fault) {
    reading = nil
    start.reports.post(.sourceFailed(job.staged.attempt, fault))
  }

  private func changed(_ attempt: StagedAttempt) -> Fault {
    Fault(
      code: "file.changed",
      sentence: "\(attempt.name) was changed or cut short since it was staged: submit it again", scope: .job)
  }
}
