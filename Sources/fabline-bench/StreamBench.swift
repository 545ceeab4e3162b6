import CanonicalFile
import Foundation

/// One table, made in one run: hosts beside each other on the same paced and unpaced virtual printer.
struct StreamBench {
  var lines: Int
  var runs: Int
  var hosts: [any StreamHost]
  var parts: [String]

  /// A situation that every host meets.
  struct Situation {
    var part: String
    var name: String
    var printer: [String]
    var busy = false
    var isPaced = true
    /// Stops in the middle instead of printing to the end.
    var stops = false
    /// The speed at which the wire alone is to be the limit.
    var wireBaud: Int?
  }

  static let situations: [Situation] = [
    Situation(
      part: "unpaced", name: "unpaced", printer: ["--time-factor", "max", "--no-pacing"], isPaced: false),
    Situation(part: "115200", name: "115200 baud", printer: ["--baud", "115200"]),
    Situation(part: "250000", name: "250000 baud", printer: ["--baud", "250000"]),
    Situation(
      part: "wire", name: "115200 baud, long lines that are done at once", printer: ["--baud", "115200"],
      wireBaud: 115_200),
    Situation(part: "busy", name: "115200 baud, cores busy", printer: ["--baud", "115200"], busy: true),
    Situation(part: "busy", name: "250000 baud, cores busy", printer: ["--baud", "250000"], busy: true),
    Situation(
      part: "faults", name: "250000 baud, 1 % of lines damaged, 0.1 % of oks lost",
      // A line has about 36 bytes, its end included.
      printer: ["--baud", "250000", "--faults", "flip-in=0.00028,lose-ok=0.001"]),
    Situation(part: "stop", name: "emergency stop, queue full", printer: ["--baud", "115200"], stops: true),
  ]

  func run() async throws {
    ChildProcess.becomeSubreaper()
    let folder = try ScratchFolder()
    defer { folder.remove() }
    defer { for host in hosts { host.finish() } }
    for host in hosts { try host.prepare() }
    Swift.print("\(Self.machine()), \(Date().formatted(.iso8601))")
    Swift.print(
      "16-block planner, segments of 0.2 mm at 100 mm/s; "
        + "turnaround: last byte of an ok to last byte of the next line, at the printer's end of a PTY")
    for situation in Self.situations where parts.isEmpty || parts.contains(situation.part) {
      try await table(situation, folder)
    }
  }

  private func table(_ situation: Situation, _ folder: ScratchFolder) async throws {
    let count = situation.isPaced ? lines : lines * 10
    let file = folder.file("segments.gcode")
    if situation.wireBaud != nil {
      try WireLines.write(to: file, lines: count)
    } else {
      try Segments.write(to: file, lines: situation.stops ? 400 : count, isSlow: situation.stops)
    }
    Swift.print("\n\(situation.name), \(count) lines, median of \(runs)")
    if situation.busy {
      Swift.print(
        WireWorkers.isAllowed
          ? "the kernel's workers that move the PTY's bytes stand in front of the loops, for every host alike"
          : "not root: waits for the kernel's workers that move the PTY's bytes, up to 3 ms each, are charged to the host"
      )
    }
    Swift.print(situation.stops ? StopRow.heading : Row.heading)
    let loops = situation.busy ? try BusyLoops() : nil
    defer { loops?.stop() }
    let workers = situation.busy && WireWorkers.isAllowed ? WireWorkers() : nil
    defer { workers?.stop() }
    var rows: [[Row]] = hosts.map { _ in [] }
    // In turns, so that a slow minute of the machine meets all of them.
    for _ in 0..<runs {
      for (index, host) in hosts.enumerated() where !situation.stops || host.canStop {
        do {
          let row = try await measure(host, situation, file, count, folder)
          rows[index].append(row)
        } catch {
          Swift.print("\(Row.left(host.name, 22)) \(error)")
        }
      }
    }
    for row in rows.compactMap({ Row.median($0) }) {
      Swift.print(situation.stops ? StopRow.text(row) : row.text)
    }
    if let baud = situation.wireBaud {
      let wire = WireLines.seconds(lines: count, baud: baud)
      for row in rows.compactMap({ Row.median($0) }) where row.linesPerSecond > 0 {
        let ratio = Double(count) / row.linesPerSecond / wire
        Swift.print(
          "\(Row.left(row.host, 22)) \(String(format: "%.3f", ratio)) of the \(String(format: "%.1f", wire)) s that the wire takes"
        )
      }
    }
    // A table in a file is to be seen while the rest is made.
    fflush(nil)
  }

