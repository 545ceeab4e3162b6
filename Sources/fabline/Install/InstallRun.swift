import DriverClient
import DriverInterface
import FoundationEssentials

/// Carries out the steps of a plan, each shown before it is done.
struct InstallRun {
  let context: Context
  let dryRun: Bool

  /// What `--json` prints.
  struct Answer: Codable {
    /// Nothing was done.
    var dryRun: Bool
    /// A line a step.
    var steps: [String]
    /// How many of them change something.
    var changes: Int
  }

  func carryOut(_ steps: [InstallStep]) async throws {
    if dryRun { context.output.say("nothing is done; without --dry-run it would be:") }
    for step in steps {
      context.output.say(TextWidth.harmless(step.line))
      guard !dryRun else { continue }
      try step.perform()
      if case .endDrivers(let folder) = step.action { await InstallRun.endDrivers(folder) }
    }
    let answer = Answer(
      dryRun: dryRun, steps: steps.map(\.line), changes: steps.filter(\.changes).count)
    try context.output.answer(answer) { output in
      if answer.changes == 0 { output.say("everything is as it should be") }
    }
  }

  /// Drivers outlive their supervisor: each that has nothing to do is told to end.
  private static func endDrivers(_ run: String) async {
    let folder = run + "/drivers"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() where name.hasSuffix(".sock") {
      guard
        let connection = try? await DriverConnection.connect(
          socketPath: folder + "/" + name, client: "fabline uninstall")
      else { continue }
      _ = try? await connection.request(.end(force: false), timeout: .seconds(20))
      connection.close()
    }
  }
}
