// Measures Fabline beside a peer in the same run: machines are noisy, ratios are not.

import Foundation

/// Says what is wrong and ends with the code for it.
func end(_ error: any Error) -> Never {
  FileHandle.standardError.write(Data("fabline-bench: \(error)\n".utf8))
  exit(error is UsageError ? 64 : 1)
}

// The C sender is measured alone in its process: no task, no signal watch, no thread beside it.
if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "pingpong" {
  do { try PingPong.run(port: CommandLine.arguments[2], path: CommandLine.arguments[3]) } catch { end(error) }
  exit(0)
}

let interruption = Interruption.watch()
do {
  switch try Verb.order(Array(CommandLine.arguments.dropFirst())) {
  case .help(let text): print(text, terminator: "")
  case .measure(let verb, let arguments): try await verb.run(arguments)
  }
} catch {
  end(error)
}
