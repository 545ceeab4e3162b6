import DriverInterface
import GCode
import Glibc

/// What tells a file from a changed one.
public struct SourceFacts: Equatable, Sendable {
  /// Size in bytes.
  public var size: Int64
  /// When its content was last changed, in ns since 1970.
  public var modified: Int64

  /// Makes facts.
  public init(size: Int64, modified: Int64) {
    self.size = size
    self.modified = modified
  }
}

/// What a read came to.
public enum SourceRead: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// The end of the file.
  case end
  /// The system's error number.
  case failed(Int32)
}

/// Where a job's bytes come from; used by the disk thread only, which it may hold up as long as it likes.
public protocol JobSource: AnyObject {
  /// The facts when it was opened.
  var facts: SourceFacts { get }
  /// The facts now; nil where the system does not tell.
  func currentFacts() -> SourceFacts?
  /// Reads on.
  func read(into space: UnsafeMutableRawBufferPointer) -> SourceRead
}

/// Opens a job's source by path; the faults are `file.missing`, `file.notRegular`, `file.unreadable`.
public typealias SourceOpener = @Sendable (_ path: String) throws(Fault) -> any JobSource

/// A regular file, read from its start through one descriptor: deleting or replacing it does not disturb the job.
public final class FileSource: JobSource {
  /// The facts when it was opened.
  public let facts: SourceFacts
  private let descriptor: Int32

  /// Opens the file. Never waits for a FIFO's other end and never takes a terminal as its own.
  public init(path: String) throws(Fault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      let number = errno
      let code = number == ENOENT ? "file.missing" : "file.unreadable"
      throw Fault(code: code, sentence: "\(path) cannot be opened: \(systemWords(number))", scope: .job)
    }
    var node = stat()
    guard fstat(descriptor, &node) == 0 else {
      let number = errno
      close(descriptor)
      throw Fault(
        code: "file.unreadable", sentence: "\(path) cannot be read: \(systemWords(number))", scope: .job)
    }
    guard node.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Fault(
        code: "file.notRegular", sentence: "\(path) is \(FileSource.kind(node.st_mode)), not a file",
        scope: .job)
    }
    posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_SEQUENTIAL))
    self.descriptor = descriptor
    self.facts = FileSource.facts(node)
  }

  deinit { close(descriptor) }

  /// The facts now. The corresponding call is `fstat`, which follows the open file and not the path.
  public func currentFacts() -> SourceFacts? {
    var node = stat()
    guard fstat(descriptor, &node) == 0 else { return nil }
    return FileSource.facts(node)
  }

  /// Reads on. The corresponding call is `read`.
  public func read(into space: UnsafeMutableRawBufferPointer) -> SourceRead {
    while true {
      let count = Glibc.read(descriptor, space.baseAddress, space.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno != EINTR { return .failed(errno) }
    }
  }

  private static func facts(_ node: stat) -> SourceFacts {
    SourceFacts(
      size: Int64(node.st_size),
      modified: Int64(node.st_mtim.tv_sec) * 1_000_000_000 + Int64(node.st_mtim.tv_nsec))
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a named pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
