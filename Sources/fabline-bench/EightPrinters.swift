import CanonicalFile
import Foundation

/// Eight virtual printers at 250000 baud, in real time, under one supervisor: all intact, and its memory stays flat.
struct EightPrinters {
  var lines: Int
  var minutes: Int
  /// How much faster than life the printers are.
  var timeFactor = 1
  var showsMappings = false
  private let count = 8

  init(lines: Int, minutes: Int, timeFactor: Int = 1, showsMappings: Bool = false) {
    self.lines = lines
    self.minutes = minutes
    self.timeFactor = timeFactor
    self.showsMappings = showsMappings
  }

  /// Prints one file on each at the same time, and judges each by its firmware's record.
  func run() throws {
    let shop = try Shop(count: count)
    defer { shop.close() }
    let file = shop.folder.file("moves.gcode")
    try SampleFile.write(to: file, lines: lines)
    var hash = CanonicalHash()
    hash.update(try Data(contentsOf: URL(fileURLWithPath: file)))
    hash.finish()
    let began = Date()
    for name in shop.names { try shop.fabline(["submit", file, "--machine", name]) }
    try shop.waitUntilDone(jobs: count, deadline: Date().addingTimeInterval(3_600))
    let seconds = Date().timeIntervalSince(began)
    let reports = try shop.finishPrinters()
    for (name, report) in zip(shop.names, reports) {
      print(
        "\(name): \(report.executed) lines, \(report.underruns ?? 0) underruns, \(report.resends ?? 0) resends, "
          + (report.hash == hash.hex ? "intact" : "NOT INTACT"))
    }
    print("\(count) printers, \(lines) moves each, in \(String(format: "%.1f", seconds)) s")
    guard reports.allSatisfy({ $0.hash == hash.hex }) else { throw BenchError("a print is not intact") }
  }

  /// Prints short jobs for minutes and watches the supervisor's private memory.
  func watchMemory() throws {
    let shop = try Shop(count: count, timeFactor: timeFactor)
    defer { shop.close() }
    let file = shop.folder.file("moves.gcode")
    // Long moves: what counts here are jobs, events and time, not lines.
    try SampleFile.write(to: file, lines: lines, length: 2)
    var first: PrivateMemory?
    let end = Date().addingTimeInterval(Double(minutes) * 60)
    var rounds = 0
    while Date() < end {
      for name in shop.names { try shop.fabline(["submit", file, "--machine", name]) }
      rounds += 1
      if timeFactor == 1 {
        // What started the prints is let go of within half a minute, and a print takes more than one.
        sleep(65)
        if let memory = PrivateMemory(of: shop.supervisor.pid) {
          print("round \(rounds), eight prints under way and nobody asks: \(memory.words)")
          fflush(nil)
        }
        for _ in 0..<16 {
          try shop.fabline(["jobs", "--json"])
          usleep(500_000)
        }
        if let memory = PrivateMemory(of: shop.supervisor.pid) {
          print("round \(rounds), eight prints under way and a client asks twice a second: \(memory.words)")
          fflush(nil)
        }
      }
      try shop.waitUntilDone(jobs: rounds * count, deadline: end.addingTimeInterval(3_600))
      for name in shop.names { try shop.fabline(["ready", name]) }
      if let memory = PrivateMemory(of: shop.supervisor.pid) {
        print("round \(rounds), just after eight prints ended and eight beds were cleared: \(memory.words)")
        fflush(nil)
      }
      // The first rounds fill caches and bounded rings.
      if rounds == 2 { first = afterTidying(shop) }
    }
    if let first, let last = afterTidying(shop) {
      print(
        "supervisor after \(rounds) rounds, \(minutes * timeFactor) minutes of the printers: \(last.words); "
          + "growth \(last.privateKilobytes - first.privateKilobytes) kB, "
          + "of written pages \(last.dirtyKilobytes - first.dirtyKilobytes) kB"
      )
    }
    if showsMappings, let mappings = MemoryMappings(of: shop.supervisor.pid) {
      print(mappings.table, terminator: "")
    }
  }

