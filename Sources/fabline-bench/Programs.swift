import Foundation

/// Where the programs under measurement are: beside the bench itself.
enum Programs {
  static let folder: String = {
    let own =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return (own as NSString).deletingLastPathComponent
  }()

  static func path(_ name: String) -> String { folder + "/" + name }
}

/// A folder that is gone afterwards.
struct ScratchFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent("fabline-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { path + "/" + name }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// A virtual printer on a PTY, and what it says when it ends.
struct VirtualPrinter {
  let process: ChildProcess
  let port: String
  private let reportPath: String

  /// What the firmware's own record says.
  struct Report: Decodable {
    var executed: Int
    var hash: String
    var resends: Int?
    var overruns: Int?
    var underruns: Int?
    var starvedSeconds: Double?
    /// p50, p99, p99.9.
    var turnaroundMicroseconds: [Int]?
    var killedAtNanoseconds: Int64?
  }

  /// Starts one whose port is the link `name` in `folder`.
  init(in folder: ScratchFolder, name: String, arguments: [String]) throws {
    port = folder.file(name)
    reportPath = folder.file(name + ".json")
    process = try ChildProcess.start(
      Programs.path("virtual-printer"), ["--link", port, "--report", reportPath] + arguments)
    let deadline = Date().addingTimeInterval(10)
    while access(port, F_OK) != 0 {
      guard Date() < deadline else { throw BenchError("the virtual printer shows no port") }
      usleep(5_000)
    }
  }

  /// Ends it and reads its record.
  func finish() throws -> Report {
    process.terminate()
    _ = process.wait()
    return try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: reportPath)))
  }
}

/// G-code of our own making: short moves on a circle, as an arc comes out of a slicer.
enum SampleFile {
  /// Writes `lines` moves of `length` mm, each followed by `padding` bytes of comment lines; gives the file's size. A dry one
  /// neither heats nor extrudes, so that its moves begin at once.
  @discardableResult
  static func write(
    to path: String, lines: Int, length: Double = 0.2, padding: Int = 0, isDry: Bool = false
  ) throws -> Int {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw BenchError("cannot write \(path)")
    }
    guard let handle = FileHandle(forWritingAtPath: path) else { throw BenchError("cannot write \(path)") }
    defer { try? handle.close() }
    let comment =
      padding > 0
      ? String(repeating: "; " + String(repeating: "x", count: 77) + "\n", count: padding / 80) : ""
    var text = (isDry ? "" : "M109 S200\n") + "G28\nG21\nG90\nM83\nG1 Z0.2 F1200\n"
    let extrusion = isDry ? "" : " E.00665"
    var size = 0
    for index in 0..<lines {
      let angle = Double(index) * length / 20
      let x = 100 + 20 * cos(angle)
      let y = 100 + 20 * sin(angle)
      text += String(format: "G1 X%.3f Y%.3f", x, y) + "\(extrusion) F6000\n" + comment
      if text.utf8.count > 1 << 20 {
        size += text.utf8.count
        handle.write(Data(text.utf8))
        text = ""
      }
    }
    text += "M104 S0\n"
    handle.write(Data(text.utf8))
    return size + text.utf8.count
  }
}

/// The middle of some figures.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}
