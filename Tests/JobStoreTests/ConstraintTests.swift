import GRDB
import Testing

@testable import JobStore

/// The schema is the last line of defence: what the code would never write, it refuses too.
@Suite("The schema refuses")
struct ConstraintTests {
  private static let hash = String(repeating: "a", count: 64)
  private static let id = "0123456789abcdef"

  static let violations: [(what: String, sql: String)] = [
    ("a file whose hash is too short", file(hash: "abc")),
    ("a file whose hash has capitals", file(hash: String(repeating: "A", count: 64))),
    ("a file with a path for a name", file(name: "../etc/passwd")),
    ("an empty file", file(size: 0)),
    ("a file of nobody", file(submitter: "")),
    ("a number of lines that is text", file(lines: "'many'")),
    ("the same file twice", file(hash: hash)),
    ("a nozzle of 0 mm", "INSERT INTO fileTool (file, number, nozzle) VALUES ('\(hash)', 0, 0)"),
    ("a tool of no file", "INSERT INTO fileTool (file, number) VALUES ('x', 0)"),
    ("a machine with a number for a name", machine(name: "12")),
    ("a machine with a path for a name", machine(name: "a/b")),
    ("a machine without a name", machine(name: "")),
    ("a machine twice", machine(name: "ender")),
    ("a machine of an unknown class", machine(kind: "robot")),
    ("a machine without speed", machine(baud: "0")),
    ("a machine without volume", machine(volume: "-1")),
    ("a bed in an unknown state", "UPDATE machine SET bedState = 'dirty'"),
    ("a part on a clear bed", "UPDATE machine SET bedState = 'clear', bedJob = 1"),
    ("a part of no job", "UPDATE machine SET bedState = 'occupied', bedJob = 99"),
    ("ready as a word", "UPDATE machine SET ready = 2"),
    ("an empty reason to be disabled", "UPDATE machine SET disabled = ''"),
    ("two materials in one tool", "INSERT INTO machineTool (machine, number) VALUES ('ender', 0)"),
    ("a tool of no machine", "INSERT INTO machineTool (machine, number) VALUES ('x', 0)"),
    ("a script for no occasion", "INSERT INTO machineText VALUES ('ender', 'script', 'lunch', 'M0')"),
    ("a text for no use", "INSERT INTO machineText VALUES ('ender', 'poem', 'a', 'M0')"),
    ("a job of no file", job(file: "x")),
    ("a job for no machine and no pool", job(machine: "NULL")),
    ("a job for a machine and a pool", job(pool: "'big'")),
    ("a job for an unknown machine", job(machine: "'x'")),
    ("a job of no copies", job(copies: 0)),
    ("a job of too many copies", job(copies: 10_001)),
    ("a priority out of range", job(priority: 11)),
    ("a job in an unknown state", job(state: "lost")),
    ("a job before itself", "UPDATE job SET goesBefore = id"),
    ("a job before none", "UPDATE job SET goesBefore = 99"),
    ("a hold without a reason", "UPDATE job SET holdKind = 'person'"),
    (
      "a hold of an unknown kind",
      "UPDATE job SET holdKind = 'x', holdReason = 'r', heldBy = 'b', heldAt = 1"
    ),
    ("a cancellation by nobody", "UPDATE job SET cancelledAt = 1"),
    ("a reason without a cancellation", "UPDATE job SET cancelReason = 'x'"),
    ("a temperature accepted", "INSERT INTO jobAccepted VALUES (1, 'temperature')"),
    ("an attempt with a short id", attempt(id: "abc")),
    ("an attempt twice", attempt(id: id)),
    ("an attempt of no job", attempt(job: 99)),
    ("an attempt on no machine", attempt(machine: "x")),
    ("copy 0", attempt(copy: 0)),
    ("an attempt in an unknown state", attempt(state: "flying", endedAt: "1")),
    ("a second attempt staged on one machine", attempt(copy: 2)),
    ("the same copy in work twice", attempt(machine: "prusa", copy: 1)),
    ("a print without a start", attempt(machine: "prusa", state: "printing")),
    ("a print that has ended", attempt(machine: "prusa", state: "printing", startedAt: "1", endedAt: "2")),
    ("an end without a time", attempt(machine: "prusa", state: "failed")),
    ("a staged attempt that started", attempt(machine: "prusa", state: "staged", startedAt: "1")),
    ("a settled attempt that is open", "UPDATE attempt SET settled = 1"),
    ("history by nobody", "INSERT INTO history (at, who, what) VALUES (1, '', 'x')"),
    ("history of no job", "INSERT INTO history (at, who, what, job) VALUES (1, 'a', 'x', 99)"),
    ("history rewritten", "UPDATE history SET who = 'somebody else'"),
    ("a job removed under its attempt", "DELETE FROM job"),
    ("a file removed under its job", "DELETE FROM file"),
    ("a machine removed under its job", "DELETE FROM machine"),
    ("an idempotency key without a job", "INSERT INTO idempotency VALUES ('kim', 'k', 'f', 99, 1)"),
    ("an idempotency key without text", "INSERT INTO idempotency VALUES ('kim', '', 'f', 1, 1)"),
    ("a camera nowhere", "UPDATE machine SET camera = ''"),
    ("an event of no kind", "INSERT INTO event (at, kind) VALUES (1, '')"),
  ]

