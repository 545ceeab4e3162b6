import DriverInterface
import GCode
import PrinterProtocol

/// All that a page says.
struct PageContents: Equatable, Sendable {
  /// Where things stand.
  var snapshot: ProgressSnapshot
  /// What the firmware remembers besides.
  var modes: PageModes
  /// When its driver lived last.
  var aliveAt: Int64
  /// The last pause of this attempt; nil where there was none.
  var pause: PagePause?
}

/// A pause on the page: what the firmware remembered before, what was done to the filament and the head, and why.
struct PagePause: Equatable, Sendable {
  /// The reason's first bytes, in words.
  private static let reasonWords = 30
  /// The words behind position and modes.
  static let words = 6 + reasonWords

  private var snapshot: ProgressSnapshot
  private var modes: PageModes
  private let flags: UInt64
  /// When the hot end goes to standby; nil where it did.
  let standbyAt: Int64?
  /// Why it is paused; empty where a person asked for it.
  let reason: String
  /// Where the head was parked, X, Y and Z.
  let parkedAt: [Double]

  /// Nil where what stands there is no pause of `attempt`.
  init?(words: [UInt64], modesAt: Int, slot: Int, of attempt: AttemptID) {
    snapshot = ProgressSnapshot(words: Array(words[..<ProgressSnapshot.words]))
    guard snapshot.attempt == attempt, attempt.rawValue != 0 else { return nil }
    modes = PageModes(values: Array(words[modesAt..<modesAt + PageModes.words]))
    flags = words[slot]
    parkedAt = words[slot + 3..<slot + 6].map { Double(bitPattern: $0) }
    standbyAt = words[slot + 1] == 0 ? nil : Int64(bitPattern: words[slot + 1])
    let length = Int(min(words[slot + 2], UInt64(PagePause.reasonWords * 8)))
    reason = String(
      decoding: (0..<length).map {
        UInt8(truncatingIfNeeded: words[slot + 6 + $0 / 8] >> UInt64($0 % 8 * 8))
      },
      as: UTF8.self)
  }

  /// Hands out the words behind position and modes. The reason may change in a pause: its length is none while it does.
  static func write(_ pause: PausePlace, _ store: (Int, UInt64) -> Void) {
    store(0, (pause.isLifted ? 1 : 0) | (pause.isRetracted ? 2 : 0))
    store(1, UInt64(bitPattern: pause.standbyAt ?? 0))
    store(2, 0)
    store(3, pause.position.x.bitPattern)
    store(4, pause.position.y.bitPattern)
    store(5, pause.position.z.bitPattern)
    let bytes = Array(pause.reason.utf8.prefix(reasonWords * 8))
    for start in stride(from: 0, to: bytes.count, by: 8) {
      var word: UInt64 = 0
      for (offset, byte) in bytes[start...].prefix(8).enumerated() {
        word |= UInt64(byte) << UInt64(8 * offset)
      }
      store(6 + start / 8, word)
    }
    store(2, UInt64(bytes.count))
  }

  /// What the firmware remembered before the pause.
  var modal: ModalState { modes.modal(at: snapshot) }

  /// The pause as a session knows it.
  var place: PausePlace {
    PausePlace(
      modal: modal, isRetracted: flags & 2 != 0, isLifted: flags & 1 != 0, standbyAt: standbyAt,
      reason: reason,
      position: Position(x: parkedAt[0], y: parkedAt[1], z: parkedAt[2]))
  }
}
