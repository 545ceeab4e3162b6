import Foundation
import SimulatedLink

/// Measures Fabline beside a peer in the same run: machines are noisy, ratios are not.
let usage = """
  usage: fabline-bench print [--lines N] [--runs N]   fabline print beside a C ping-pong sender, unpaced
         fabline-bench memory [--megabytes N]         the driver's private memory, a 1 MB and a large file
         fabline-bench supervisor [--minutes N]       the supervisor's private memory with 8 printers
         fabline-bench eight [--lines N]              eight printers at 250000 baud under one supervisor
         fabline-bench campaign [--prints N] [--seed S] [--dialect D] [--window W] [--faults SPEC]
                                [--print-seed X [--trace] | --latency]   whole prints over a noisy link in virtual time
         fabline-bench stream [--only HOST,...] [--parts P,...] [--lines N] [--runs N]
                                hosts fabline, fabline1, c, printcore, octoprint in one table;
                                parts unpaced, 115200, 250000, busy, faults, stop
         fabline-bench allocations --library count.so  the driver's allocations a line (.ci/allocations builds it)
         fabline-bench instructions                    instructions a line, driver and C sender, by callgrind
         fabline-bench pingpong PORT FILE             the C sender alone
  """

func campaign(_ arguments: Arguments) throws {
  var choice = CampaignChoice()
  choice.dialect = arguments.text("--dialect")
  choice.window = arguments.text("--window").flatMap { Int($0) }
  if let faults = arguments.text("--faults") { try choice.setFaults(faults) }
  if let seed = arguments.text("--print-seed").flatMap({ UInt64($0) }) {
    try Campaign.replay(seed: seed, choice: choice, traces: arguments.has("--trace"))
  } else if arguments.has("--latency") {
    let seed = arguments.text("--seed").flatMap { UInt64($0) } ?? 1
    try Latency(prints: arguments.number("--prints", 300), seed: seed, choice: choice).run()
  } else {
    let seed = arguments.text("--seed").flatMap { UInt64($0) } ?? 1
    try Campaign(prints: arguments.number("--prints", 20_000), seed: seed, choice: choice).run()
  }
}

func stream(_ arguments: Arguments) async throws {
  let all: [(String, any StreamHost)] = [
    ("fabline", FablineHost(name: "fabline", arguments: ["--dialect", "marlin"])),
    (
      "fabline1", FablineHost(name: "fabline, window 1", arguments: ["--dialect", "marlin", "--window", "1"])
    ),
    ("c", CHost()), ("printcore", PrintcoreHost()),
    ("octoprint", OctoPrintHost()),
  ]
  let wanted = arguments.list("--only")
  if let stranger = wanted.first(where: { name in !all.contains { $0.0 == name } }) {
    throw BenchError("no host \(stranger)")
  }
  try await StreamBench(
    lines: arguments.number("--lines", 2_000), runs: arguments.number("--runs", 3),
    hosts: all.filter { wanted.isEmpty || wanted.contains($0.0) }.map(\.1), parts: arguments.list("--parts")
  ).run()
}

var arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
do {
  switch arguments.next() {
  case "print":
    try PrintComparison(lines: arguments.number("--lines", 100_000), runs: arguments.number("--runs", 5))
      .run()
  case "memory": try DriverMemory(megabytes: arguments.number("--megabytes", 1_024)).run()
  case "supervisor": try EightPrinters(lines: 2_000, minutes: arguments.number("--minutes", 5)).watchMemory()
  case "eight": try EightPrinters(lines: arguments.number("--lines", 4_000), minutes: 0).run()
  case "campaign": try campaign(arguments)
  case "stream": try await stream(arguments)
  case "allocations":
    guard let library = arguments.text("--library") else { throw BenchError("allocations --library FILE") }
    try await Allocations(library: library).run()
  case "instructions": try await Instructions().run()
  case "pingpong": try PingPong.run(port: arguments.next(), path: arguments.next())
  default:
    print(usage)
    exit(64)
  }
} catch {
  FileHandle.standardError.write(Data("fabline-bench: \(error)\n".utf8))
  exit(1)
}
