import ArgumentParser

struct BackUp: Verb {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copies the supervisor's database while it runs, consistent at one moment.")

  @Argument(help: "Where to; seen by the supervisor.", completion: .file()) var path: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let absolute = RunFolder.absolute(path)
    let copy = try await context.withSupervisor { try await $0.backup(absolute) }
    try context.output.answer(copy) { output in
      output.say(
        "the database is in \(copy.path); to it belong \(NumberText.count(Int64(copy.files.count), "stored file"))"
      )
      for file in copy.files { output.say("  " + TextWidth.harmless(file)) }
    }
  }
}

struct Completions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the completion script for a shell.",
    discussion: """
      bash:  fabline completions bash > ~/.local/share/bash-completion/completions/fabline
      zsh:   fabline completions zsh > "${fpath[1]}/_fabline"
      fish:  fabline completions fish > ~/.config/fish/completions/fabline.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  @Argument(help: "The shell.") var shell: Shell

  func run() throws { print(shell.script) }
}

extension Completions.Shell {
  /// The shell's script.
  var script: String {
    let kind: CompletionShell =
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    return Fabline.completionScript(for: kind)
  }
}
