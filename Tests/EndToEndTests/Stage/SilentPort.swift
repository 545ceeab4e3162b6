import CLinux
import Glibc
import Testing

/// A port that somebody holds at the other end, and that never says a word.
final class SilentPort: Sendable {
  let path: String
  private let master: Int32

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    // Glibc's module hides posix_openpt and its kin: TIOCSPTLCK and TIOCGPTN are what they do.
    var unlocked: Int32 = 0
    var number: Int32 = 0
    let made = ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0
    path = "/dev/pts/\(number)"
    try #require(made)
  }

  deinit { close(master) }
}
