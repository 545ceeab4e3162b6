import CanonicalFile
import Foundation

/// `fabline print` beside the C ping-pong sender on the same unpaced virtual printer, in turns.
///
/// Both send one line and wait for its `ok`; the figures are lines/s and processor seconds per 1,000 lines, and their
/// ratios pair by pair. A run whose firmware did not execute the file makes the whole comparison fail.
struct PrintComparison {
  var lines: Int
  var runs: Int

  private struct Run {
    var linesPerSecond: Double
    /// Processor seconds per 1,000 lines of the process that owns the port.
    var cpu: Double
    /// The same for the command line beside it, where there is one.
    var otherCPU = 0.0
  }

  func run() throws {
    ChildProcess.becomeSubreaper()
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = folder.file("moves.gcode")
    try SampleFile.write(to: file, lines: lines)
    let expected = try hash(of: file)
    var ours: [Run] = []
    var theirs: [Run] = []
    for turn in 0...runs {
      let peer = try measure(in: folder, file: file, expected: expected, pingPong(folder))
      let own = try measure(in: folder, file: file, expected: expected, fablinePrint(folder))
      guard turn > 0 else { continue }  // the first pair warms up
      theirs.append(peer)
      ours.append(own)
      show("run \(turn)", own, peer)
    }
    let speeds = zip(ours, theirs).map { $0.linesPerSecond / $1.linesPerSecond }
    let costs = zip(ours, theirs).map { $0.cpu / $1.cpu }
    print(
      "lines/s, median:            fabline \(number(median(ours.map(\.linesPerSecond)))), C \(number(median(theirs.map(\.linesPerSecond)))), ratio \(number(median(speeds), 2))"
    )
    print(
      "CPU ms/1,000 lines, median: driver \(number(median(ours.map(\.cpu)) * 1_000, 2)), C \(number(median(theirs.map(\.cpu)) * 1_000, 2)), ratio \(number(median(costs), 2))"
    )
    print("command line beside the driver: \(number(median(ours.map(\.otherCPU)) * 1_000, 2)) ms/1,000 lines")
  }

  private func measure(
    in folder: ScratchFolder, file: String, expected: String, _ send: (String, String) throws -> Run
  ) throws -> Run {
    let printer = try VirtualPrinter(
      in: folder, name: "port", arguments: ["--time-factor", "max", "--no-pacing"])
    let run: Run
    do {
      run = try send(file, printer.port)
    } catch {
      _ = try? printer.finish()
      throw error
    }
    let report = try printer.finish()
    guard report.hash == expected else { throw BenchError("the firmware did not execute the file") }
    return run
  }

  private func pingPong(_ folder: ScratchFolder) -> (String, String) throws -> Run {
    struct Figures: Decodable {
      var lines: Double
      var seconds: Double
    }
    return { file, port in
      let output = folder.file("pingpong.json")
      let child = try ChildProcess.start(
        Programs.path("fabline-bench"), ["pingpong", port, file], output: output)
      let usage = child.wait()
      guard usage.exitCode == 0 else { throw BenchError("the C sender ended with \(usage.exitCode)") }
      let figures = try JSONDecoder().decode(
        Figures.self, from: Data(contentsOf: URL(fileURLWithPath: output)))
      return Run(
        linesPerSecond: figures.lines / figures.seconds, cpu: usage.cpuSeconds / figures.lines * 1_000)
    }
  }

  private func fablinePrint(_ folder: ScratchFolder) -> (String, String) throws -> Run {
    struct Figures: Decodable {
      var lines: Double
      var seconds: Double
    }
    return { file, port in
      let output = folder.file("fabline.json")
      setenv("FABLINE_RUN", folder.file("run"), 1)
      let child = try ChildProcess.start(
        Programs.path("fabline"), ["print", file, "--port", port, "--json"], output: output)
      var driver = 0.0
      while !child.hasEnded {
        if let pid = DriverProcesses.find(port: port) { driver = ProcessorTime.seconds(of: pid) ?? driver }
        usleep(20_000)
      }
      let usage = child.wait()
      guard usage.exitCode == 0 else { throw BenchError("fabline print ended with \(usage.exitCode)") }
      let text = try String(contentsOfFile: output, encoding: .utf8)
      let figures = try JSONDecoder().decode(Figures.self, from: Data(LastObject.of(text).utf8))
      return Run(
        linesPerSecond: figures.lines / figures.seconds, cpu: driver / figures.lines * 1_000,
        otherCPU: (usage.cpuSeconds - driver) / figures.lines * 1_000)
    }
  }

  private func hash(of path: String) throws -> String {
    var hash = CanonicalHash()
    hash.update(try Data(contentsOf: URL(fileURLWithPath: path)))
    hash.finish()
    return hash.hex
  }

  private func show(_ name: String, _ own: Run, _ peer: Run) {
    print(
      "\(name): fabline \(number(own.linesPerSecond)) lines/s \(number(own.cpu * 1_000, 2)) ms/1,000, "
        + "C \(number(peer.linesPerSecond)) lines/s \(number(peer.cpu * 1_000, 2)) ms/1,000")
  }

  private func number(_ value: Double, _ digits: Int = 0) -> String { String(format: "%.\(digits)f", value) }
}

/// The last JSON object of an output that has one a line.
enum LastObject {
  static func of(_ text: String) -> String {
    guard let start = text.range(of: "\n{", options: .backwards) else { return text }
    return String(text[text.index(after: start.lowerBound)...])
  }
}
