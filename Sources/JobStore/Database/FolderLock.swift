import Foundation

/// The right to be the one writer of a state folder, for as long as the value lives.
final class FolderLock: Sendable {
  let descriptor: Int32
  init(descriptor: Int32) { self.descriptor = descriptor }
  deinit { close(descriptor) }
}
