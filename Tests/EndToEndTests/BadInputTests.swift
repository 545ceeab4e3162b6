import Glibc
import Testing

/// Files that are refused, and what they get.
struct BadFile: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  /// What the sentence has to hold besides the file's name.
  var words: String

  /// Whether it is bad depends on the machine's limits.
  var dependsOnMachine = false

  var testDescription: String { name }

  private static let good = "G28\nG1 X10 Y10 F3000\n"

  static let all: [BadFile] = [
    BadFile(name: "empty.gcode", bytes: [], words: "empty"),
    BadFile(name: "blank.gcode", bytes: Array("\n  \n\n".utf8), words: "empty"),
    BadFile(name: "comments.gcode", bytes: Array("; only\n; words\n".utf8), words: "command"),
    BadFile(
      name: "binary.gcode", bytes: (0..<2000).map { UInt8(truncatingIfNeeded: $0 * 7) }, words: "binary"),
    BadFile(
      name: "archive.gcode", bytes: Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 7, count: 200),
      words: "ZIP"),
    BadFile(
      name: "part.gcode",
      bytes: [UInt8](repeating: 32, count: 80) + [1, 0, 0, 0] + [UInt8](repeating: 0, count: 50), words: "STL"
    ),
    BadFile(
      name: "text-stl.gcode", bytes: Array("solid part\nfacet normal 0 0 1\nouter loop\n".utf8), words: "STL"),
    BadFile(
      name: "binary-gcode.gcode", bytes: Array("GCDE".utf8) + [1, 0, 0, 0, 1, 0],
      words: "Supports binary G-code"),
    BadFile(name: "packed.gcode", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3], words: "gzip"),
    BadFile(name: "nul.gcode", bytes: Array((good + "G1 X\0 Y5\n").utf8), words: "line 3"),
    BadFile(
      name: "long.gcode", bytes: Array((good + "G1 X" + String(repeating: "1", count: 400) + "\n").utf8),
      words: "line 3"),
    BadFile(name: "numbered.gcode", bytes: Array((good + "N5 G1 X5 F600\n").utf8), words: "line 3"),
    BadFile(name: "checksum.gcode", bytes: Array((good + "G1 X5 F600*81\n").utf8), words: "line 3"),
    BadFile(
      name: "hot.gcode", bytes: Array(("M104 S400\n" + good).utf8), words: "line 1",
      dependsOnMachine: true),
  ]
}

extension EndToEndDirect {
  @Suite struct BadInput {
    @Test(arguments: BadFile.all)
    func printRefusesIt(_ bad: BadFile) async throws {
      try await Sandbox.with { sandbox in
        let ended = try await sandbox.fabline(
          "print", sandbox.file(bad.name, bad.bytes), "--port", "/nowhere")
        #expect(ended.status == 65, "\(ended)")
        #expect(ended.error.contains(bad.name) && ended.error.contains(bad.words), "\(ended)")
      }
    }

    @Test func submitRefusesThemAndStoresNothing() async throws {
      try await Sandbox.with { sandbox in
        let daemon = try await Daemon.start(sandbox)
        for bad in BadFile.all where !bad.dependsOnMachine {
          let ended = try await sandbox.fabline("submit", sandbox.file(bad.name, bad.bytes))
          #expect(ended.status == 65, "\(bad.name): \(ended)")
          #expect(ended.error.contains(bad.name) && ended.error.contains(bad.words), "\(bad.name): \(ended)")
        }
        #expect(try await sandbox.fabline("jobs").out == "no jobs\n")
        #expect(try await sandbox.fabline("files").out == "no files\n")
        _ = daemon
      }
    }

    @Test(arguments: ["print", "submit"])
    func whatIsNoFileIsRefused(_ verb: String) async throws {
      try await Sandbox.with { sandbox in
        let rest = verb == "print" ? ["--port", "/nowhere"] : []
        let fifo = sandbox.folder + "/pipe.gcode"
        try #require(mkfifo(fifo, 0o600) == 0)
        for (path, words) in [
          (sandbox.folder, "a folder"), (fifo, "a pipe"), ("/dev/null", "a device"),
          (sandbox.folder + "/none.gcode", "there is no file"),
        ] {
          let ended = try await sandbox.start("fabline", [verb, path] + rest).end()
          #expect(ended.status == 66, "\(path): \(ended)")
          #expect(ended.error.contains(words) && ended.error.contains(path), "\(path): \(ended)")
          #expect(ended.error.split(separator: "\n").count == 1, "\(ended.error)")
        }
      }
    }

    @Test func fiveProblemsAreShownAndTheRestCounted() async throws {
      try await Sandbox.with { sandbox in
        var text = "G28\n"
        for _ in 0..<9 { text += "G1 X" + String(repeating: "1", count: 400) + "\n" }
        let ended = try await sandbox.fabline(
          "print", sandbox.file("long.gcode", Array(text.utf8)), "--port", "/x")
        #expect(ended.status == 65)
        #expect(ended.error.contains("9 problems") && ended.error.contains("and 4 more problems"), "\(ended)")
      }
    }
  }
}
