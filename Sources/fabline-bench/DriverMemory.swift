import Foundation

/// The driver's private memory while it prints a small and a large file: it must not grow with the file.
///
/// The large file has the same number of commands a megabyte apart in comments, so that a gigabyte passes through the
/// ring in minutes rather than hours; every byte of it is read all the same.
struct DriverMemory {
  var megabytes: Int

  func run() throws {
    ChildProcess.becomeSubreaper()
    let small = try measure(name: "small", bytes: 1 << 20, padding: 0)
    let large = try measure(name: "large", bytes: megabytes << 20, padding: 4_000)
    print("driver, 1 MB file:    private \(small.privateKilobytes) kB, RSS \(small.residentKilobytes) kB")
    print(
      "driver, \(megabytes) MB file: private \(large.privateKilobytes) kB, RSS \(large.residentKilobytes) kB")
    print(
      "growth: \(large.privateKilobytes - small.privateKilobytes) kB (at most 64 wanted; private at most 2048)"
    )
  }

  /// The highest private memory seen while the file is printed.
  private func measure(name: String, bytes: Int, padding: Int) throws -> PrivateMemory {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = folder.file("\(name).gcode")
    try SampleFile.write(to: file, lines: bytes / (30 + padding / 80 * 80), padding: padding)
    let printer = try VirtualPrinter(
      in: folder, name: "port", arguments: ["--time-factor", "max", "--no-pacing"])
    let began = Date()
    let host = try ChildProcess.start(Programs.path("fabline"), ["print", file, "--port", printer.port])
    var highest: PrivateMemory?
    var mappings: MemoryMappings?
    while kill(host.pid, 0) == 0, !host.hasEnded {
      if let driver = DriverProcesses.find(port: printer.port), let memory = PrivateMemory(of: driver) {
        if memory.privateKilobytes >= highest?.privateKilobytes ?? 0 {
          highest = memory
          mappings = MemoryMappings(of: driver) ?? mappings
        }
      }
      usleep(50_000)
    }
    let usage = host.wait()
    let report = try printer.finish()
    guard usage.exitCode == 0 else { throw BenchError("fabline print ended with \(usage.exitCode)") }
    guard let highest else { throw BenchError("no driver was seen") }
    let seconds = Date().timeIntervalSince(began)
    print("\(name): \(report.executed) lines, \(bytes >> 20) MB in \(String(format: "%.1f", seconds)) s")
    if let mappings { print(mappings.table) }
    return highest
  }
}

/// Finds drivers by their command line in /proc.
enum DriverProcesses {
  /// The driver that has `port`.
  static func find(port: String) -> pid_t? {
    all().first { words($0).contains(port) }
  }

  /// Drivers that are children of this process, ended ones included.
  static func children() -> [pid_t] {
    all().filter { stat($0)?.parent == getpid() }
  }

  /// Every driver, by the name that the kernel keeps, so that ended ones count.
  static func all() -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { stat($0)?.name == "fabline-driver" }
  }

  private static func words(_ pid: pid_t) -> [String] {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")) else { return [] }
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Who started a process, or took it over.
  static func parent(of pid: pid_t) -> pid_t? { stat(pid)?.parent }

  /// `PID (NAME) STATE PPID …`
  private static func stat(_ pid: pid_t) -> (name: String, parent: pid_t)? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
    else { return nil }
    let rest = text[text.index(after: close)...].split(separator: " ")
    guard rest.count > 1, let parent = pid_t(rest[1]) else { return nil }
    return (String(text[text.index(after: open)..<close]), parent)
  }
}

extension ChildProcess {
  /// Whether it ended, without taking its usage away.
  var hasEnded: Bool {
    var info = siginfo_t()
    return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
      && info._sifields._sigchld.si_pid == pid
  }
}
