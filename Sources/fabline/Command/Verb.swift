import ArgumentParser

/// A verb of the command line: parsed by ArgumentParser, carried out by `perform`.
protocol Verb: AsyncParsableCommand {
  /// The options that every verb takes.
  var common: CommonOptions { get }
  /// Whether it acts on this machine alone, and takes no `--host`.
  static var isLocal: Bool { get }
  /// Does what the verb says; throws `Failure` for every end that is not success.
  func perform(_ context: Context) async throws
}

extension Verb {
  static var isLocal: Bool { false }

  mutating func run() async throws {
    if Self.isLocal, common.host != nil {
      throw Failure.usage("this acts on the machine that it runs on, and takes no --host: run it there")
    }
    try await perform(Context(common, isLocal: Self.isLocal))
  }
}

/// What a verb works with: where to write, where the sockets are.
struct Context: Sendable {
  /// Where answers go.
  let output: Output
  /// The folder with the sockets.
  let runFolder: RunFolder
  /// How another machine's supervisor is found; nil where only this machine's is meant.
  private var remote: RemoteContext?

  /// `isLocal`: whatever `FABLINE_HOST` says, this machine is meant.
  init(_ options: CommonOptions, isLocal: Bool = false) {
    remote = isLocal ? nil : RemoteContext(options: options)
    output = Output(json: options.json)
    runFolder = RunFolder(option: options.run)
  }

  init(output: Output, runFolder: RunFolder) {
    self.output = output
    self.runFolder = runFolder
  }

  /// The other machine that is meant; nil for this one.
  func remoteAddress() throws(Failure) -> HostAddress? { try remote?.address() }

  /// Opens the way to the supervisor for the time of `body`; closes it whatever happens.
  func withSupervisor<Result: Sendable>(
    _ body: (SupervisorAPI) async throws -> Result
  ) async throws -> Result {
    if let remote, let address = try remote.address() {
      return try await APIClient.with(try await remote.host(address)) { client in
        try await body(SupervisorAPI(client: client))
      }
    }
    return try await APIClient.with(socket: runFolder.supervisorSocket) { client in
      try await body(SupervisorAPI(client: client))
    }
  }
}
