extension Verb {
  /// Issue 5, proof 3: prints do not feel the API's clients.
  static let load = Verb(
    name: "load",
    summary: "What eight prints feel of requests and event streams, against a supervisor in peace.",
    options: [
      BenchOption("--pairs", "N", "pairs of runs that count, after one to warm up [5]"),
      BenchOption("--seconds", "N", "how long a run is [60]"),
      BenchOption("--rate", "N", "requests a second [200]"),
      BenchOption("--streams", "N", "event streams [50]"),
    ]
  ) { arguments in
    try LoadComparison(
      pairs: arguments.number("--pairs", 5), seconds: arguments.number("--seconds", 60),
      rate: arguments.number("--rate", 200), streams: arguments.number("--streams", 50)
    ).run()
  }

  /// Issue 5, proof 5: the API beside another host's.
  static let api = Verb(
    name: "api",
    summary: "Requests a second and latency of the API beside OctoPrint's; needs pip.",
    options: [
      BenchOption("--runs", "N", "measurements of which the median counts [5]"),
      BenchOption("--seconds", "N", "how long each is [5]"),
      BenchOption("--connections", "N", "connections at once [4]"),
      BenchOption("--only", "HOSTS", "comma list of fabline, octoprint"),
    ]
  ) { arguments in
    try APIComparison(
      runs: arguments.number("--runs", 5), seconds: arguments.number("--seconds", 5),
      connections: arguments.number("--connections", 4), only: arguments.list("--only")
    ).run()
  }
}
