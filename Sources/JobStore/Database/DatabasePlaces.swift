import Foundation

/// The names of everything that belongs to the database in a state folder.
struct DatabasePlaces: Sendable {
  let folder: String

  init(folder: String) { self.folder = folder }

  var database: String { folder + "/fabline.sqlite" }
  /// There while a process has the database open: where it was left behind, the log has to be there too.
  var openMark: String { folder + "/fabline.open" }
  /// A new database in the making; nobody's before it has the name `rescued`.
  var rescue: String { folder + "/fabline.sqlite.rescue" }
  /// A new database, whole and synced, whose old one was perhaps put aside already.
  var rescued: String { folder + "/fabline.sqlite.rescued" }
  /// A copy of the damaged one, from which rows are read.
  var salvage: String { folder + "/fabline.sqlite.salvage" }
  var backups: String { folder + "/backups" }

  /// The endings of the files that are one database.
  static let suffixes = ["", "-wal", "-shm"]

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A file's size; nil where there is none.
  static func size(_ path: String) -> Int64? {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int64(facts.st_size) : nil
  }

  /// When a file was written last, in milliseconds since 1970.
  static func changed(_ path: String) -> Int64? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    return Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
  }

  static func remove(_ path: String) { for suffix in suffixes { unlink(path + suffix) } }

  /// The automatic backups, newest first.
  func automaticBackups() -> [String] {
    names(in: backups) { $0.hasPrefix("auto-") && $0.hasSuffix(".sqlite") }.reversed()
      .map { backups + "/" + $0 }
  }

  /// Notes that the database is open. Only once its log is there, and both names reach the disk together: a mark without a log
  /// means that the log was lost.
  func noteOpen() {
    guard DatabasePlaces.exists(database + "-wal") else { return }
    let file = open(openMark, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    close(file)
    try? syncFolder(folder)
  }

  /// Takes the mark back, before the log goes.
  func forgetOpen() { unlink(openMark) }

  /// The log of a database that was not closed is not there: what was changed since the last checkpoint is lost.
  var logIsMissing: Bool {
    DatabasePlaces.exists(openMark) && DatabasePlaces.exists(database)
      && !DatabasePlaces.exists(database + "-wal")
  }

  /// What the last rescue said, while it lies in the folder.
  func report() -> String? {
    let reports = names(in: folder) { $0.hasPrefix("fabline.sqlite.damaged-") && $0.hasSuffix(".txt") }
    guard let last = reports.last, let bytes = FileManager.default.contents(atPath: folder + "/" + last)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: " ")
    return text.isEmpty ? nil : text
  }

  private func names(in folder: String, _ isWanted: (String) -> Bool) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter(isWanted).sorted()
  }
}

/// `20261122-142305-123` in UTC: sorts, and never holds a character that a shell minds.
func dateMark(_ moment: Int64) -> String {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.timeZone = TimeZone(identifier: "UTC")
  formatter.dateFormat = "yyyyMMdd-HHmmss-SSS"
  return formatter.string(from: Date(timeIntervalSince1970: Double(moment) / 1000))
}
