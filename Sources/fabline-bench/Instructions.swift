import DriverInterface
import Foundation

/// Instructions a line of the driver and of the C sender, counted by callgrind: two files of different length each, so that
/// start and end fall out. Needs valgrind and binutils.
struct Instructions {
  var lines = (few: 1_000, many: 4_000)

  /// The parts of the work, told by the names in their symbols: the first one that a symbol has a word of counts. The C
  /// sender does the first four, too.
  private static let parts: [Part] = [
    Part(
      "lines of the file", ["LineSource", "LineSplitter", "ByteRing", "cleaned", "LayerMark", "memchr"],
      isCommon: true),
    Part("number, sum, history", ["Numbered", "SentHistory"], isCommon: true),
    Part(
      "answers, resends",
      ["ReplyParser", "ReplyScanner", "5ReplyO", "LineStream", "LineLedger", "SentLine", "WirePace"],
      isCommon: true),
    Part(
      "reading and writing",
      ["SerialPort", "LinuxCalls", "Terminal", "epoll", "asynccancel", ":read", ":write", "Transfer"],
      isCommon: true),
    Part("modal state", ["ModalState", "7Command"]),
    Part(
      "expectations",
      [
        "PlannedTime", "Expectation", "SlowestMove", "PlannerWatch", "AnswerTime", "Motion", "MoveEstimate",
        "4MoveV",
      ]
    ),
    Part(
      "recorder and page", ["Recorder", "ProgressPage", "LinkHealth", "SessionPlace", "snapshot", "publish"]),
    Part("the rest", [""]),
  ]

  private struct Part {
    var name: String
    var words: [String]
    var isCommon: Bool

    init(_ name: String, _ words: [String], isCommon: Bool = false) {
      self.name = name
      self.words = words
      self.isCommon = isCommon
    }
  }

  func run() async throws {
    ChildProcess.becomeSubreaper()
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let driver = try strip("fabline-driver", folder)
    let bench = try strip("fabline-bench", folder)
    let ours = try await perLine { lines in try await self.driver(driver, lines, folder) }
    let theirs = try await perLine { lines in try await self.sender(bench, lines, folder) }
    print("instructions a line, \(lines.many - lines.few) lines of 0.2 mm moves on the unpaced printer")
    print("C ping-pong          \(Row.right(theirs.total, 10, 0))")
    print("driver, window 1     \(Row.right(ours.total, 10, 0))   \(ratio(ours.total, theirs.total))")
    let costs = Self.costs(of: ours)
    for (part, cost) in zip(Self.parts, costs) {
      print("  \(Row.left(part.name, 21))\(Row.right(cost, 8, 0))")
    }
    let common = zip(Self.parts, costs).filter { $0.0.isCommon }.map(\.1).reduce(0, +)
    let accounted = zip(Self.parts, costs).filter { !$0.0.isCommon }.map(\.1).dropLast().reduce(0, +)
    print("what the C sender does, too    \(Row.right(common, 8, 0))   \(ratio(common, theirs.total))")
    let session = ours.total - accounted
    print(
      "all but modal state, expectations, recorder  \(Row.right(session, 8, 0))   \(ratio(session, theirs.total))"
    )
    print("the dearest functions of the driver, by themselves:")
    for (name, cost) in ours.functions.sorted(by: { $0.value > $1.value }).prefix(25) where cost >= 1 {
      print("\(Row.right(cost, 10, 0))  \(name.prefix(110))")
    }
  }

  private static func costs(of cost: Cost) -> [Double] {
    var sums = [Double](repeating: 0, count: parts.count)
    for (name, value) in cost.functions {
      let place = parts.firstIndex { $0.words.contains { name.contains($0) || $0.isEmpty } }
      sums[place ?? parts.count - 1] += value
    }
    return sums
  }

  private func ratio(_ ours: Double, _ theirs: Double) -> String {
    String(format: "%.2f times the C sender's", ours / theirs)
  }

  private struct Cost {
    var total = 0.0
    var functions: [String: Double] = [:]
  }

