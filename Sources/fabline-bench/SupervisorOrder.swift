import Foundation

/// Which functions of the supervisor run while it has printers, clients and queue to look after, from `fablined` under callgrind
/// with two of them: what only its start needs is left out, and what runs for hours while nobody asks stands first. Needs
/// valgrind and binutils.
struct SupervisorOrder {
  var path: String
  /// The library that keeps the first thread alive, `Tests/FunctionOrder/stay.c`.
  var library: String

  func run() throws {
    let tools = try ScratchFolder()
    defer { tools.remove() }
    for name in ["fablined", "fabline-driver"] {
      try FileManager.default.copyItem(atPath: Programs.path(name), toPath: tools.file(name))
    }
    let program = tools.file("fablined")
    // Valgrind does not bear the debug information of some C targets; the symbols stay.
    try Self.tool("/usr/bin/strip", "--strip-debug", program)
    let output = tools.file("callgrind")
    let shop = try Shop(
      count: 2,
      program: [
        // With these words fablined does not start itself once more, which valgrind would not follow.
        "/usr/bin/env", "LD_PRELOAD=\(library)",
        "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0", "/usr/bin/valgrind", "--quiet",
        "--tool=callgrind",
        "--demangle=no", "--callgrind-out-file=\(output)", program,
      ], patience: 300)
    defer { shop.close(kills: true) }
    let file = shop.folder.file("moves.gcode")
    try SampleFile.write(to: file, lines: 1_000, length: 1)
    try print(file, in: shop, soFar: 0)
    let quiet = try alone(shop, output)
    try print(file, in: shop, soFar: 2)
    try Self.tool("/usr/bin/callgrind_control", "-d", "\(shop.supervisor.pid)")
    let all = ExecutedFunctions(program: "fablined", callgrind: try Self.whole(output + ".2"))
    guard !quiet.names.isEmpty, !all.names.isEmpty else {
      throw BenchError("callgrind saw no function of the supervisor")
    }
    let list = all.union(quiet).list(first: quiet.names)
    try list.write(toFile: path, atomically: true, encoding: .utf8)
    Swift.print(
      "\(quiet.names.count) functions ran while nobody asked, \(all.names.count) besides or again: \(path)")
  }

  /// What runs while printers print and nobody asks, the tidying of each half minute included.
  private func alone(_ shop: Shop, _ output: String) throws -> ExecutedFunctions {
    let file = shop.folder.file("long.gcode")
    try SampleFile.write(to: file, lines: 7_000, length: 1)
    for name in shop.names { try shop.fabline(["submit", file, "--machine", name]) }
    // Until the prints are under way and the clients' connections are gone.
    sleep(15)
    try Self.tool("/usr/bin/callgrind_control", "-z", "\(shop.supervisor.pid)")
    sleep(35)
    try Self.tool("/usr/bin/callgrind_control", "-d", "\(shop.supervisor.pid)")
    let executed = ExecutedFunctions(program: "fablined", callgrind: try Self.whole(output + ".1"))
    try shop.waitUntilDone(jobs: 2 * shop.names.count, deadline: Date().addingTimeInterval(600))
    for name in shop.names { try shop.fabline(["ready", name]) }
    return executed
  }

  /// One print on each machine, watched as a person does.
  private func print(_ file: String, in shop: Shop, soFar rounds: Int) throws {
    for name in shop.names { try shop.fabline(["submit", file, "--machine", name]) }
    try shop.fabline(["status"])
    try shop.fabline(["files"])
    try shop.waitUntilDone(
      jobs: (rounds + 1) * shop.names.count, deadline: Date().addingTimeInterval(600))
    for name in shop.names { try shop.fabline(["ready", name]) }
  }

  private static func tool(_ program: String, _ arguments: String...) throws {
    guard try ChildProcess.start(program, arguments).wait().exitCode == 0 else {
      throw BenchError("\(program) \(arguments.joined(separator: " ")) failed")
    }
  }

  /// What callgrind writes at its next look: whole as soon as its last line, the totals, is there.
  private static func whole(_ path: String) throws -> String {
    let deadline = Date().addingTimeInterval(60)
    while Date() < deadline {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), text.contains("\ntotals:") {
        return text
      }
      usleep(200_000)
    }
    throw BenchError("callgrind writes nothing to \(path)")
  }
}
