import Foundation
import JobStore
import Testing

@testable import Supervisor

@Suite struct LogFileTests {
  private func record(_ id: Int64, _ text: String = "text", machine: String? = "ender") -> LogRecord {
    LogRecord(id: id, at: 1_750_000_000_000 + id, level: .info, machine: machine, job: id, message: text)
  }

  @Test("The log starts anew at its size and keeps so many before it")
  func rotates() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    var file = RotatingFile(path: path, limit: 1000, keep: 2)
    for number in 1...100 { file.append(Array((record(Int64(number)).line + "\n").utf8)) }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["log", "log.1", "log.2"])
    for name in names {
      let size = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.size] as? Int
      #expect((size ?? 9999) <= 1000)
    }
    let lines = LogArchive(path: path, keep: 2).lines(LogArchive.Query())
    #expect(lines.last?.id == 100)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.id + 1 == $1.id })
  }

  @Test("A torn line is ended before the next one, and skipped when read")
  func torn() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    try (record(1).line + "\n2026-11-22T04").write(toFile: path, atomically: true, encoding: .utf8)
    var file = RotatingFile(path: path, limit: 10_000, keep: 1)
    file.append(Array((record(2).line + "\n").utf8))
    #expect(LogArchive(path: path).lines(LogArchive.Query()).map(\.id) == [1, 2])
  }

  @Test("The log is asked by time, machine, job, number; a page at a time or the newest")
  func queries() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    var file = RotatingFile(path: path, limit: 2000, keep: 5)
    for number in 1...50 {
      let machine = number % 2 == 0 ? "even" : nil
      file.append(Array((record(Int64(number), machine: machine).line + "\n").utf8))
    }
    let archive = LogArchive(path: path, keep: 5)
    func ids(_ change: (inout LogArchive.Query) -> Void) -> [Int64] {
      var query = LogArchive.Query()
      change(&query)
      return archive.lines(query).map(\.id)
    }
    #expect(ids { $0.after = 47 } == [48, 49, 50])
    #expect(ids { $0.since = 1_750_000_000_049 } == [49, 50])
    #expect(
      ids {
        $0.machine = "even"; $0.after = 45
      } == [46, 48, 50])
    #expect(ids { $0.job = 7 } == [7])
    #expect(
      ids {
        $0.limit = 2; $0.after = 10
      } == [11, 12])
    #expect(
      ids {
        $0.limit = 2; $0.newest = true
      } == [49, 50])
    #expect(ids { $0.level = .warning } == [])
  }

  @Test("The writer writes everything before it ends")
  func writer() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    let writer = LogWriter(file: path, toStandardError: false)
    for number in 1...500 { writer.append(record(Int64(number))) }
    writer.close()
    let lines = LogArchive(path: path).lines(LogArchive.Query())
    #expect(lines.count == 500)
  }

  @Test("A driver's log is cut where it stands, and its last lines are found")
  func bounded() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/driver.log"
    try (1...1000).map { "line \($0)\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
    #expect(BoundedLog.lastLines(of: path, count: 2) == ["line 999", "line 1000"])
    BoundedLog.cut(path, limit: 100)
    #expect(BoundedLog.lastLines(of: path, count: 2) == [])
    #expect(BoundedLog.lastLines(of: path + ".1", count: 1) == ["line 1000"])
  }
}

@Suite struct FoldersTests {
  @Test("What was asked for, then the variables, then XDG, then root's or the user's own")
  func resolve() {
    func folders(
      _ environment: [String: String], state: String? = nil, run: String? = nil, root: Bool = false
    ) -> Folders {
      Folders.resolve(state: state, run: run, environment: environment, isRoot: root, home: "/home/ann")
    }
    let all = [
      "FABLINE_STATE": "/fs", "FABLINE_RUN": "/fr", "XDG_STATE_HOME": "/xs", "XDG_RUNTIME_DIR": "/xr",
    ]
    #expect(folders(all, state: "/s", run: "/r") == Folders(state: "/s", run: "/r"))
    #expect(folders(all) == Folders(state: "/fs", run: "/fr"))
    #expect(
      folders(["XDG_STATE_HOME": "/xs", "XDG_RUNTIME_DIR": "/xr", "FABLINE_RUN": ""])
        == Folders(state: "/xs/fabline", run: "/xr/fabline"))
    #expect(folders([:]) == Folders(state: "/home/ann/.local/state/fabline", run: "/run/fabline"))
    #expect(folders([:], root: true) == Folders(state: "/var/lib/fabline", run: "/run/fabline"))
  }

  @Test("A second supervisor on one run folder is told the first one's pid")
  func locked() throws {
    let folder = try TemporaryFolder()
    let first = try FolderLock(folder: folder.path, name: "fablined.lock", option: "--run")
    let error = #expect(throws: StoreError.self) {
      try FolderLock(folder: folder.path, name: "fablined.lock", option: "--run")
    }
    #expect(error?.code == .storeInUse)
    #expect(error?.sentence.contains("--run") == true)
    #expect(error?.sentence.contains("pid \(ProcessInfo.processInfo.processIdentifier)") == true)
    withExtendedLifetime(first) {}
  }

  @Test("A lock that nobody holds any more does not hinder")
  func stale() throws {
    let folder = try TemporaryFolder()
    try "99999\n".write(toFile: folder.path + "/fablined.lock", atomically: true, encoding: .utf8)
    _ = try FolderLock(folder: folder.path, name: "fablined.lock", option: "--run")
  }

  @Test("A folder that cannot be made is named")
  func unmakeable() throws {
    let folder = try TemporaryFolder()
    try "".write(toFile: folder.path + "/file", atomically: true, encoding: .utf8)
    let error = #expect(throws: HostError.self) {
      try Folders(state: folder.path + "/file/state", run: folder.path + "/run").create()
    }
    #expect(error?.sentence.contains("/file/state") == true)
  }
}
