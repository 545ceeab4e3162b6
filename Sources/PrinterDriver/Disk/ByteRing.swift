import Synchronization

/// A ring of bytes between one producer (the disk thread, which reads the file) and one consumer (the wire thread).
///
/// Memory model. `written` is stored only by the producer, `consumed` only by the consumer; both only grow. The producer
/// fills bytes and then stores `written` with *release*; the consumer loads `written` with *acquire* and so sees the bytes.
/// The other way round `consumed` guards the reuse of space in the same manner. No byte is ever touched by both at once, and
/// nobody waits for anybody: neither side takes a lock.
///
/// Sleeping. A side that finds nothing to do sets its flag, then looks once more, then sleeps on its eventfd. The other side
/// moves its index first and looks at the flag afterwards. Flags and these looks are sequentially consistent, so at least one
/// of the two sees the other and no wake-up is lost.
final class ByteRing: @unchecked Sendable {  // bytes are handed over by the two atomic indices, as said above
  /// How far the producer has come.
  enum Completion: Int, Sendable {
    /// More will follow.
    case open = 0
    /// All bytes of the file were written.
    case ended = 1
  }

  /// The number of bytes it holds, a power of two.
  let capacity: Int
  private let storage: UnsafeMutableRawBufferPointer
  private let written = Atomic<Int>(0)
  private let consumed = Atomic<Int>(0)
  private let completion = Atomic<Int>(Completion.open.rawValue)
  private let producerSleeps = Atomic<Bool>(false)
  private let consumerSleeps = Atomic<Bool>(false)

  /// Makes a ring of `capacity` bytes, rounded up to a power of two.
  init(capacity: Int) {
    var size = 4096
    while size < capacity { size *= 2 }
    self.capacity = size
    self.storage = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
  }

  deinit { storage.deallocate() }

  // MARK: The producer

  /// Bytes that fit now.
  var free: Int { capacity - (written.load(ordering: .relaxed) - consumed.load(ordering: .acquiring)) }

  /// Lends the free space up to the storage's end; `body` says how many bytes it filled. True where the consumer sleeps and
  /// has to be rung.
  func fill(atMost limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Bool {
    let position = written.load(ordering: .relaxed)
    let start = position & (capacity - 1)
    let room = min(limit, free, capacity - start)
    guard room > 0 else { return false }
    let count = body(UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + room]))
    written.store(position + count, ordering: .sequentiallyConsistent)
    return consumerSleeps.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// Says that nothing follows. True where the consumer sleeps and has to be rung.
  func end() -> Bool {
    completion.store(Completion.ended.rawValue, ordering: .sequentiallyConsistent)
    return consumerSleeps.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// True where fewer than `count` bytes are free and the consumer will ring when there are more.
  func producerMustSleep(below count: Int) -> Bool {
    guard free < count else { return false }
    producerSleeps.store(true, ordering: .sequentiallyConsistent)
    let used = written.load(ordering: .relaxed) - consumed.load(ordering: .sequentiallyConsistent)
    guard capacity - used < count else {
      producerSleeps.store(false, ordering: .sequentiallyConsistent)
      return false
    }
    return true
  }

  // MARK: The consumer

  /// The bytes that can be read without wrapping around; empty where there are none now.
  var readable: UnsafeBufferPointer<UInt8> {
    let position = consumed.load(ordering: .relaxed)
    let count = written.load(ordering: .acquiring) - position
    let start = position & (capacity - 1)
    let part = storage[start..<start + min(count, capacity - start)]
    return UnsafeRawBufferPointer(rebasing: part).assumingMemoryBound(to: UInt8.self)
  }

  /// Gives `count` bytes back. True where the producer sleeps and has to be rung, which is at a quarter empty.
  func consume(_ count: Int) -> Bool {
    let position = consumed.load(ordering: .relaxed) + count
    consumed.store(position, ordering: .sequentiallyConsistent)
    guard producerSleeps.load(ordering: .sequentiallyConsistent) else { return false }
    guard written.load(ordering: .relaxed) - position <= capacity / 4 * 3 else { return false }
    return producerSleeps.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// What the consumer finds when `readable` was empty.
  enum Drained {
    /// Bytes came meanwhile.
    case moreCame
    /// The producer will ring.
    case starving
    /// The file is over.
    case ended
  }

  /// Looks once more and, where there is nothing, asks to be rung.
  func drained() -> Drained {
    consumerSleeps.store(true, ordering: .sequentiallyConsistent)
    // The completion is loaded first: if it says ended, `written` is final.
    let isOver = completion.load(ordering: .sequentiallyConsistent) == Completion.ended.rawValue
    let more = written.load(ordering: .sequentiallyConsistent) != consumed.load(ordering: .relaxed)
    guard more || isOver else { return .starving }
    consumerSleeps.store(false, ordering: .sequentiallyConsistent)
    return more ? .moreCame : .ended
  }
}
