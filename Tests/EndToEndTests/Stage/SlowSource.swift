import Glibc
import Synchronization

/// Holds up whoever reads a file: the kernel asks us before each read, as it asks a virus scanner (`fanotify`, for root).
///
/// What a sick disk or a network folder does to a print, without either. To be made before the file is opened: the kernel
/// asks only about descriptors that were opened while somebody listened.
final class SlowSource: Sendable {
  private let group: Int32
  private struct State {
    var isHolding = false
    var isOver = false
    var held: [Int32] = []
  }
  private let state = Mutex(State())

  private typealias Initialise = @convention(c) (UInt32, UInt32) -> Int32
  private typealias Mark = @convention(c) (Int32, UInt32, UInt64, Int32, UnsafePointer<CChar>?) -> Int32

  private enum Flag {
    static let closeOnExec: UInt32 = 1
    static let nonBlocking: UInt32 = 2
    static let content: UInt32 = 4
    static let add: UInt32 = 1
    static let accessPermission: UInt64 = 0x0002_0000
    static let allow: UInt32 = 1
  }

  /// Whether the kernel lets us.
  static let isPossible: Bool = {
    guard let source = SlowSource() else { return false }
    return source.mark("/proc/self/exe")
  }()

  /// Lets all reads of `path` pass until `hold`; nil where that is not possible.
  static func watching(_ path: String) -> SlowSource? {
    guard let source = SlowSource(), source.mark(path) else { return nil }
    Task.detached { await source.answer() }
    return source
  }

  private init?() {
    // Glibc's module does not show sys/fanotify.h.
    guard let symbol = dlsym(nil, "fanotify_init") else { return nil }
    let initialise = unsafeBitCast(symbol, to: Initialise.self)
    let flags = Flag.closeOnExec | Flag.nonBlocking | Flag.content
    group = initialise(flags, UInt32(O_RDONLY | O_CLOEXEC))
    if group < 0 { return nil }
  }

  deinit { close(group) }

  /// From now on who reads waits.
  func hold() { state.withLock { $0.isHolding = true } }

  /// Whether somebody waits in a read.
  var holdsSomebody: Bool { state.withLock { !$0.held.isEmpty } }

  /// Asks no more; who still waits is let go when this goes.
  func end() {
    letGo()
    state.withLock { $0.isOver = true }
  }

  /// Lets everybody read again.
  func letGo() {
    let held = state.withLock { state in
      let held = state.held
      state = State()
      return held
    }
    for descriptor in held { allow(descriptor) }
  }

  private func mark(_ path: String) -> Bool {
    guard let symbol = dlsym(nil, "fanotify_mark") else { return false }
    let mark = unsafeBitCast(symbol, to: Mark.self)
    return mark(group, Flag.add, Flag.accessPermission, AT_FDCWD, path) == 0
  }

  /// Answers the kernel until `end`; what is asked after that is answered by closing the group.
  private func answer() async {
    while !state.withLock(\.isOver) {
      for descriptor in questions() {
        let holds = state.withLock { state in
          if state.isHolding { state.held.append(descriptor) }
          return state.isHolding
        }
        if !holds { allow(descriptor) }
      }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  /// The descriptors that the kernel asks about: `fanotify_event_metadata` has 24 bytes, the descriptor at 16.
  private func questions() -> [Int32] {
    var events = [UInt8](repeating: 0, count: 4096)
    let count = events.withUnsafeMutableBytes { read(group, $0.baseAddress, $0.count) }
    guard count >= 24 else { return [] }
    return stride(from: 0, to: count - 23, by: 24).map { start in
      events.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start + 16, as: Int32.self) }
    }
  }

  private func allow(_ descriptor: Int32) {
    var answer: [UInt32] = [UInt32(bitPattern: descriptor), Flag.allow]
    _ = answer.withUnsafeMutableBytes { write(group, $0.baseAddress, $0.count) }
    close(descriptor)
  }
}
