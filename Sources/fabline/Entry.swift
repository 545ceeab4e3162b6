import ArgumentParser
import Glibc

/// From the arguments to the exit code.
enum Entry {
  /// Parses and carries out; only here an exit code is picked.
  static func run() async {
    var json = CommandLine.arguments.contains("--json")
    do {
      var command = try await Fabline.asyncParseAsRoot()
      if let verb = command as? any Verb { json = verb.common.json }
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      Output.report(failure, json: json)
      exit(failure.status.rawValue)
    } catch is CancellationError {
      exit(SysExit.cancelled.rawValue)
    } catch {
      if json, Fabline.exitCode(for: error) == .validationFailure {
        Output.report(.usage(Fabline.message(for: error)), json: true)
        exit(SysExit.usage.rawValue)
      }
      Fabline.exit(withError: error)
    }
  }
}
