import Foundation

/// What eight prints feel of clients: pairs of runs at 250000 baud, one with the API in peace and one under load, in turns.
///
/// Each printer times from its own end how soon the next line comes behind an `ok`, and counts how often its 16-block planner
/// ran dry. Of the eight the median counts.
struct LoadComparison {
  var pairs: Int
  var seconds: Int
  var rate: Int
  var streams: Int

  private static let printers = 8
  private static let paths = [
    "/api/v1/jobs", "/api/v1/machines", "/api/v1/status", "/api/v1/machines/printer-1",
  ]
  /// What the median of the pairs may differ by, ms.
  private static let mostAdded = 2.0

  private struct Run {
    var tail: Int
    var underruns: Int
    var load: RequestLoad.Figures?
    var growth: Int?
    var words: String {
      "p99.9 \(tail) us, \(underruns) underruns" + (load.map { "; \($0.words)" } ?? "")
        + (growth.map { "; supervisor \($0 >= 0 ? "+" : "")\($0) kB written" } ?? "")
    }
  }

  /// Prints the table; throws where a bound is missed.
  func run() throws {
    print("\(StreamBench.machine()), \(Date().formatted(.iso8601))")
    print(
      "\(Self.printers) printers at 250000 baud, 16-block planners, \(seconds) s a run; load: \(rate) requests/s, "
        + "\(streams) event streams; \(pairs) pairs after one to warm up")
    var differences: [Double] = []
    var underruns: (idle: Int, loaded: Int) = (0, 0)
    var errors = 0
    var growths: [Double] = []
    for pair in 0...pairs {
      let first = pair % 2 == 0 ? try measure(isLoaded: true) : nil
      let idle = try measure(isLoaded: false)
      let loaded = try first ?? measure(isLoaded: true)
      errors += loaded.load?.errors ?? 0
      guard pair > 0 else { continue }
      differences.append(Double(loaded.tail - idle.tail) / 1000)
      underruns = (underruns.idle + idle.underruns, underruns.loaded + loaded.underruns)
      growths.append(Double(loaded.growth ?? 0))
      print("pair \(pair): in peace \(idle.words)\n        loaded   \(loaded.words)")
      fflush(nil)
    }
    let middle = median(differences)
    print(
      "p99.9, loaded less in peace: "
        + differences.map { String(format: "%+.2f", $0) }.joined(separator: " ")
        + String(format: " ms, median %+.2f ms (at most %.0f wanted)", middle, Self.mostAdded))
    print(
      "underruns: in peace \(underruns.idle), loaded \(underruns.loaded) (no more wanted); errors: \(errors) (0 wanted); "
        + String(format: "supervisor's written pages under load: median %+.0f kB", median(growths)))
    guard errors == 0, middle <= Self.mostAdded, underruns.loaded <= underruns.idle else {
      throw BenchError("a bound is missed")
    }
  }

  private func measure(isLoaded: Bool) throws -> Run {
    let shop = try Shop(
      count: Self.printers, arguments: ["--planner", "16"], supervisor: ["--log-level", "warning"])
    defer { shop.close() }
    let file = shop.folder.file("moves.gcode")
    // 0.2 mm at 100 mm/s: 500 lines a second.
    try SampleFile.write(to: file, lines: seconds * 500, isDry: true)
    for name in shop.names { try shop.fabline(["submit", file, "--machine", name]) }
    var run = Run(tail: 0, underruns: 0)
    // The load lasts as long as the prints.
    let load =
      isLoaded
      ? try RequestLoad(
        socket: shop.folder.file("run") + "/api.sock", paths: Self.paths, rate: rate, streams: streams) : nil
    // Connections, buffers and caches are made in the first seconds.
    sleep(UInt32(max(1, seconds / 5)))
    let before = PrivateMemory(of: shop.supervisor.pid)
    try shop.waitUntilDone(jobs: Self.printers, deadline: Date().addingTimeInterval(3_600))
    let after = PrivateMemory(of: shop.supervisor.pid)
    run.load = load?.stop()
    if isLoaded, let before, let after { run.growth = after.dirtyKilobytes - before.dirtyKilobytes }
    let reports = try shop.finishPrinters()
    run.underruns = reports.reduce(0) { $0 + ($1.underruns ?? 0) }
    run.tail = Int(median(reports.map { Double($0.turnaroundMicroseconds?.dropFirst(2).first ?? 0) }))
    return run
  }
}
