import DriverInterface
import Foundation

/// Allocations of the driver for a line: two prints of different length, each counted from outside by a preloaded library.
///
/// While it prints nobody asks the driver anything: a question costs allocations, too. The printer's own record tells when
/// the file is through.
struct Allocations {
  var library: String
  var lines = (few: 20_000, many: 60_000)
  /// A few reports of temperatures and looks at the disk come with the time, not with the lines.
  static let most = 0.01

  func run() async throws {
    ChildProcess.becomeSubreaper()
    var perLine: [Double] = []
    for turn in 1...3 {
      let few = try await count(lines: lines.few)
      let many = try await count(lines: lines.many)
      let figure = Double(many - few) / Double(lines.many - lines.few)
      perLine.append(figure)
      print(
        "run \(turn): \(few) allocations for \(lines.few) lines, \(many) for \(lines.many): "
          + String(format: "%.4f a line", figure))
    }
    let figure = median(perLine)
    guard figure < Self.most else {
      throw BenchError(String(format: "%.4f allocations a line, at most %.2f wanted", figure, Self.most))
    }
    print(String(format: "%.4f allocations a line", figure))
  }

  /// Allocations from the start of the print to its end.
  private func count(lines: Int) async throws -> Int64 {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = folder.file("segments.gcode")
    try Segments.write(to: file, lines: lines, isSlow: false)
    let record = folder.file("executed")
    let printer = try VirtualPrinter(
      in: folder, name: "port", arguments: ["--time-factor", "max", "--no-pacing", "--executed", record])
    let counter = folder.file("allocations")
    let run = try DriverRun(
      port: printer.port, in: folder, arguments: ["--dialect", "marlin"],
      prefix: ["/usr/bin/env", "LD_PRELOAD=\(library)", "FABLINE_ALLOCATIONS=\(counter)"])
    defer {
      run.end()
      _ = try? printer.finish()
    }
    let connection = try await run.connect()
    try await run.waitUntilIdle(connection)
    let attempt = AttemptID(rawValue: UInt64.random(in: 1...UInt64.max))
    try await run.ask(connection, .stage(try run.staged(attempt, file)))
    try await run.ask(connection, .start(attempt))
    // The first lines warm up what grows once.
    try await wait(for: 2_000, in: record)
    let before = try Self.read(counter)
    try await wait(for: lines, in: record)
    let after = try Self.read(counter)
    let outcome = try await run.status(connection).outcomes.first
    if let fault = outcome?.fault { throw BenchError("\(fault.code): \(fault.sentence)") }
    return after - before
  }

  /// Waits until the printer has executed so many lines.
  private func wait(for lines: Int, in record: String) async throws {
    let deadline = Date().addingTimeInterval(300)
    guard let handle = FileHandle(forReadingAtPath: record) else { throw BenchError("no \(record)") }
    defer { try? handle.close() }
    var seen = 0
    while seen < lines {
      let data = try handle.readToEnd() ?? Data()
      seen += data.count { $0 == 10 }
      guard Date() < deadline else { throw BenchError("only \(seen) lines were executed") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func read(_ path: String) throws -> Int64 {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    guard data.count >= 8 else { throw BenchError("nothing was counted: is the library preloaded?") }
    return data.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
  }
}
