import CLinux
import DriverInterface
import Glibc
import PrinterProtocol

/// What the progress page says: where the running attempt is and what the firmware remembers.
public struct ProgressSnapshot: Equatable, Sendable {
  /// The attempt; zero where none runs.
  public var attempt = AttemptID(rawValue: 0)
  /// Its job.
  public var job: JobID = 0
  /// Bytes of the file up to the end of the last acknowledged line.
  public var byteOffset: Int64 = 0
  /// That line, from 1.
  public var fileLine: Int64 = 0
  /// The firmware line number that carried it.
  public var lineNumber: Int64 = 0
  /// The last line of the file that was written to the port.
  public var sentFileLine: Int64 = 0
  /// The last firmware line number written to the port.
  public var sentLineNumber: Int64 = 0
  /// Lines of the file acknowledged.
  public var acknowledged: Int64 = 0
  /// Lines sent again.
  public var resends: Int64 = 0
  /// The layer, from 1; 0 before the first.
  public var layer: Int64 = 0
  /// When this was written, in milliseconds since 1970.
  public var at: Int64 = 0
  /// X where the last line leads to, in mm.
  public var x: Double = 0
  /// Y likewise.
  public var y: Double = 0
  /// Z likewise.
  public var z: Double = 0
  /// E likewise.
  public var e: Double = 0
  /// The feedrate in mm/min; 0 where unknown.
  public var feedrate: Double = 0
  /// The active tool.
  public var tool: Int64 = 0
  /// The active tool's target in °C; 0 is off or unknown.
  public var toolTarget: Double = 0
  /// The bed's target in °C; 0 is off or unknown.
  public var bedTarget: Double = 0
  /// The part fan, 0 to 255.
  public var fan: Double = 0
  /// Bit 0: G91. Bit 1: relative extruder. Bit 2: inches. Bits 3 to 5: X, Y, Z homed.
  public var modes: Int64 = 0
  /// Bytes of the file up to the end of the last line that was sent.
  public var sentOffset: Int64 = 0
  /// The firmware line number behind which the lines in flight are.
  public var base: Int64 = 0
  /// The highest firmware line number given out, whosever line it was.
  public var highest: Int64 = 0
  /// Bit i: line number `base` + 1 + i is one of the file's.
  public var fileBits: UInt64 = 0
  /// The line of the file of the first acknowledged line that may not have moved.
  public var openLine: Int64 = 0
  /// Where that line ends in the file.
  public var openOffset: Int64 = 0
  /// Its firmware line number.
  public var openNumber: Int64 = 0
  /// The axes whose position is known: bits 0 to 3 for X, Y, Z, E.
  public var known: Int64 = 0
  /// Bit 0: only lines of the file go out. Bit 1: parked. Bit 2: adjusted by hand. Bits 3 and 4: what opening the port
  /// does to the board (0 not known, 1 nothing, 2 a reset). Bit 5: paused, and the page's pause says from what. Bits 6 to 8:
  /// which of its own lines go out.
  public var state: Int64 = 0

  /// Makes the page of a driver that runs nothing.
  public init() {}

  static let words = 30

  /// Paused, and nothing but polls goes out.
  var isPaused: Bool { state & 32 != 0 }
  /// Which of its own lines go out.
  var script: RunningScript { RunningScript(rawValue: UInt8(state >> 6 & 7)) ?? .none }

