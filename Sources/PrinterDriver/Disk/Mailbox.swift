import CLinux
import Glibc
import Synchronization

/// Letters from one thread to another, and the bell that tells of them.
///
/// A mutex guards an array; it is held for an append or a swap and never across a system call, so neither thread can wait
/// for what the other does with a letter. The eventfd is rung after the append; its counter stays until it is taken, so a
/// letter is never overlooked. The mutex's release and acquire also hand over everything the letter refers to.
final class Mailbox<Letter: Sendable>: Sendable {
  private let letters = Mutex<[Letter]>([])
  /// The eventfd: readable when there may be letters.
  let bell: Int32

  /// Makes an empty box; nil where the system has no descriptors left.
  init?() {
    bell = clinux_eventfd_create()
    if bell < 0 { return nil }
  }

  deinit { close(bell) }

  /// Puts a letter in and rings.
  func post(_ letter: Letter) {
    let first = letters.withLock { letters in
      letters.append(letter)
      return letters.count == 1
    }
    if first { ring() }
  }

  /// Puts in a letter that may be lost, unless `limit` letters wait already; false where it was lost.
  func offer(_ letter: Letter, limit: Int = 256) -> Bool {
    let count = letters.withLock { letters in
      guard letters.count < limit else { return 0 }
      letters.append(letter)
      return letters.count
    }
    if count == 1 { ring() }
    return count > 0
  }

  /// Rings without a letter, for the ring of bytes.
  func ring() { _ = clinux_eventfd_add(bell, 1) }

  /// Takes all letters out, in order, and silences the bell.
  func takeAll() -> [Letter] {
    // The bell first: a letter that comes between the two lines rings again.
    var rings: UInt64 = 0
    _ = clinux_eventfd_take(bell, &rings)
    return letters.withLock { letters in
      let taken = letters
      letters = []
      return taken
    }
  }
}