  private func measure(
    _ host: any StreamHost, _ situation: Situation, _ file: String, _ count: Int, _ folder: ScratchFolder
  ) async throws -> Row {
    let printer = try VirtualPrinter(
      in: folder, name: "port-\(UInt32.random(in: 0...UInt32.max))",
      // Where the cores are busy the printer must not be late itself: that would be charged to the host.
      arguments: ["--any-baud"] + (situation.busy ? ["--realtime", "30"] : []) + situation.printer)
    do {
      let result = try await host.print(
        file, port: printer.port, in: folder, deadline: Double(count) / 60 + 20,
        stopAfter: situation.stops ? 4 : nil)
      return Row(host: host.name, result, try printer.finish(), lines: count)
    } catch {
      _ = try? printer.finish()
      throw error
    }
  }

  /// Processor and kernel, as the table's date has to say.
  static func machine() -> String {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    return "\(ProcessInfo.processInfo.activeProcessorCount) cores of \(name)"
  }
}

/// One host's figures in one situation.
struct Row {
  var host: String
  var linesPerSecond: Double
  var turnaround: [Int]
  var cpu: Double
  var megabytes: Double
  var underruns: Int
  var starved: Double
  var resends: Int
  var stop: Double?
  var complaint: String?

  init(host: String, _ run: StreamRun, _ report: VirtualPrinter.Report, lines: Int) {
    self.host = host
    let executed = Double(min(report.executed, lines))
    linesPerSecond = run.seconds > 0 ? executed / run.seconds : 0
    turnaround = report.turnaroundMicroseconds ?? [0, 0, 0]
    cpu = executed > 0 ? run.cpuSeconds / executed * 1_000_000 : 0
    megabytes = Double(run.peakKilobytes) / 1024
    underruns = report.underruns ?? 0
    starved = report.starvedSeconds ?? 0
    resends = report.resends ?? 0
    if run.stopAskedAt > 0, let killed = report.killedAtNanoseconds, killed > 0 {
      stop = Double(killed - run.stopAskedAt) * 1e-6
    }
    complaint = run.complaint ?? (report.overruns ?? 0 > 0 ? "\(report.overruns ?? 0) bytes overran" : nil)
  }

  /// The row whose figures are the medians of theirs; complaints are kept.
  static func median(_ rows: [Row]) -> Row? {
    guard var row = rows.first else { return nil }
    func middle(_ value: (Row) -> Double) -> Double { fabline_bench.median(rows.map(value)) }
    row.linesPerSecond = middle { $0.linesPerSecond }
    row.turnaround = (0..<3).map { index in Int(middle { Double($0.turnaround[index]) }) }
    row.cpu = middle { $0.cpu }
    row.megabytes = middle { $0.megabytes }
    row.underruns = Int(middle { Double($0.underruns) })
    row.starved = middle { $0.starved }
    row.resends = Int(middle { Double($0.resends) })
    let stops = rows.compactMap(\.stop)
    row.stop = stops.isEmpty ? nil : fabline_bench.median(stops)
    row.complaint = rows.compactMap(\.complaint).first
    return row
  }

  static let heading =
    left("host", 22)
    + " lines/s  turnaround us p50/p99/p99.9  CPU ms/1000  peak MB  underruns  starved s  resends"

  var text: String {
    let times = turnaround.map(String.init).joined(separator: "/")
    var text = Self.left(host, 22) + Self.right(linesPerSecond, 8, 0)
    text += String(repeating: " ", count: max(1, 31 - times.count)) + times
    text += Self.right(cpu, 13, 2) + Self.right(megabytes, 9, 1)
    text +=
      Self.right(Double(underruns), 11, 0) + Self.right(starved, 11, 2) + Self.right(Double(resends), 9, 0)
    return text + (complaint.map { "  (\($0))" } ?? "")
  }

  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func right(_ value: Double, _ width: Int, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", value)
    return String(repeating: " ", count: max(1, width - text.count)) + text
  }
}

/// The row of an emergency stop.
enum StopRow {
  static let heading = Row.left("host", 22) + " asked to killed, ms"
  static func text(_ row: Row) -> String {
    Row.left(row.host, 22) + (row.stop.map { Row.right($0, 20, 1) } ?? "   never killed")
  }
}

/// Segments of 0.2 mm at 100 mm/s on a circle, without filament: nothing has to be hot, and each line is as long.
enum Segments {
  static func write(to path: String, lines: Int, isSlow: Bool) throws {
    var text = "G21\nG90\nG92 X120 Y100 Z0 E0\nM204 S3000\n"
    for index in 0..<lines {
      let angle = isSlow ? Double(index) * 1.5 : Double(index) * 0.01
      let x = String(format: "%.3f", 100 + 20 * cos(angle))
      let y = String(format: "%.3f", 100 + 20 * sin(angle))
      text += "G1 X\(x) Y\(y) F\(isSlow ? 1200 : 6000)\n"
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