  @Test("each of these", arguments: violations.indices)
  func refuses(_ index: Int) async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.printer("prusa")
    try await shop.store.database.write { database in
      try database.execute(sql: Self.file(hash: Self.hash))
      try database.execute(sql: Self.job())
      try database.execute(sql: Self.attempt(id: Self.id))
      try database.execute(sql: "INSERT INTO history (at, who, what, job) VALUES (1, 'a', 'x', 1)")
    }
    let (what, sql) = Self.violations[index]
    let error = await #expect(throws: DatabaseError.self, "\(what): \(sql)") {
      try await shop.store.database.write { try $0.execute(sql: sql) }
    }
    #expect(error?.resultCode == .SQLITE_CONSTRAINT, "\(what): \(error.map { "\($0)" } ?? "")")
  }

  private static func file(
    hash: String = String(repeating: "b", count: 64), name: String = "a.gcode", size: Int = 1,
    submitter: String = "kim", lines: String = "1"
  ) -> String {
    """
    INSERT INTO file (hash, name, size, createdAt, submitter, lines, commands)
    VALUES ('\(hash)', '\(name)', \(size), 1, '\(submitter)', \(lines), 1)
    """
  }

  private static func machine(
    name: String = "other", kind: String = "printer", baud: String = "115200", volume: String = "200"
  ) -> String {
    """
    INSERT INTO machine (name, kind, port, baud, kinematics, volumeX, volumeY, volumeZ, maxTool, maxBed, holdsZ,
      startsAlone, createdAt)
    VALUES ('\(name)', '\(kind)', '/dev/a', \(baud), 'cartesian', \(volume), 200, 200, 285, 120, 0, 0, 1)
    """
  }

  private static func job(
    file: String = hash, machine: String = "'ender'", pool: String = "NULL", copies: Int = 2,
    priority: Int = 0,
    state: String = "queued"
  ) -> String {
    """
    INSERT INTO job (file, name, machine, pool, copies, priority, submitter, createdAt, state)
    VALUES ('\(file)', 'a', \(machine), \(pool), \(copies), \(priority), 'kim', 1, '\(state)')
    """
  }

  private static func attempt(
    id: String = "fedcba9876543210", job: Int = 1, machine: String = "ender", copy: Int = 1,
    state: String = "staged", startedAt: String = "NULL", endedAt: String = "NULL"
  ) -> String {
    """
    INSERT INTO attempt (id, job, machine, copy, state, stagedAt, startedAt, endedAt)
    VALUES ('\(id)', \(job), '\(machine)', \(copy), '\(state)', 1, \(startedAt), \(endedAt))
    """
  }
}
