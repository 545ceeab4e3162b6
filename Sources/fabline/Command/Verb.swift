import ArgumentParser

/// A verb of the command line: parsed by ArgumentParser, carried out by `perform`.
protocol Verb: AsyncParsableCommand {
  /// The options that every verb takes.
  var common: CommonOptions { get }
  /// Does what the verb says; throws `Failure` for every end that is not success.
  func perform(_ context: Context) async throws
}

extension Verb {
  mutating func run() async throws {
    try await perform(Context(common))
  }
}

/// What a verb works with: where to write, where the sockets are.
struct Context: Sendable {
  /// Where answers go.
  let output: Output
  /// The folder with the sockets.
  let runFolder: RunFolder

  init(_ options: CommonOptions) {
    output = Output(json: options.json)
    runFolder = RunFolder(option: options.run)
  }

  init(output: Output, runFolder: RunFolder) {
    self.output = output
    self.runFolder = runFolder
  }

  /// Opens the way to the supervisor for the time of `body`; closes it whatever happens.
  func withSupervisor<Result: Sendable>(
    _ body: (SupervisorAPI) async throws -> Result
  ) async throws -> Result {
    try await APIClient.with(socket: runFolder.supervisorSocket) { client in
      try await body(SupervisorAPI(client: client))
    }
  }
}
