import CLinux
import Foundation

/// A program of a stage, in a session of its own, its words appended to a file.
struct StageProcess {
  let pid: pid_t

  /// Starts it; `environment` is added to the bench's own.
  static func start(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], log: String,
    output: String? = nil
  ) throws -> StageProcess {
    let errors = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    let words = open(output ?? log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer {
      close(errors)
      close(words)
    }
    let path = name.hasPrefix("/") ? name : Programs.path(name)
    var variables = ProcessInfo.processInfo.environment
    variables.merge(environment) { $1 }
    let pid = pointers([path] + arguments) { arguments in
      pointers(variables.map { "\($0)=\($1)" }) { environment in
        clinux_spawn(path, arguments, environment, -1, words, errors, CLINUX_SPAWN_OWN_SESSION)
      }
    }
    guard pid > 0 else { throw BenchError("cannot start \(path): \(String(cString: strerror(-pid)))") }
    return StageProcess(pid: pid)
  }

  /// How it ended: its status, or minus the signal; nil while it lives. Tells it once.
  func end() -> Int32? {
    var end = clinux_exit()
    let result = clinux_pid_wait(pid, 0, &end)
    if result < 0 { return .min }
    guard end.pid != 0 else { return nil }
    return end.signal != 0 ? -end.signal : end.status
  }

  /// Waits for its end, at most so long.
  func waitForEnd(seconds: Double) -> Int32? {
    let deadline = Clock.now + seconds
    while Clock.now < deadline {
      if let end = end() { return end }
      usleep(1_000)
    }
    return nil
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

/// Seconds that never jump.
enum Clock {
  static var now: Double { Double(clinux_monotonic_ns()) * 1e-9 }

  static func sleep(_ seconds: Double) {
    if seconds > 0 { usleep(UInt32(seconds * 1e6)) }
  }
}

/// What /proc tells of the processes of a stage: those that have its folder in their arguments.
struct StageProcessTable {
  struct Entry {
    var pid: pid_t
    var program: String
    var arguments: [String]
  }

  var entries: [Entry] = []

  init(folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = pid_t(name), pid != getpid(),
        let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"), !line.isEmpty
      else { continue }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard let first = words.first, words.contains(where: { $0.hasPrefix(folder + "/") }) else { continue }
      let program = first.split(separator: "/").last.map(String.init) ?? first
      entries.append(Entry(pid: pid, program: program, arguments: words))
    }
  }

  /// The drivers of a machine, by the socket that they were given.
  func drivers(socket: String) -> [pid_t] {
    entries.filter { $0.program == "fabline-driver" && $0.arguments.contains(socket) }.map(\.pid)
  }

  /// Ended orphans of ours are taken from the system, so that a long campaign does not fill its table.
  static func takeOrphans() {
    for pid in DriverProcesses.children() {
      var end = clinux_exit()
      _ = clinux_pid_wait(pid, 0, &end)
    }
  }
}
