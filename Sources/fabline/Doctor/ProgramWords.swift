import Glibc

/// What another program says on standard output and standard error, and how it ended.
struct ProgramWords: Equatable, Sendable {
  var status: Int32
  var text: String

  /// Runs a program that ends by itself, and reads at most 64 kB of it; nil where it cannot be started. The call is `popen`'s
  /// part without a shell: `posix_spawnp`.
  static func of(_ words: [String]) -> ProgramWords? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var pid = pid_t()
    let error = posix_spawnp(&pid, words.first ?? "", &actions, nil, pointers, environ)
    close(ends[1])
    guard error == 0 else { return nil }
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &space, space.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      if bytes.count < 1 << 16 { bytes += space[..<count] }
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 { guard errno == EINTR else { return nil } }
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    return ProgramWords(status: code, text: String(decoding: bytes, as: UTF8.self))
  }

  /// Whether a process of this name runs, by the kernel's names of at most 15 bytes.
  static func runs(_ name: String) -> Bool {
    guard let folder = opendir("/proc") else { return false }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let pid = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard Int32(pid) != nil, SmallFile.line("/proc/\(pid)/comm") == String(name.prefix(15)) else {
        continue
      }
      return true
    }
    return false
  }
}

/// The first line of a file that the kernel makes.
enum SmallFile {
  /// Without its line feed; nil where it cannot be read.
  static func line(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var space = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &space, space.count)
    guard count > 0 else { return nil }
    return String(decoding: space[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
  }
}

/// Names of users and groups. The calls are `getpwuid` and `getgrgid`; the program has one thread here.
enum Names {
  static func user(_ id: uid_t) -> String? { getpwuid(id).map { String(cString: $0.pointee.pw_name) } }

  static func group(_ id: gid_t) -> String? { getgrgid(id).map { String(cString: $0.pointee.gr_name) } }

  /// Who the group file says is in it.
  static func members(of id: gid_t) -> [String] {
    guard let entry = getgrgid(id), var member = entry.pointee.gr_mem else { return [] }
    var names: [String] = []
    while let name = member.pointee {
      names.append(String(cString: name))
      member += 1
    }
    return names
  }
}

/// How long a certificate is still good for, by the program `openssl`.
enum CertificateDays {
  /// -1 where it has expired, 0 where it does within 30 days, 30 else; nil where openssl is not there or cannot read it.
  static func left(_ path: String) -> Int? {
    func isGood(for seconds: Int) -> Bool? {
      guard let said = ProgramWords.of(["openssl", "x509", "-checkend", "\(seconds)", "-noout", "-in", path])
      else { return nil }
      return said.status == 0 ? true : said.text.contains("will expire") ? false : nil
    }
    guard let now = isGood(for: 0), let later = isGood(for: 30 * 86_400) else { return nil }
    return now ? later ? 30 : 0 : -1
  }
}

extension SocketProbe {
  /// Whether something accepts TCP connections at a port of this computer.
  static func answers(port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    } == 0
  }
}
