import ArgumentParser
import FoundationEssentials
import Testing

@testable import fabline

/// The help of each verb is a snapshot: what stands there stands in people's scripts and in the README.
///
/// `FABLINE_RECORD=1 swift test --filter HelpTests` writes them anew; the difference is to be read before it is committed.
@Suite struct HelpTests {
  private static let groups = Fabline.configuration.groupedSubcommands.flatMap(\.subcommands)
  private static let machine = Machine.configuration.subcommands

  private static let profile = MachineProfile.configuration.subcommands

  private static func name(_ verb: any ParsableCommand.Type) -> String {
    verb.configuration.commandName ?? "\(verb)".lowercased()
  }

  /// What to type for each, with the file's name and the help.
  static let helps: [(name: String, text: String)] =
    [("fabline", Fabline.helpMessage(columns: 80))]
    + groups.map { (name($0), Fabline.helpMessage(for: $0, columns: 80)) }
    + machine.map { ("machine-" + name($0), Fabline.helpMessage(for: $0, columns: 80)) }
    + profile.map { ("machine-profile-" + name($0), Fabline.helpMessage(for: $0, columns: 80)) }
    + User.configuration.subcommands.map { ("user-" + name($0), Fabline.helpMessage(for: $0, columns: 80)) }
    + Token.configuration.subcommands.map {
      ("token-" + name($0), Fabline.helpMessage(for: $0, columns: 80))
    }

  private static let folder: String = {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/Fixtures/help"
  }()

  @Test func everyVerbOfTheManualIsThere() {
    let names = Set(Self.groups.map(Self.name))
    let wanted: Set = [
      "demo", "print", "attach", "submit", "jobs", "files", "show", "why", "cancel", "pause", "resume",
      "hold",
      "release", "retry", "recover", "reorder", "machine", "ready", "status", "answer", "heat", "cool",
      "home", "jog",
      "tune",
      "load", "unload", "run", "send", "console", "connect", "disconnect", "reset", "stop", "estop", "logs",
      "doctor",
      "backup",
      "ports", "completions", "diagnose", "start", "frame", "zero", "unlock", "drain", "install",
      "uninstall", "login", "logout", "user", "token", "audit",
    ]
    #expect(names == wanted)
    #expect(
      Set(Self.machine.map(Self.name)) == [
        "list", "add", "set", "remove", "disable", "enable", "measure", "profile", "home-cycle", "identify",
        "udev",
      ])
    #expect(Set(Self.profile.map(Self.name)) == ["list", "export", "import"])
  }

  @Test(arguments: helps.map(\.name))
  func theHelpIsTheSnapshot(_ name: String) throws {
    let text = try #require(Self.helps.first { $0.name == name }?.text) + "\n"
    let path = Self.folder + "/" + name + ".txt"
    if RunFolder.environment("FABLINE_RECORD") != nil {
      try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    let bytes = FileManager.default.contents(atPath: path) ?? Data()
    #expect(String(decoding: bytes, as: UTF8.self) == text, "the help of \(name) changed: record it again?")
  }

  @Test func everyVerbTakesJSON() {
    for (name, text) in Self.helps
    where !["fabline", "machine", "machine-profile", "completions", "user", "token"].contains(name) {
      #expect(text.contains("--json"), "\(name)")
    }
  }

  @Test func completionsKnowTheVerbs() {
    for shell in [CompletionShell.bash, .zsh, .fish] {
      let script = Fabline.completionScript(for: shell)
      for verb in ["demo", "submit", "estop"] { #expect(script.contains(verb), "\(verb)") }
    }
  }
}
