import APIModel
import CLinux
import FoundationEssentials
import Glibc
import Synchronization
import Testing

/// A throw-away folder and everything that runs in it. `with` ends all of it, whatever happened: children by their
/// number, and what they started in sessions of its own by the folder in its arguments.
final class Sandbox: Sendable {
  /// The folder; short, because sockets' paths are.
  let folder: String
  /// Who its programs run as; nil: as the tests do.
  private let user: uid_t?
  private let count = Mutex(0)

  var run: String { folder + "/r" }
  var state: String { folder + "/s" }

  private init(user: uid_t?) throws {
    self.user = user
    var template = Array("/tmp/fl-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    folder = try #require(made)
    if let user { try #require(chown(folder, user, user) == 0) }
  }

  /// Runs a test in a new sandbox; afterwards nothing of it is left. With `user` its programs run as that one, in no group but
  /// its own, unless told otherwise.
  static func with(user: uid_t? = nil, _ body: (Sandbox) async throws -> Void) async throws {
    let sandbox = try Sandbox(user: user)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(sandbox))
    } catch {
      result = .failure(error)
    }
    sandbox.clear()
    try result.get()
  }

  /// Starts one of our programs, or any by its path, its output in files or at given descriptors above 2.
  func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    descriptors given: (Int32, Int32, Int32)? = nil, asTests: Bool = false
  ) throws -> Process {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let base = program.split(separator: "/").last.map(String.init) ?? program
    let out = "\(folder)/\(number)-\(base).out"
    let error = "\(folder)/\(number)-\(base).err"
    let files = [out, error].map { (path: String) in
      open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    }
    defer { for descriptor in files { close(descriptor) } }
    let (input, output, errors) = given ?? (-1, files[0], files[1])
    let own = program.hasPrefix("/") ? program : Programs.path(program)
    var words = [own] + arguments
    if let user, !asTests {
      words = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] + words
    }
    let path = words[0]
    let pid = Self.pointers(words) { arguments in
      Self.pointers(variables(environment).map { "\($0)=\($1)" }) { environment in
        clinux_spawn(path, arguments, environment, input, output, errors, CLINUX_SPAWN_OWN_SESSION)
      }
    }
    guard pid > 0 else { throw TooLate(description: "cannot start \(path): \(pid)") }
    return Process(name: ([base] + arguments).joined(separator: " "), pid: pid, out: out, error: error)
  }

  private func variables(_ more: [String: String]) -> [String: String] {
    var variables = [
      "PATH": "/usr/bin:/bin", "HOME": folder, "FABLINE_RUN": run, "FABLINE_STATE": state, "LANG": "C.UTF-8",
      "TERM": "xterm",
    ]
    // A sanitizer's or a coverage run's settings are for the children as well.
    for name in ["LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "TZ"] {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return variables.merging(more) { $1 }
  }

  /// Runs `fabline` to its end.
  func fabline(_ arguments: String..., seconds: Double = 120) async throws -> Ended {
    try await start("fabline", arguments).end(seconds: seconds)
  }

  /// Runs `fabline … --json` and reads its answer; a failure is an issue of the test.
  func json<Value: Decodable>(_ type: Value.Type, _ arguments: String...) async throws -> Value {
    let ended = try await start("fabline", arguments + ["--json"]).end()
    try #require(ended.status == 0, "\(arguments): \(ended)")
    return try JSONDecoder().decode(type, from: Data(ended.out.utf8))
  }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: some Collection<UInt8>) -> String {
    let path = folder + "/" + name
    Text.write(bytes, to: path)
    return path
  }

  /// The processes that have this folder in their arguments.
  func processes(_ program: String = "") -> [Int32] {
    let own = getpid()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { pid in
      guard pid != own, let line = Text.bytes("/proc/\(pid)/cmdline") else { return false }
      let text = String(decoding: line, as: UTF8.self)
      return text.contains(folder + "/")
        && text.split(separator: "\0").first.map { $0.hasSuffix(program) } ?? false
    }
  }

  private func clear() {
    for _ in 0..<50 {
      let left = processes()
      for pid in left {
        kill(pid, SIGKILL)
        var end = clinux_exit()
        _ = clinux_pid_wait(pid, 0, &end)
      }
      if left.isEmpty { break }
      _ = poll(nil, 0, 10)
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func pointers<Result>(
    _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
  }
}
