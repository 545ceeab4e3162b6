import Foundation
import Glibc
import Synchronization

/// Writes log lines to stderr and to the rotating file, on a thread of its own: a stuck terminal or a slow disk holds up
/// nobody but the log.
///
/// At most `capacity` lines wait; beyond that lines are dropped and their number is told in the next one that fits.
public final class LogWriter: Sendable {
  private struct Waiting {
    var records: [LogRecord] = []
    var dropped = 0
    var isClosed = false
  }

  private let waiting = Mutex(Waiting())
  private let bell = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let capacity: Int
  private let journal: JournalSocket?

  /// Starts the thread. `file` nil writes to stderr only; `toStandardError` false to the file only. Where stderr is the
  /// journal, lines go to `journal` with their fields.
  public init(
    file: String?, limit: Int = 4 << 20, keep: Int = 3, toStandardError: Bool = true, capacity: Int = 2000,
    journal: JournalSocket? = JournalSocket.ofStandardError()
  ) {
    self.capacity = capacity
    self.journal = journal
    let thread = Thread { [self] in
      run(file: file, limit: limit, keep: keep, toStandardError: toStandardError)
    }
    thread.name = "log"
    thread.stackSize = 256 << 10
    thread.start()
  }

  /// Hands a line over; never waits.
  public func append(_ record: LogRecord) {
    waiting.withLock { state in
      if state.records.count < capacity { state.records.append(record) } else { state.dropped += 1 }
    }
    bell.signal()
  }

  /// Writes what waits and ends the thread; returns after a second at the latest.
  public func close() {
    waiting.withLock { $0.isClosed = true }
    bell.signal()
    _ = ended.wait(timeout: .now() + 1)
  }

  private func run(file: String?, limit: Int, keep: Int, toStandardError: Bool) {
    var target = RotatingFile(path: file ?? "", limit: limit, keep: keep)
    let forJournal = getenv("JOURNAL_STREAM") != nil
    while true {
      bell.wait()
      let (records, dropped, isClosed) = waiting.withLock { state in
        defer {
          state.records = []
          state.dropped = 0
        }
        return (state.records, state.dropped, state.isClosed)
      }
      for record in records {
        if file != nil { target.append(Array((record.line + "\n").utf8)) }
        if toStandardError { tell(record, forJournal: forJournal) }
      }
      if dropped > 0 {
        let note = LogRecord(
          id: 0, at: LocalTime.now(), level: .warning, machine: nil, job: nil,
          message: "\(dropped) log lines were dropped: the log could not be written fast enough")
        if file != nil { target.append(Array((note.line + "\n").utf8)) }
        if toStandardError { tell(note, forJournal: forJournal) }
      }
      if isClosed {
        ended.signal()
        return
      }
    }
  }

  /// To the journal with its fields, or to stderr as a line.
  private func tell(_ record: LogRecord, forJournal: Bool) {
    if let journal, journal.send(JournalEntry(record)) { return }
    writeError(record, forJournal: forJournal)
  }

  private func writeError(_ record: LogRecord, forJournal: Bool) {
    let prefix = forJournal ? "<\(record.level.priority)>" : ""
    let bytes = Array((prefix + record.line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
