// Measures Fabline beside a peer in the same run: machines are noisy, ratios are not.

import Foundation

let interruption = Interruption.watch()
do {
  switch try Verb.order(Array(CommandLine.arguments.dropFirst())) {
  case .help(let text): print(text, terminator: "")
  case .measure(let verb, let arguments): try await verb.run(arguments)
  }
} catch {
  FileHandle.standardError.write(Data("fabline-bench: \(error)\n".utf8))
  exit(error is UsageError ? 64 : 1)
}