  /// The difference of two runs, for a line.
  private func perLine(_ run: (Int) async throws -> String) async throws -> Cost {
    let few = try Self.read(try await run(lines.few))
    let many = try Self.read(try await run(lines.many))
    let count = Double(lines.many - lines.few)
    var cost = Cost()
    cost.total = (many.total - few.total) / count
    for (name, value) in many.functions {
      cost.functions[name] = (value - (few.functions[name] ?? 0)) / count
    }
    return cost
  }

  /// Valgrind does not bear the debug information of some C targets; the symbols stay.
  private func strip(_ program: String, _ folder: ScratchFolder) throws -> String {
    let copy = folder.file(program)
    try FileManager.default.copyItem(atPath: Programs.path(program), toPath: copy)
    guard try ChildProcess.start("/usr/bin/strip", ["--strip-debug", copy]).wait().exitCode == 0 else {
      throw BenchError("cannot strip \(copy)")
    }
    return copy
  }

  private func callgrind(_ output: String) -> [String] {
    ["/usr/bin/valgrind", "--quiet", "--tool=callgrind", "--callgrind-out-file=\(output)"]
  }

  private func driver(_ program: String, _ lines: Int, _ folder: ScratchFolder) async throws -> String {
    let output = folder.file("driver-\(lines).callgrind")
    let file = folder.file("segments.gcode")
    try Segments.write(to: file, lines: lines, isSlow: false)
    let printer = try VirtualPrinter(
      in: folder, name: "port-\(lines)", arguments: ["--time-factor", "max", "--no-pacing"])
    let run = try DriverRun(
      port: printer.port, in: folder, arguments: ["--dialect", "marlin", "--window", "1"], program: program,
      prefix: callgrind(output))
    defer { _ = try? printer.finish() }
    do {
      let connection = try await run.connect()
      try await run.waitUntilIdle(connection)
      let attempt = AttemptID(rawValue: UInt64.random(in: 1...UInt64.max))
      try await run.ask(connection, .stage(try run.staged(attempt, file)))
      try await run.ask(connection, .start(attempt))
      let deadline = Date().addingTimeInterval(300)
      // Few questions: each costs instructions, too.
      while try await run.status(connection).outcomes.isEmpty {
        guard Date() < deadline else { throw BenchError("no end under valgrind") }
        try await Task.sleep(for: .seconds(2))
      }
    } catch {
      run.end()
      throw error
    }
    run.end()
    return output
  }

  private func sender(_ program: String, _ lines: Int, _ folder: ScratchFolder) async throws -> String {
    let output = folder.file("sender-\(lines).callgrind")
    let file = folder.file("segments.gcode")
    try Segments.write(to: file, lines: lines, isSlow: false)
    let printer = try VirtualPrinter(
      in: folder, name: "port-c-\(lines)", arguments: ["--time-factor", "max", "--no-pacing", "--any-baud"])
    defer { _ = try? printer.finish() }
    let words = callgrind(output) + [program, "pingpong", printer.port, file]
    let child = try ChildProcess.start(words[0], Array(words.dropFirst()))
    guard child.wait().exitCode == 0 else { throw BenchError("the C sender failed under valgrind") }
    return output
  }

  /// Self costs by function, of all threads.
  private static func read(_ path: String) throws -> Cost {
    let output = path + ".txt"
    let annotate = try ChildProcess.start(
      "/usr/bin/callgrind_annotate", ["--threshold=100", "--auto=no", path], output: output)
    guard annotate.wait().exitCode == 0 else { throw BenchError("callgrind_annotate failed") }
    var cost = Cost()
    for line in try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let first = words.first, let value = Double(first.replacingOccurrences(of: ",", with: "")) else {
        continue
      }
      if line.contains("PROGRAM TOTALS") {
        cost.total = value
      } else if let mark = line.range(of: "???:") ?? line.range(of: ".c:") ?? line.range(of: ".S:") {
        cost.functions[String(line[mark.upperBound...]), default: 0] += value
      }
    }
    return cost
  }
}
