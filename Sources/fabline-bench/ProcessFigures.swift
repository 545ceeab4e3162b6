import Foundation

/// What a living process has used so far, from /proc; children are not counted.
struct ProcessFigures {
  /// Processor seconds of all its threads, to the nanosecond.
  var cpuSeconds: Double
  /// The highest resident set, kB.
  var peakKilobytes: Int

  init?(of pid: pid_t) {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    if tasks.isEmpty { return nil }
    var nanoseconds = 0.0
    for task in tasks {
      let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/schedstat", encoding: .utf8)) ?? ""
      nanoseconds += text.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }
    cpuSeconds = nanoseconds * 1e-9
    peakKilobytes = 0
    let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      peakKilobytes = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
  }
}

/// One endless loop for each core, as a neighbour who compiles something.
struct BusyLoops {
  private let children: [ChildProcess]
  /// Looks now and then whether the bench is still there: nobody wants a busy core for ever.
  private static let script =
    "while kill -0 \(getpid()) 2>/dev/null; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done"

  init(_ count: Int = ProcessInfo.processInfo.activeProcessorCount) throws {
    children = try (0..<count).map { _ in try ChildProcess.start("/bin/sh", ["-c", Self.script]) }
  }

  func stop() {
    for child in children {
      child.terminate()
      _ = child.wait()
    }
  }
}
