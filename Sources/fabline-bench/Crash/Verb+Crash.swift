import Foundation

extension Verb {
  /// Proof 1: whatever dies, no job is lost and none is started twice.
  static let crash = Verb(
    name: "crash",
    summary: "Supervisor, drivers and printers are killed, stopped, unplugged, filled up, at random; judged.",
    options: [
      BenchOption("--rounds", "N", "how many [300]"),
      BenchOption("--seed", "SEED", "of the campaign [1]"),
      BenchOption("--round-seed", "SEED", "one round's choices again and again"),
      BenchOption(
        "--clock-library", "FILE", "Tests/Clock/clock.c as a library, for jumps of the time of day"),
      BenchOption("--host", "FOLDER", "where fablined and fabline are [beside the bench]"),
      BenchOption("--verbose", nil, "what was done in each round"),
    ]
  ) { arguments in
    try await CrashCampaign(
      rounds: arguments.number("--rounds", 300), seed: arguments.seed("--seed") ?? 1,
      roundSeed: arguments.seed("--round-seed"), isTalkative: arguments.has("--verbose"),
      clockLibrary: try existing(arguments.text("--clock-library")),
      host: try existing(arguments.text("--host"))
    ).run()
  }

  /// Proof 2: a print does not feel its supervisor's death.
  static let killed = Verb(
    name: "killed",
    summary: "Latency at 250000 baud while the supervisor is killed in a loop, against one in peace.",
    options: [
      BenchOption("--pairs", "N", "pairs of prints [5]"),
      BenchOption("--lines", "N", "segments of each print [5000]"),
      BenchOption("--host", "FOLDER", "where fablined is [beside the bench]"),
    ]
  ) { arguments in
    try SupervisorKills(
      pairs: arguments.number("--pairs", 5), lines: arguments.number("--lines", 5_000),
      host: try existing(arguments.text("--host"))
    ).run()
  }

  /// A path that a program in another folder understands as well.
  private static func existing(_ path: String?) throws -> String? {
    guard let path else { return nil }
    let url = URL(fileURLWithPath: path)
    guard FileManager.default.fileExists(atPath: url.path) else { throw UsageError("there is no \(path)") }
    return url.path
  }
}
