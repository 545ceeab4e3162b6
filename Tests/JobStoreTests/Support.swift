import Foundation
import Synchronization
import Testing

@testable import JobStore

/// A folder that goes when the test ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/fabline-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Names of what lies in a folder below.
  func content(of part: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + part)) ?? []).sorted()
  }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
  private let moment: Mutex<Int64>
  init(_ moment: Int64 = 1_800_000_000_000) { self.moment = Mutex(moment) }
  var now: Int64 { moment.withLock { $0 } }
  func advance(_ milliseconds: Int64) { moment.withLock { $0 += milliseconds } }
  var closure: @Sendable () -> Int64 { { self.now } }
}

/// Where a test's database lies: the same body runs on both.
enum Place: String, CaseIterable, CustomTestStringConvertible {
  case memory, disk
  var testDescription: String { rawValue }
}

/// A store with its folder and clock.
struct Shop {
  let folder: TemporaryFolder
  let clock = TestClock()
  let store: JobStore

  init(
    _ place: Place = .memory, disk: Disk = .system, passwordCost: PasswordCost = .standard
  ) async throws {
    folder = try TemporaryFolder()
    switch place {
    case .memory:
      store = try JobStore.inMemory(
        folder: folder.path, disk: disk, passwordCost: passwordCost, now: clock.closure)
    case .disk: store = try JobStore.open(folder: folder.path, disk: disk, now: clock.closure).store
    }
  }

  @discardableResult
  func takeIn(
    _ text: String = sampleFile, name: String = "part.gcode", by: String = "kim", pieces: Int = 64,
    expected: Int64? = nil
  ) async throws -> FileIntake {
    try await store.takeIn(Pieces(Array(text.utf8), pieces), name: name, by: by, expected: expected)
  }

  /// A printer that is ready, with a clear bed.
  @discardableResult
  func printer(
    _ name: String = "ender", pool: String? = nil, _ change: (inout MachineRecord.Settings) -> Void = { _ in }
  ) async throws -> MachineRecord {
    var settings = MachineRecord.Settings(name: name, port: "/dev/\(name)")
    settings.pool = pool
    change(&settings)
    _ = try await store.addMachine(settings, by: "owner")
    return try await store.ready(name, job: nil, by: "owner")
  }

  /// A job of the sample file on `ender`.
  func submit(
    _ text: String = sampleFile, machine: String? = "ender", pool: String? = nil, copies: Int = 1,
    by: String = "kim", key: IdempotencyKey? = nil, _ change: (inout JobSubmission) -> Void = { _ in }
  ) async throws -> JobRecord {
    let file = try await takeIn(text, by: by).file
    var submission = JobSubmission(file: file.hash, machine: machine, pool: pool, copies: copies)
    change(&submission)
    return try await store.submit(submission, by: by, key: key).job
  }

  /// Stages, orders and starts the next copy.
  @discardableResult
  func start(_ job: Int64, on machine: String = "ender", id: String = newID()) async throws -> AttemptRecord {
    _ = try await store.attemptStaged(id, job: job, machine: machine, by: "fablined")
    _ = try await store.attemptOrdered(id, by: "fablined")
    return try await store.attemptStarted(id, at: clock.now, by: "driver \(machine)")
  }

  @discardableResult
  func end(
    _ attempt: AttemptRecord, _ kind: AttemptEnd.Kind, reason: String? = nil
  ) async throws -> AttemptRecord {
    try await store.attemptEnded(
      attempt.id, AttemptEnd(kind, at: clock.now, reason: reason), by: "driver \(attempt.machine)")
  }
}

/// 16 random hexadecimal digits.
func newID() -> String {
  let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// Bytes in pieces of one size, as a client sends them.
struct Pieces: AsyncSequence, Sendable {
  let bytes: [UInt8]
  let size: Int
  /// Throws after this many bytes, as a connection that breaks.
  var breaksAfter: Int?

  init(_ bytes: [UInt8], _ size: Int, breaksAfter: Int? = nil) {
    self.bytes = bytes
    self.size = Swift.max(1, size)
    self.breaksAfter = breaksAfter
  }

  struct Broken: Error {}

  struct AsyncIterator: AsyncIteratorProtocol {
    var pieces: Pieces
    var position = 0

    mutating func next() async throws -> ArraySlice<UInt8>? {
      if let limit = pieces.breaksAfter, position >= limit { throw Broken() }
      guard position < pieces.bytes.count else { return nil }
      let end = Swift.min(position + pieces.size, pieces.bytes.count)
      defer { position = end }
      return pieces.bytes[position..<end]
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }
}

/// Expects a `StoreError` with this code; returns its sentence.
@discardableResult
func expectError<Value>(
  _ code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Value
) async -> String {
  do {
    _ = try await body()
    Issue.record("nothing was thrown, \(code) was expected", sourceLocation: sourceLocation)
  } catch let error as StoreError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    return error.sentence
  } catch {
    Issue.record("\(error) was thrown, \(code) was expected", sourceLocation: sourceLocation)
  }
  return ""
}

/// A small part, with the comments that PrusaSlicer writes, and a key of a print host among them.
let sampleFile = """
  ; generated by PrusaSlicer 2.9.0 on 2026-11-22 at 10:00:00 UTC
  M140 S60
  M104 S215
  G28 ; home
  M190 S60
  M109 S215
  G90
  M82
  G92 E0
  ;LAYER_CHANGE
  ;Z:0.2
  G1 Z0.2 F3000
  G1 X10 Y10 F6000
  G1 X60 Y10 E2 F1200
  G1 X60 Y40 E3
  ;LAYER_CHANGE
  ;Z:0.4
  G1 Z0.4
  G1 X10 Y40 E5
  G1 X10 Y10 E6
  M104 S0
  M140 S0
  ; filament used [mm] = 6.00
  ; filament used [g] = 0.02
  ; estimated printing time (normal mode) = 1h 2m 3s
  ; filament_type = PLA
  ; nozzle_diameter = 0.4
  ; printer_model = ENDER3
  ; printhost_apikey = 0123456789SECRET
  ; printhost_host = 10.0.0.5
  ; temperature = 215

  """
