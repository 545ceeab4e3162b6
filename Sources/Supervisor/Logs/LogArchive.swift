import Foundation
import Glibc

/// Reads the rotating log back, oldest line first, a piece at a time: never a whole file in memory.
public struct LogArchive: Sendable {
  private let path: String
  private let keep: Int

  /// The log at `path` with its `keep` predecessors.
  public init(path: String, keep: Int = 3) {
    self.path = path
    self.keep = keep
  }

  /// What to look for.
  public struct Query: Equatable, Sendable {
    /// Only lines above this number.
    public var after: Int64 = 0
    /// Only from this time on, in milliseconds since 1970.
    public var since: Int64?
    /// Only this machine's.
    public var machine: String?
    /// Only this job's.
    public var job: Int64?
    /// Only lines of at least this level.
    public var level: LogLevel?
    /// At most this many.
    public var limit = 500
    /// The newest lines instead of the oldest, still in rising order.
    public var newest = false

    /// Asks for everything.
    public init() {}

    func admits(_ record: LogRecord) -> Bool {
      guard record.id > after, since.map({ record.at >= $0 }) ?? true else { return false }
      if let machine, record.machine != machine { return false }
      if let job, record.job != job { return false }
      return level.map { record.level >= $0 } ?? true
    }
  }

  /// The lines that `query` asks for. Blocks while it reads: not for an actor.
  public func lines(_ query: Query) -> [LogRecord] {
    var found: [LogRecord] = []
    let limit = max(1, query.limit)
    for number in stride(from: keep, through: 0, by: -1) {
      let file = number == 0 ? path : "\(path).\(number)"
      if let since = query.since, let changed = changed(file), changed < since { continue }
      let goesOn = read(file) { line in
        guard let record = LogRecord(line: line), query.admits(record) else { return true }
        found.append(record)
        if query.newest {
          if found.count >= 2 * limit { found.removeFirst(found.count - limit) }
          return true
        }
        return found.count < limit
      }
      guard goesOn else { break }
    }
    return query.newest ? Array(found.suffix(limit)) : found
  }

  /// Gives each line to `body` until it says false; whether it never did.
  private func read(_ path: String, _ body: (Substring) -> Bool) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return true }
    defer { close(file) }
    var rest: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return true }
      rest += piece[0..<count]
      var start = 0
      while let end = rest[start...].firstIndex(of: 0x0A) {
        let text = String(decoding: rest[start..<end], as: UTF8.self)
        guard body(text[...]) else { return false }
        start = end + 1
      }
      rest.removeFirst(start)
    }
  }

  /// When a file was last written, in milliseconds since 1970.
  private func changed(_ path: String) -> Int64? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    return Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
  }
}
