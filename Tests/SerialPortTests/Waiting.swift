import CLinux
import Glibc
import SerialPort
import Testing

// Waits for a condition of a descriptor; the kernel wakes us, no time passes in vain. Ten seconds only end
// a test that would never end.
func wait(_ fd: Int32, for condition: Int32) throws {
  var entry = pollfd(fd: fd, events: Int16(condition), revents: 0)
  let ready = poll(&entry, 1, 10_000)
  try #require(ready == 1, "descriptor \(fd) showed nothing in 10 s")
}

// Reads until that many bytes came.
func read(_ count: Int, from fd: Int32, _ once: (inout [UInt8]) -> Transfer) throws -> [UInt8] {
  var all: [UInt8] = []
  while all.count < count {
    try wait(fd, for: POLLIN)
    var piece = [UInt8](repeating: 0, count: count - all.count)
    switch once(&piece) {
    case .bytes(let moved): all += piece[..<moved]
    case .wouldBlock: continue
    case .hangUp(let end): throw UnexpectedEnd(end: end)
    }
  }
  return all
}

struct UnexpectedEnd: Error {
  let end: HangUp
}

extension SerialPort {
  func take(_ count: Int) throws -> [UInt8] { try SerialPortTests.read(count, from: fd) { read(into: &$0) } }
}

extension PseudoTerminal {
  func take(_ count: Int) throws -> [UInt8] {
    try SerialPortTests.read(count, from: master) { read(into: &$0) }
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

// The error of an open that must fail.
func refusal(
  of path: String, _ settings: SerialSettings = SerialSettings(baud: 115_200)
) throws -> SerialPortError {
  let error = #expect(throws: SerialPortError.self) {
    _ = try SerialPort.open(path: path, settings: settings)
  }
  return try #require(error)
}

// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/fabline-serial-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    remove(path)
  }

  private func remove(_ path: String) {
    var node = stat()
    guard lstat(path, &node) == 0 else { return }
    if node.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) {
      var names: [String] = []
      while let entry = readdir(stream) {
        names.append(
          withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
          })
      }
      closedir(stream)
      for name in names where name != "." && name != ".." { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  // A path below it, its folders made.
  func make(_ relative: String) -> String {
    var path = self.path
    for part in relative.split(separator: "/").dropLast() {
      path += "/\(part)"
      mkdir(path, 0o755)
    }
    return "\(self.path)/\(relative)"
  }

  func file(_ relative: String, _ text: String = "") throws {
    let fd = open(make(relative), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    try #require(fd >= 0)
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
    close(fd)
  }

  func link(_ relative: String, to target: String) {
    symlink(target, make(relative))
  }
}
