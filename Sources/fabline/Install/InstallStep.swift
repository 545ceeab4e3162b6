import FoundationEssentials
import Glibc

/// One thing that an installation does or undoes, shown before it is done.
struct InstallStep: Equatable, Sendable {
  /// What is done.
  enum Action: Equatable, Sendable {
    /// Makes a folder that is missing.
    case makeFolder(String)
    /// Puts these bytes there, in one piece.
    case write([UInt8], to: String, mode: UInt32)
    /// Takes a file away.
    case removeFile(String)
    /// Takes a folder away where it is empty.
    case removeFolder(String)
    /// Takes a folder away with all that is in it.
    case removeTree(String)
    /// Runs a program of the system; a failure is told and, where it is not needed, passed over.
    case run([String], isNeeded: Bool)
    /// Ends the drivers that listen below this run folder.
    case endDrivers(String)
    /// Nothing; the words say why.
    case nothing
  }

  var action: Action
  /// The line that is shown: a verb, and what it is done to.
  var line: String

  /// A line of two columns.
  init(_ action: Action, _ verb: String, _ words: String) {
    self.action = action
    line = verb + String(repeating: " ", count: max(1, 8 - verb.utf8.count)) + words
  }

  /// Whether the disk or the system is changed by it.
  var changes: Bool { action != .nothing }
}

extension InstallStep {
  /// Does it; paths are places on the disk already.
  func perform() throws(Failure) {
    switch action {
    case .nothing, .endDrivers: break
    case .makeFolder(let path):
      if mkdir(path, 0o755) != 0, errno != EEXIST { throw InstallStep.failure("cannot make", path) }
    case .write(let bytes, let path, let mode): try InstallStep.put(bytes, path, mode)
    case .removeFile(let path):
      if unlink(path) != 0, errno != ENOENT { throw InstallStep.failure("cannot remove", path) }
    case .removeFolder(let path): rmdir(path)
    case .removeTree(let path):
      do { try FileManager.default.removeItem(atPath: path) } catch {
        if access(path, F_OK) == 0 { throw InstallStep.failure("cannot remove all of", path) }
      }
    case .run(let words, let isNeeded):
      let status = SystemCommand.run(words)
      guard status != 0, isNeeded else { return }
      throw Failure(
        code: "install.command", sentence: "\(words.joined(separator: " ")) ended with status \(status)",
        status: .internalError)
    }
  }

  /// Beside its place first, then renamed: a program that runs keeps its file, and nobody reads half of one.
  private static func put(_ bytes: [UInt8], _ path: String, _ mode: UInt32) throws(Failure) {
    let part = path + ".new"
    unlink(part)
    let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        let failed = failure("cannot write", path)
        close(descriptor)
        unlink(part)
        throw failed
      }
      rest = rest.dropFirst(count)
    }
    // Whatever the umask is: programs are for everybody.
    fchmod(descriptor, mode)
    fsync(descriptor)
    close(descriptor)
    guard rename(part, path) == 0 else { throw failure("cannot write", path) }
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    let number = errno
    return Failure(
      code: "install.file", sentence: "\(what) \(path): \(String(cString: strerror(number)))",
      status: number == EACCES || number == EPERM ? .forbidden : .cannotStore)
  }
}

/// A program of the system, run to its end with our own output.
enum SystemCommand {
  /// Its exit status; 127 where there is none of that name, 128 and more for a signal. The call is `posix_spawnp`.
  static func run(_ words: [String]) -> Int32 {
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    guard let name = words.first else { return 127 }
    var pid = pid_t()
    guard posix_spawnp(&pid, name, nil, nil, pointers, environ) == 0 else { return 127 }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 { guard errno == EINTR else { return 127 } }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// Whether the shell's path has it, or the folders of the administrator's programs.
  static func exists(_ name: String) -> Bool {
    let path = (RunFolder.environment("PATH") ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