  /// Hands out the words in their order, without an allocation: this is done for each acknowledged line.
  @inline(__always)
  func forEachWord(_ body: (Int, UInt64) -> Void) {
    body(0, attempt.rawValue)
    body(1, UInt64(bitPattern: job))
    body(2, UInt64(bitPattern: byteOffset))
    body(3, UInt64(bitPattern: fileLine))
    body(4, UInt64(bitPattern: lineNumber))
    body(5, UInt64(bitPattern: sentFileLine))
    body(6, UInt64(bitPattern: sentLineNumber))
    body(7, UInt64(bitPattern: acknowledged))
    body(8, UInt64(bitPattern: resends))
    body(9, UInt64(bitPattern: layer))
    body(10, UInt64(bitPattern: at))
    body(11, x.bitPattern)
    body(12, y.bitPattern)
    body(13, z.bitPattern)
    body(14, e.bitPattern)
    body(15, feedrate.bitPattern)
    body(16, UInt64(bitPattern: tool))
    body(17, toolTarget.bitPattern)
    body(18, bedTarget.bitPattern)
    body(19, fan.bitPattern)
    body(20, UInt64(bitPattern: modes))
    body(21, UInt64(bitPattern: sentOffset))
    body(22, UInt64(bitPattern: base))
    body(23, UInt64(bitPattern: highest))
    body(24, fileBits)
    body(25, UInt64(bitPattern: openLine))
    body(26, UInt64(bitPattern: openOffset))
    body(27, UInt64(bitPattern: openNumber))
    body(28, UInt64(bitPattern: known))
    body(29, UInt64(bitPattern: state))
  }

  init(words: [UInt64]) {
    attempt = AttemptID(rawValue: words[0])
    job = Int64(bitPattern: words[1])
    byteOffset = Int64(bitPattern: words[2])
    fileLine = Int64(bitPattern: words[3])
    lineNumber = Int64(bitPattern: words[4])
    sentFileLine = Int64(bitPattern: words[5])
    sentLineNumber = Int64(bitPattern: words[6])
    acknowledged = Int64(bitPattern: words[7])
    resends = Int64(bitPattern: words[8])
    layer = Int64(bitPattern: words[9])
    at = Int64(bitPattern: words[10])
    x = Double(bitPattern: words[11])
    y = Double(bitPattern: words[12])
    z = Double(bitPattern: words[13])
    e = Double(bitPattern: words[14])
    feedrate = Double(bitPattern: words[15])
    tool = Int64(bitPattern: words[16])
    toolTarget = Double(bitPattern: words[17])
    bedTarget = Double(bitPattern: words[18])
    fan = Double(bitPattern: words[19])
    modes = Int64(bitPattern: words[20])
    sentOffset = Int64(bitPattern: words[21])
    base = Int64(bitPattern: words[22])
    highest = Int64(bitPattern: words[23])
    fileBits = words[24]
    openLine = Int64(bitPattern: words[25])
    openOffset = Int64(bitPattern: words[26])
    openNumber = Int64(bitPattern: words[27])
    known = Int64(bitPattern: words[28])
    state = Int64(bitPattern: words[29])
  }

}

/// The progress page: 4 KB on tmpfs that the wire thread writes by memory stores, so that they outlive a `kill -9`.
///
/// Word 0 says what it is, word 1 is a sequence number, word 2 when the driver lived last, and two slots follow. Writing number s+1 fills slot (s+1)&1 and then
/// stores s+1 with *release*. So slot s&1 is whole at every instant, whenever the driver dies; and a reader of a living page
/// that finds the same s before (with *acquire*) and after its copy has a whole one too.
///
/// The run folder has to be a tmpfs: on a disk a store could wait for the kernel's writing back.
final class ProgressPage {
  static let size = 4096
  private static let magic: UInt64 = 0x3250_4547_4150_4246  // "FBPAGEP2": another layout is no page at all
  private static let firstSlot = 8
  private static let slotWords = 64

  /// Where the modes stand in a slot.
  private static let modesAt = 32
  /// Where the pause stands, behind both slots: it is whole before a slot says that there is one, and changes no more while it does.
  private static let pauseAt = firstSlot + 2 * slotWords

  private let words: UnsafeMutablePointer<UInt64>
  private var sequence: UInt64 = 0
  /// Which modes the two slots hold: they change seldom, and are written only then.
  private var modesWritten: (even: Int64, odd: Int64) = (-1, -1)

