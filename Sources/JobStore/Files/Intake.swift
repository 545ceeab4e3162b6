import Crypto
import Dispatch
import Foundation

/// The thread on which files are written and read, so that a slow disk never holds up the cooperative pool.
final class DiskThread: SerialExecutor {
  private let queue = DispatchQueue(label: "fabline.files")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

/// One file on its way in: a nameless part in `incoming/` that becomes a stored file at the end, or vanishes.
///
/// Holds one piece of the file at a time, whatever its size. If the process dies, the part is dropped at the next opening;
/// if the power fails after the rename, the stored file is found again by `adoptFiles`.
actor Intake {
  /// A file that is written, synced and hashed, and has no name yet.
  struct Part: Sendable {
    var path: String
    var hash: String
    var size: Int64
    var facts: StoredFacts
    var remarks: [FileRemark]
    var strippedLines: Int
  }

  private let thread: DiskThread
  private let folder: FileFolder
  private let path: String
  private let expected: Int64?
  private var descriptor: Int32 = -1
  private var filter = KeyFilter()
  private var reading = FileReading()
  private var hasher = SHA256()
  private var output: [UInt8] = []
  private var written: Int64 = 0
  private var received: Int64 = 0
  private var checkedAt: Int64 = 0
  private var isHeadJudged = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(folder: FileFolder, thread: DiskThread, expected: Int64?) {
    self.folder = folder
    self.thread = thread
    self.expected = expected
    path = "\(folder.incoming)/\(UUID().uuidString).part"
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Makes the part. Throws `file.diskFull` where the expected bytes do not fit, `file.io`.
  func begin() throws(StoreError) {
    try checkSpace(for: expected ?? 0)
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw failure("\(path) cannot be made", Disk.Errno(code: errno))
    }
  }

  /// Writes the next piece.
  func append(_ bytes: [UInt8]) throws(StoreError) {
    received += Int64(bytes.count)
    output.removeAll(keepingCapacity: true)
    bytes.withUnsafeBufferPointer { filter.feed($0, into: &output) }
    try flush()
    if written - checkedAt >= 8 << 20 {
      checkedAt = written
      try checkSpace(for: 0)
    }
  }

  /// Ends the file: judges it, and puts it on the disk, still without its name.
  func finish() throws(StoreError) -> Part {
    output.removeAll(keepingCapacity: true)
    filter.finish(into: &output)
    try flush()
    if let expected, received != expected {
      throw StoreError(.fileIncomplete, "\(received) of \(expected) bytes came; send the file again")
    }
    let result = try reading.finish()
    if case .failure(let errno) = folder.disk.sync(descriptor) {
      throw failure("\(path) cannot be synced", errno)
    }
    fchmod(descriptor, 0o440)
    close(descriptor)
    descriptor = -1
    return Part(
      path: path, hash: hexadecimal(hasher.finalize()), size: written, facts: result.facts,
      remarks: result.remarks.map {
        FileRemark(isQuestion: $0.severity == .forceable, sentence: $0.sentence)
      },
      strippedLines: filter.stripped)
  }

  /// Leaves nothing behind.
  func abandon() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unlink(path)
  }

  private func flush() throws(StoreError) {
    guard !output.isEmpty else { return }
    let outcome = output.withUnsafeBytes { folder.disk.writeAll($0, to: descriptor) }
    if let errno = outcome { throw failure("\(path) cannot be written", errno) }
    written += Int64(output.count)
    output.withUnsafeBufferPointer {
      reading.feed($0)
      hasher.update(bufferPointer: UnsafeRawBufferPointer($0))
    }
    if !isHeadJudged, written >= 4096 {
      isHeadJudged = true
      try reading.earlyVerdict(expected: expected)
    }
  }

  private func checkSpace(for wanted: Int64) throws(StoreError) {
    switch folder.disk.freeBytes(folder.incoming) {
    case .failure(let errno): throw failure("the room in \(folder.incoming) is not known", errno)
    case .success(let free):
      guard free < folder.disk.reserve || free - folder.disk.reserve < wanted else { return }
      throw StoreError(
        .fileDiskFull,
        "there is no room for the file in \(folder.path): \(free >> 20) MiB are free, of which"
          + " \(folder.disk.reserve >> 20) are kept for the queue\(wanted > 0 ? ", and it has \(wanted >> 20)" : "");"
          + " remove files with `fabline files` or make room")
    }
  }

  private func failure(_ what: String, _ errno: Disk.Errno) -> StoreError {
    guard errno.isFull else { return StoreError(.fileIO, "\(what): \(errno.words)") }
    return StoreError(
      .fileDiskFull, "the disk with \(folder.path) is full (\(errno.words)): the file was not taken in")
  }
}
