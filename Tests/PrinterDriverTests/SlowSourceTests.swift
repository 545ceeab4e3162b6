import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Synchronization
import Testing

/// Holds the disk thread up on purpose.
final class Gate: Sendable {
  private let isOpen = Mutex(true)
  private let waiting = Mutex(false)

  var someoneWaits: Bool { waiting.withLock { $0 } }
  func close() { isOpen.withLock { $0 = false } }
  func open() { isOpen.withLock { $0 = true } }
  func pass() {
    while !isOpen.withLock({ $0 }) {
      waiting.withLock { $0 = true }
      usleep(1000)  // the stall itself, not a way to wait for something
    }
    waiting.withLock { $0 = false }
  }
}

/// A file whose reads stand still while the gate is closed.
final class GatedSource: JobSource {
  private let file: FileSource
  private let gate: Gate
  init(_ file: FileSource, _ gate: Gate) {
    self.file = file
    self.gate = gate
  }
  var facts: SourceFacts { file.facts }
  func currentFacts() -> SourceFacts? { file.currentFacts() }
  func read(into space: UnsafeMutableRawBufferPointer) -> SourceRead {
    gate.pass()
    return file.read(into: space)
  }
}

/// Promise 3: nothing that can wait runs on the wire thread.
@Suite(.serialized) struct SlowSourceTests {
  @Test func aSourceThatStallsDelaysNoLineWhileTheRingIsFull() async throws {
    let ring = 16 * 1024
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.ringCapacity = ring }
    let gate = Gate()
    rig.start(opener: { path throws(Fault) in GatedSource(try FileSource(path: path), gate) })
    let (text, commands) = testFile(2000)
    let path = try rig.folder.write("part.gcode", text)
    let connection = try await rig.connect()
    rig.board.limit(to: 20)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count >= 20 }
    // From here on the disk gives nothing; what the ring holds goes on, whatever becomes of the disk.
    gate.close()
    rig.board.release()
    try await until("the disk stands still") { gate.someoneWaits }
    let linesInRing = ring / 30
    try await until("the ring is drained", { "\(rig.board.executed.count) lines" }) {
      rig.board.executed.count >= linesInRing / 2
    }
    #expect(gate.someoneWaits)
    #expect(rig.board.executed.count < commands.count)
    // The wire thread is as quick as ever in its answers.
    guard case .status(let status) = try await connection.request(.status) else { return }
    #expect(status.phase == .printing)
    gate.open()
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    #expect(rig.board.executed.filter { $0.hasPrefix("G1") } == commands)
    try await rig.end(connection)
  }

  @Test func theJournalMayWaitForTheDiskAndTheFirstLineWaitsForTheJournal() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    let gate = Gate()
    rig.start(opener: { path throws(Fault) in
      gate.pass()
      return try FileSource(path: path)
    })
    let path = try rig.folder.write("part.gcode", testFile(50).text)
    let other = try rig.folder.write("other.gcode", testFile(5).text)
    let connection = try await rig.connect()
    try await rig.stage(path, 1, on: connection)
    try await rig.waitFor(.idle, on: connection)
    // The disk thread hangs in another file while the start is asked for.
    gate.close()
    async let staging = connection.request(.stage(rig.staged(other, 2)))
    try await until("the disk stands still") { gate.someoneWaits }
    async let starting = connection.request(.start(AttemptID(rawValue: 1)))
    _ = try await rig.waitFor("still idle", on: connection) { $0.phase == .idle }
    #expect(rig.board.executed.isEmpty)
    gate.open()
    #expect(try await staging == .done)
    #expect(try await starting == .done)
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }
}
