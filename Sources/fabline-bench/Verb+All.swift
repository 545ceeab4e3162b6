import SimulatedLink

extension Verb {
  /// Every measurement, as the overview lists them.
  static let all: [Verb] = [
    crash, killed, load, api,
    Verb(
      name: "print", summary: "fabline print beside a C ping-pong sender, unpaced.",
      options: [
        BenchOption("--lines", "N", "moves of the file [100000]"),
        BenchOption("--runs", "N", "pairs of prints [5]"),
      ]
    ) { arguments in
      try PrintComparison(
        lines: arguments.number("--lines", 100_000), runs: arguments.number("--runs", 5)
      ).run()
    },
    Verb(
      name: "memory", summary: "The driver's private memory, a 1 MB and a large file.",
      options: [BenchOption("--megabytes", "N", "size of the large file [1024]")]
    ) { arguments in
      try DriverMemory(megabytes: arguments.number("--megabytes", 1_024)).run()
    },
    Verb(
      name: "supervisor", summary: "The supervisor's private memory with 8 printers.",
      options: [
        BenchOption("--minutes", "N", "how long it is watched [5]"),
        BenchOption("--time-factor", "N", "how much faster than life the printers are [1]"),
        BenchOption("--mappings", nil, "where it is, mapping by mapping"),
      ]
    ) { arguments in
      try EightPrinters(
        lines: 2_000, minutes: arguments.number("--minutes", 5),
        timeFactor: arguments.number("--time-factor", 1), showsMappings: arguments.has("--mappings")
      ).watchMemory()
    },
    Verb(
      name: "eight", summary: "Eight printers at 250000 baud under one supervisor, all intact.",
      options: [BenchOption("--lines", "N", "moves of each print [4000]")]
    ) { arguments in
      try EightPrinters(lines: arguments.number("--lines", 4_000), minutes: 0).run()
    },
    Verb(
      name: "campaign", summary: "Whole prints over a noisy link in virtual time, each judged.",
      options: [
        BenchOption("--prints", "N", "how many [20000; with --latency 300 a cell]"),
        BenchOption("--seed", "SEED", "of the campaign [1]"),
        BenchOption("--dialect", "NAME", "only this firmware"),
        BenchOption("--window", "LINES", "lines in flight; 0: as many as certainly fit"),
        BenchOption("--faults", "LIST", "these faults in every print, as virtual-printer takes them"),
        BenchOption("--print-seed", "SEED", "one print again"),
        BenchOption("--trace", nil, "with everything that went over its wire"),
        BenchOption("--latency", nil, "what one lost ok and one damaged line end cost"),
      ], run: campaign),
    Verb(
      name: "stream", summary: "Print hosts beside each other in one table; needs pip and an hour.",
      options: [
        BenchOption(
          "--only", "HOSTS", "comma list of fabline, fabline1, measured, realtime, c, printcore, octoprint"),
        BenchOption("--parts", "PARTS", "comma list of unpaced, 115200, 250000, wire, busy, faults, stop"),
        BenchOption("--lines", "N", "moves of a paced print [2000]"),
        BenchOption("--runs", "N", "prints of which the median counts [3]"),
      ], run: stream),
    Verb(
      name: "allocations", summary: "The driver's allocations a line (.ci/allocations builds the counter).",
      options: [BenchOption("--library", "FILE", "the counter, preloaded into the driver")]
    ) { arguments in
      guard let library = arguments.text("--library") else {
        throw UsageError("allocations wants --library FILE")
      }
      try await Allocations(library: library).run()
    },
    Verb(
      name: "instructions", summary: "Instructions a line, driver and C sender, by callgrind."
    ) { _ in
      try await Instructions().run()
    },
    Verb(
      name: "order", summary: "Writes which functions of the driver a print runs through, for the linker.",
      words: ["FILE"],
      options: [
        BenchOption("--supervisor", "LIBRARY", "of the supervisor instead; Tests/FunctionOrder/stay.c built")
      ]
    ) { arguments in
      if let library = arguments.text("--supervisor") {
        try SupervisorOrder(path: arguments.words[0], library: library).run()
      } else {
        try FunctionOrder(path: arguments.words[0]).run()
      }
    },
    Verb(name: "pingpong", summary: "The C sender alone.", words: ["PORT", "FILE"]) { arguments in
      try PingPong.run(port: arguments.words[0], path: arguments.words[1])
    },
  ]

  @Sendable private static func campaign(_ arguments: Arguments) throws {
    var choice = CampaignChoice()
    if let name = arguments.text("--dialect") {
      guard Pairing.all.contains(where: { $0.name == name }) else {
        let names = Pairing.all.map(\.name).joined(separator: ", ")
        throw UsageError("--dialect is one of \(names), not \(name)")
      }
      choice.dialect = name
    }
    if let text = arguments.text("--window") {
      guard let window = Int(text), window >= 0 else {
        throw UsageError("--window wants a whole number, not \(text)")
      }
      choice.window = window
    }
    if let faults = arguments.text("--faults") {
      do { try choice.setFaults(faults) } catch { throw UsageError("--faults: cannot read \(error.item)") }
    }
    let seed = arguments.seed("--seed") ?? 1
    if let print = arguments.seed("--print-seed") {
      try Campaign.replay(seed: print, choice: choice, traces: arguments.has("--trace"))
    } else if arguments.has("--latency") {
      try Latency(prints: arguments.number("--prints", 300), seed: seed, choice: choice).run()
    } else {
      try Campaign(prints: arguments.number("--prints", 20_000), seed: seed, choice: choice).run()
    }
  }

  @Sendable private static func stream(_ arguments: Arguments) async throws {
    let all: [(String, any StreamHost)] = [
      ("fabline", FablineHost(name: "fabline", arguments: ["--dialect", "marlin"])),
      (
        "fabline1",
        FablineHost(name: "fabline, window 1", arguments: ["--dialect", "marlin", "--window", "1"])
      ),
      (
        "measured",
        FablineHost(
          name: "fabline, measured",
          arguments: ["--dialect", "marlin", "--receive-buffer", "128", "--queue-lines", "4"])
      ),
      (
        "realtime",
        FablineHost(name: "fabline, real-time", arguments: ["--dialect", "marlin", "--realtime", "20"])
      ),
      ("c", CHost()), ("printcore", PrintcoreHost()), ("octoprint", OctoPrintHost()),
    ]
    let wanted = arguments.list("--only")
    if let stranger = wanted.first(where: { name in !all.contains { $0.0 == name } }) {
      throw UsageError("there is no host \(stranger)")
    }
    let parts = arguments.list("--parts")
    if let stranger = parts.first(where: { name in !StreamBench.situations.contains { $0.part == name } }) {
      throw UsageError("there is no part \(stranger)")
    }
    try await StreamBench(
      lines: arguments.number("--lines", 2_000), runs: arguments.number("--runs", 3),
      hosts: all.filter { wanted.isEmpty || wanted.contains($0.0) }.map(\.1), parts: parts
    ).run()
  }
}