  /// Maps `path`, made where it is missing.
  init(path: String) throws(Fault) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Journal.fault("open", path, errno) }
    defer { close(file) }
    guard ftruncate(file, off_t(ProgressPage.size)) == 0 else {
      throw Journal.fault("ftruncate", path, errno)
    }
    var address: UnsafeMutableRawPointer?
    let result = clinux_map_shared(file, ProgressPage.size, 1, &address)
    guard result == 0, let address else { throw Journal.fault("mmap", path, -result) }
    words = address.assumingMemoryBound(to: UInt64.self)
    let isOurs = clinux_load_relaxed(words) == ProgressPage.magic
    sequence = isOurs ? clinux_load_acquire(words + 1) : 0
    if !isOurs { clinux_store_relaxed(words, ProgressPage.magic) }
  }

  deinit { _ = clinux_unmap(words, ProgressPage.size) }

  /// The driver lives at this moment of the monotonic clock: one store.
  func touch(_ now: Int64) { clinux_store_relaxed(words + 2, UInt64(bitPattern: now)) }

  /// Puts down where things stand: some thirty stores, no system call. `modes` is called where the slot holds an older
  /// version of them than `version`.
  @inline(__always)
  func write(
    _ snapshot: ProgressSnapshot, version: Int64 = -1,
    modes: (_ store: (Int, UInt64) -> Void) -> Void = { _ in }
  ) {
    let next = sequence &+ 1
    let slot = words + ProgressPage.firstSlot + Int(next & 1) * ProgressPage.slotWords
    // The other slot is whole while this one is not; the fence keeps these stores behind the last sequence's.
    clinux_fence_release()
    snapshot.forEachWord { clinux_store_relaxed(slot + $0, $1) }
    let written = next & 1 == 0 ? modesWritten.even : modesWritten.odd
    if version >= 0, written != version {
      modes { clinux_store_relaxed(slot + ProgressPage.modesAt + $0, $1) }
      if next & 1 == 0 { modesWritten.even = version } else { modesWritten.odd = version }
    }
    clinux_store_release(words + 1, next)
    sequence = next
  }

  /// Puts down what a resume would bring back; before the page says that it is paused.
  func write(_ pause: PausePlace, _ snapshot: ProgressSnapshot, _ dialect: Dialect) {
    let area = words + ProgressPage.pauseAt
    snapshot.forEachWord { clinux_store_relaxed(area + $0, $1) }
    PageModes.write(pause.modal, dialect, fileModified: 0) {
      clinux_store_relaxed(area + ProgressPage.modesAt + $0, $1)
    }
    PagePause.write(pause) { clinux_store_relaxed(area + ProgressPage.slotWords + $0, $1) }
    clinux_fence_release()
  }

  /// Reads the page of a driver, alive or dead; nil where there is none or it never was written.
  static func read(path: String) -> ProgressSnapshot? { readAll(path: path)?.snapshot }

  /// Reads the page with the modes, and when its driver lived last.
  static func readAll(path: String) -> PageContents? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var node = stat()
    guard fstat(file, &node) == 0, node.st_size >= size else { return nil }
    var address: UnsafeMutableRawPointer?
    guard clinux_map_shared(file, size, 0, &address) == 0, let address else { return nil }
    defer { _ = clinux_unmap(address, size) }
    let words = address.assumingMemoryBound(to: UInt64.self)
    guard clinux_load_relaxed(words) == magic else { return nil }
    for _ in 0..<1000 {
      let before = clinux_load_acquire(words + 1)
      guard before > 0 else { return nil }
      let slot = words + firstSlot + Int(before & 1) * slotWords
      let copy = (0..<ProgressSnapshot.words).map { clinux_load_relaxed(slot + $0) }
      let modes = (0..<PageModes.words).map { clinux_load_relaxed(slot + modesAt + $0) }
      let aliveAt = Int64(bitPattern: clinux_load_relaxed(words + 2))
      let pause = (0..<slotWords + PagePause.words).map { clinux_load_relaxed(words + pauseAt + $0) }
      clinux_fence_acquire()
      if clinux_load_relaxed(words + 1) == before {
        let snapshot = ProgressSnapshot(words: copy)
        return PageContents(
          snapshot: snapshot, modes: PageModes(values: modes), aliveAt: aliveAt,
          pause: PagePause(words: pause, modesAt: modesAt, slot: slotWords, of: snapshot.attempt))
      }
    }
    return nil
  }
}
