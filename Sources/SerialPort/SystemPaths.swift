import CLinux
import Glibc

// Where the kernel shows devices and processes; tests put folders of their own here.
package struct SystemPaths: Sendable {
  package var devices: String
  package var processes: String
  package var system: String

  package init(devices: String = "/dev", processes: String = "/proc", system: String = "/sys") {
    self.system = system
    self.devices = devices
    self.processes = processes
  }
}

// The names in a folder, unsorted, without `.` and `..`; nil where it cannot be read.
func names(in folder: String) -> [String]? {
  guard let stream = opendir(folder) else { return nil }
  defer { closedir(stream) }
  var found: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { found.append(name) }
  }
  return found
}

// What a symbolic link says; nil where there is none or it may not be read.
func linkTarget(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(path, &buffer, buffer.count)
  if count < 0 { return nil }
  return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

// A small file's text up to its first line end; nil where it cannot be read.
func firstLine(of path: String) -> String? {
  let fd = open(path, O_RDONLY | O_CLOEXEC)
  if fd < 0 { return nil }
  defer { close(fd) }
  var buffer = [UInt8](repeating: 0, count: 256)
  let count = buffer.withUnsafeMutableBytes { read(fd, $0.baseAddress, $0.count) }
  if count < 0 { return nil }
  return String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
}

extension stat {
  // The part of the mode that says what stands there.
  var kind: FileKind {
    switch st_mode & S_IFMT {
    case S_IFDIR: .folder
    case S_IFREG: .regularFile
    case S_IFIFO: .fifo
    case S_IFSOCK: .socket
    case S_IFBLK: .disk
    default: .characterDevice
    }
  }

  // The device's major number; its low twelve bits, which is all that Linux gives to terminals.
  var major: UInt64 { (UInt64(st_rdev) >> 8) & 0xFFF }

  // The device's minor number.
  var minor: UInt64 { UInt64(st_rdev) & 0xFF | (UInt64(st_rdev) >> 12) & 0xFFF00 }

  // A PTY's slave: majors 136 to 143 are Unix98's.
  var isPseudoTerminal: Bool { st_mode & S_IFMT == S_IFCHR && (136...143).contains(major) }

  // Whether both are the same terminal. Each devpts mount numbers its slaves from 0, so those also need
  // the same node; a real device keeps its number under every name and mount.
  func isSameTerminal(as other: stat) -> Bool {
    guard st_mode & S_IFMT == S_IFCHR, st_rdev == other.st_rdev else { return false }
    return !isPseudoTerminal || (st_dev == other.st_dev && st_ino == other.st_ino)
  }
}
