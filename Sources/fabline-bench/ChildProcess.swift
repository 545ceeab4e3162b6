import CLinux
import Foundation

/// A child whose processor time is read when it ends (`wait4`), grandchildren that outlive their parent included.
///
/// The bench is a child subreaper: a driver in its own session comes back to us when the command line ends.
struct ChildProcess {
  let pid: pid_t

  /// What a process used.
  struct Usage {
    var status: Int32 = 0
    var cpuSeconds = 0.0
    var peakKilobytes = 0
    var exitCode: Int32 { (status >> 8) & 0xff }
  }

  /// Takes over orphans of our children from now on.
  static func becomeSubreaper() { _ = clinux_set_child_subreaper(1) }

  /// Starts `program` with its output in `outputPath` or thrown away.
  static func start(_ program: String, _ arguments: [String], output outputPath: String? = nil) throws
    -> ChildProcess
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let output = outputPath ?? "/dev/null"
    let flags = outputPath == nil ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    // What a peer complains of while it starts and ends is not part of a table.
    if outputPath != nil || program.hasSuffix("octoprint") {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    // What the bench waits for in its own way ends a child as usual.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in Interruption.signals { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    // Dispatch's threads block nearly every signal; a child that was born blocking SIGTERM is waited for without end.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let error = posix_spawn(&pid, program, &actions, &attributes, words, clinux_environment())
    guard error == 0 else { throw BenchError("cannot start \(program): \(String(cString: strerror(error)))") }
    return ChildProcess(pid: pid)
  }

  /// Waits for the end and reads what it used.
  func wait() -> Usage {
    var usage = Usage()
    var resources = rusage()
    while wait4(pid, &usage.status, 0, &resources) < 0, errno == EINTR {}
    usage.cpuSeconds = seconds(resources.ru_utime) + seconds(resources.ru_stime)
    usage.peakKilobytes = resources.ru_maxrss
    return usage
  }

  /// Asks it to end.
  func terminate() { kill(pid, SIGTERM) }

  private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
}

/// The process's private memory: `Private_*` of smaps_rollup, and its resident set, in kB.
///
/// Where the bench itself has a library mapped that no driver has, Foundation for one, what they share counts as the process's
/// own: on a machine without a bench it is.
struct PrivateMemory {
  var privateKilobytes = 0
  /// The part of it that was written, which no file gives back.
  var dirtyKilobytes = 0
  var residentKilobytes = 0

  init?(of pid: pid_t) {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let value = Int(words[1]) else { continue }
      if words[0].hasPrefix("Private_") { privateKilobytes += value }
      if words[0] == "Private_Dirty:" { dirtyKilobytes = value }
      if words[0] == "Rss:" { residentKilobytes = value }
    }
    privateKilobytes += MemoryMappings.sharedWithUsAlone(pid)
  }

  var words: String {
    "private \(privateKilobytes) kB (\(dirtyKilobytes) kB of it written), RSS \(residentKilobytes) kB"
  }
}

/// What a running process has used so far, sampled while it lives: its parent reaps it, not the bench.
struct ProcessorTime {
  /// User and system seconds of all its threads, to the kernel's tick (10 ms).
  static func seconds(of pid: pid_t) -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let close = text.lastIndex(of: ")")
    else { return nil }
    let rest = text[text.index(after: close)...].split(separator: " ")
    guard rest.count > 12, let user = Double(rest[11]), let system = Double(rest[12]) else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