  /// Growth is what is left once the supervisor has let go of what the last request needed, which it does each half minute: a
  /// list of all jobs, as this bench asks for, grows with the jobs.
  private func afterTidying(_ shop: Shop) -> PrivateMemory? {
    sleep(32)
    return PrivateMemory(of: shop.supervisor.pid)
  }
}

/// A supervisor with machines on virtual printers, in a folder that is gone afterwards.
struct Shop {
  let folder: ScratchFolder
  let supervisor: ChildProcess
  let names: [String]
  private let printers: [VirtualPrinter]

  /// `program` is what starts the supervisor, itself unless something runs around it; `patience`, seconds, is how long it may
  /// take until it answers.
  init(
    count: Int, timeFactor: Int = 1, arguments: [String] = [], supervisor options: [String] = [],
    program: [String] = [Programs.path("fablined")], patience: Double = 20
  ) throws {
    ChildProcess.becomeSubreaper()
    let folder = try ScratchFolder()
    self.folder = folder
    setenv("FABLINE_RUN", folder.file("run"), 1)
    setenv("FABLINE_STATE", folder.file("state"), 1)
    let names = (1...count).map { "printer-\($0)" }
    self.names = names
    printers = try names.map { name in
      try VirtualPrinter(
        in: folder, name: name, arguments: ["--baud", "250000", "--time-factor", "\(timeFactor)"] + arguments)
    }
    supervisor = try ChildProcess.start(program[0], program.dropFirst() + options)
    let deadline = Date().addingTimeInterval(patience)
    while (try? fabline(["machine", "list"])) == nil {
      guard Date() < deadline else { throw BenchError("fablined does not answer") }
      usleep(50_000)
    }
    for (name, printer) in zip(names, printers) {
      try fabline(["machine", "add", name, "--port", printer.port, "--baud", "250000"])
      try fabline(["ready", name])
    }
  }

  /// Runs one command line and gives its output.
  @discardableResult
  func fabline(_ arguments: [String]) throws -> String {
    let output = folder.file("fabline.out")
    let usage = try ChildProcess.start(Programs.path("fabline"), arguments, output: output).wait()
    guard usage.exitCode == 0 else {
      throw BenchError("fabline \(arguments.joined(separator: " ")) ended with \(usage.exitCode)")
    }
    return (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
  }

  /// Waits until as many jobs are done, and fails when one ends otherwise.
  func waitUntilDone(jobs: Int, deadline: Date) throws {
    struct Job: Decodable {
      var id: Int
      var state: String
      var reason: String?
    }
    struct Page: Decodable { var items: [Job] }
    func page(_ more: [String]) throws -> Page {
      try JSONDecoder().decode(Page.self, from: Data(try fabline(["jobs", "--json"] + more).utf8))
    }
    // Who waits looks at what is under way, not at all that ever was.
    while try page([]).items.contains(where: {
      !["failed", "uncertain", "cancelled", "done"].contains($0.state)
    }) {
      guard Date() < deadline else { throw BenchError("the jobs do not end") }
      usleep(500_000)
    }
    let all = try page(["--all"]).items
    if let lost = all.first(where: { ["failed", "uncertain", "cancelled"].contains($0.state) }) {
      throw BenchError("job \(lost.id) is \(lost.state): \(lost.reason ?? "")")
    }
    guard all.count(where: { $0.state == "done" }) >= jobs else { throw BenchError("not every job is done") }
  }

  func finishPrinters() throws -> [VirtualPrinter.Report] { try printers.map { try $0.finish() } }

  /// Ends all of it; `kills` where the supervisor would not end by itself.
  func close(kills: Bool = false) {
    if kills { kill(supervisor.pid, SIGKILL) } else { supervisor.terminate() }
    _ = supervisor.wait()
    for pid in DriverProcesses.children() {
      kill(pid, SIGTERM)
      _ = ChildProcess(pid: pid).wait()
    }
    for printer in printers { _ = try? printer.finish() }
    folder.remove()
  }
}
