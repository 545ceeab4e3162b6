import APIModel
import Glibc
import Testing

extension EndToEndSurvival {
  /// A print that lost its power, host and printer alike, and goes on.
  @Suite struct Recover {
    /// Layers of long moves, so that there is something to lose.
    private static func part() -> [UInt8] {
      var lines = [
        "M140 S55", "M104 S200", "G28", "M190 S55", "M109 S200", "G90", "M82", "G92 E0", "M204 P900 T1100",
      ]
      var e = 0.0
      for layer in 1...45 {
        lines += [";LAYER_CHANGE", "G1 Z\(layer / 5).\(layer % 5 * 2) F600"]
        for move in 0..<20 {
          e += 0.05
          let text = "\(Int(e * 100 + 0.5))"
          let number = String(repeating: "0", count: max(0, 3 - text.count)) + text
          lines.append(
            "G1 X\(80 + move * 13 % 37) Y\(80 + move * 7 % 31 + layer % 3) E\(number.dropLast(2)).\(number.suffix(2)) F3000"
          )
        }
      }
      lines += ["M104 S0", "M140 S0", "M107", "G91", "G1 Z5 F600", "G90", "G1 X10 Y150 F6000", ""]
      return Array(lines.joined(separator: "\n").utf8)
    }

    @Test func aPowerCutIsGoneOnWith() async throws {
      try await Sandbox.with { sandbox in
        var printer = try await Printer.start(sandbox, speed: "30")
        var daemon = try await Daemon.start(sandbox)
        try await daemon.add(
          "ender", printer, "--holds-z", "yes", "--homes-xy", "yes", "--volume", "200x200x200")
        let part = Self.part()
        let submitted = try await sandbox.fabline(
          "submit", sandbox.file("part.gcode", part), "--machine", "ender")
        try #require(submitted.status == 0, "\(submitted)")
        try await daemon.wait(1, "well under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 120 } }
        // The pace of this printer is known where two anchors stand between whose lines nothing was waited for.
        for _ in 0..<2 { try await Self.anchor(sandbox) }
        // The power fails: nothing of it is told to anybody, and what stood in memory is gone.
        for pid in sandbox.processes("fabline-driver") + [daemon.process.pid, printer.process.pid] {
          kill(pid, SIGKILL)
        }
        _ = try await daemon.process.end()
        _ = try await printer.process.end()
        _ = try await sandbox.start("/bin/sh", ["-c", "rm -rf \(sandbox.run)/*"]).end()
        let before = printer.executed
        printer = try await Printer.start(sandbox, "port", "--cold-start", speed: "30")
        daemon = try await Daemon.start(sandbox)
        try await daemon.wait(1, "uncertain") { $0.state == .uncertain }

        let shown = try await sandbox.json(RecoveryModel.self, "recover", "1", "--show")
        try #require(shown.refusal == nil, "\(String(describing: shown.refusal))")
        let window = try #require(shown.window)
        // Honest: what the firmware had executed lies between what certainly ran and what may have.
        let commands = Parts.commands(part)
        let ran = before.count { !$0.hasPrefix("M105") && !$0.hasPrefix("M110") && !$0.hasPrefix("M115") }
        // This printer is thirty times as fast as life, so much more of the file than the record's age is in doubt.
        #expect(Self.commands(part, upTo: window.ranUpTo) <= ran, "\(window)")
        #expect(ran <= Self.commands(part, upTo: window.mayHaveRunUpTo), "\(ran) \(window)")
        #expect(window.ranUpTo > 100 && ran > 100)
        let height = try #require(shown.heights.first)
        let again = try await sandbox.fabline("recover", "1", "--start", "--plan", "0000000000000000")
        #expect(again.status == 75 && again.error.contains("look at it again"), "\(again)")

        var answers = ["--answer", "stuck=yes", "--answer", "free=yes"]
        if shown.heights.count > 1 { answers += ["--answer", "height=\(Self.text(height.z))"] }
        let hash = try #require(shown.planHash)
        let run = try await sandbox.start(
          "fabline", ["recover", "1", "--start", "--plan", hash] + answers
        ).end()
        try #require(run.status == 0, "\(run)")
        try await daemon.wait(1, "done") { $0.state == .done }
        let report = try await printer.end()
        #expect(!report.killed)
        // What the new firmware executed is the plan and the exact rest of the file, each command once.
        let place = try #require(shown.place)
        let tail = Parts.commands(Array(part[Int(place.offset)...]))
        // Waits are the driver's own as well: they are left out on both sides.
        let plan = Parts.commands(Array(shown.plan.joined(separator: "\n").utf8))
        let wanted = plan.filter { $0 != "M400" } + tail
        let executed = printer.executed
        let head = try #require(wanted.first)
        let first = try #require(executed.firstIndex(of: head))
        let own = executed[first...].filter {
          !$0.hasPrefix("M105") && !$0.hasPrefix("M400") && !$0.hasPrefix("M114")
        }
        #expect(Array(own.prefix(wanted.count)) == wanted)
        #expect(Executed.endsCold(executed))
        // Together the two prints hold the whole file: no command between them is missing.
        let resumed = commands.count - tail.count
        #expect(Executed.holds(Array(commands.prefix(resumed)), in: before + wanted) == nil)
        let history = try await sandbox.fabline("show", "1")
        #expect(history.out.contains("recovered"), "\(history)")
      }
    }

    /// Waits until the driver has written its place down once more.
    private static func anchor(_ sandbox: Sandbox) async throws {
      let journal = sandbox.state + "/drivers/ender/journal"
      func size() -> off_t {
        var node = stat()
        return stat(journal, &node) == 0 ? node.st_size : -1
      }
      let before = size()
      try #require(before > 0, "\(journal) cannot be read")
      try await Deadline.wait(for: "next anchor") { size() > before ? true : nil }
    }

    @Test func withoutTheOwnersWordThereIsNoPlanButAWayOut() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let path = sandbox.file("part.gcode", Self.part())
        _ = try await sandbox.fabline("submit", path, "--machine", "ender")
        try await daemon.wait(1, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 60 } }
        let none = try await sandbox.fabline("recover", "1", "--show")
        #expect(none.status == 75 && none.error.contains("uncertain"), "\(none)")
        // The board restarts as well: where it does not, the next driver goes on by itself.
        for pid in sandbox.processes("fabline-driver") + [printer.process.pid] { kill(pid, SIGKILL) }
        _ = try await printer.process.end()
        _ = try await Printer.start(sandbox, "port", "--cold-start", speed: "30")
        try await daemon.wait(1, "uncertain") { $0.state == .uncertain }
        let shown = try await sandbox.fabline("recover", "1", "--show")
        #expect(shown.status == 0 && shown.out.contains("--holds-z yes"), "\(shown)")
        #expect(shown.out.contains("certainly ran"), "\(shown)")
        let asked = try await sandbox.fabline("recover", "1")
        #expect(asked.status == 75, "\(asked)")
        let decided = try await sandbox.fabline("recover", "1", "--failed", "--reason", "knocked off")
        #expect(decided.status == 0, "\(decided)")
        #expect(try await daemon.job(1).state == .failed)
      }
    }

    /// How many commands the file has up to a line.
    private static func commands(_ part: [UInt8], upTo line: Int64) -> Int {
      let lines = part.split(separator: 10, omittingEmptySubsequences: false).prefix(Int(line))
      return Parts.commands(Array(lines.joined(separator: [10]))).count
    }

    private static func text(_ z: Double) -> String {
      let hundredths = Int((z * 100).rounded())
      let whole = "\(hundredths / 100)"
      let rest = hundredths % 100
      return rest == 0
        ? whole : rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
  }
}
