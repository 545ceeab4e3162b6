import ArgumentParser
import Glibc

struct Install: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    abstract: "Installs programs, service, udev rules and completions on this machine.",
    discussion: """
      As root for the whole machine (a user fabline, units below /etc/systemd/system), else for this user. Run it again for an \
      upgrade: what prints goes on, and a configuration that was edited stays as it is.
      """)

  @OptionGroup var target: InstallTarget
  @Flag(help: "Show what would be done, and do nothing.") var dryRun = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var layout = try target.layout()
    let facts = SystemFacts.look(layout)
    if facts.runsCommands { layout.portGroups = facts.portGroups }
    let plan = InstallPlan(layout: layout, items: try InstallPlan.items(layout), facts: facts)
    try await InstallRun(context: context, dryRun: dryRun).carryOut(plan.steps)
    guard !dryRun, layout.prefix.isEmpty else { return }
    for hint in hints(layout) { context.output.say(hint) }
  }

  private func hints(_ layout: InstallLayout) -> [String] {
    guard layout.scope == .user else {
      return [
        "who may submit and look: sudo usermod -aG fabline USER, then a new login",
        "settings: \(layout.settings); next: fabline machine add NAME --port PORT",
      ]
    }
    return [
      "settings: \(layout.settings); next: fabline machine add NAME --port PORT",
      "to run before you log in, and after you log out: sudo loginctl enable-linger \(Install.user)",
      "to open ports: sudo usermod -aG dialout \(Install.user), then a new login",
    ]
  }

  private static var user: String { RunFolder.environment("USER") ?? "USER" }
}

struct Uninstall: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    abstract: "Takes away what `fabline install` put there; keeps the state.",
    discussion:
      "Refused while something prints. Files that were edited are kept, and so are queue, files and logs.")

  @OptionGroup var target: InstallTarget
  @Flag(help: "Show what would be done, and do nothing.") var dryRun = false
  @Flag(help: "Also remove the state, edited files, and the service's user.") var purge = false
  @Flag(help: "Do not ask before --purge.") var yes = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let layout = try target.layout()
    let plan = UninstallPlan(layout: layout, facts: SystemFacts.look(layout), purge: purge)
    guard !plan.isEmpty || purge else {
      throw Failure(
        code: "install.nothing",
        sentence: "nothing is installed here: \(layout.place(layout.manifest)) is missing",
        status: .noSuchFile)
    }
    if !dryRun {
      if layout.prefix.isEmpty { try await refuseWhilePrinting(layout) }
      if purge {
        try Consent.ask(
          "Remove \(layout.place(layout.state)) with the queue, all files, logs and journals?", given: yes)
      }
    }
    try await InstallRun(context: context, dryRun: dryRun).carryOut(plan.steps)
  }

  private func refuseWhilePrinting(_ layout: InstallLayout) async throws {
    let service = Context(output: Output(json: true), runFolder: RunFolder(path: layout.run))
    guard let status = try? await service.withSupervisor({ try await $0.status() }) else { return }
    let running = Drain.running(status)
    guard running == 0 else {
      throw Failure(
        code: "install.printing",
        sentence: "\(NumberText.count(Int64(running), "job")) \(running == 1 ? "is" : "are") in work: "
          + "wait with fabline drain --wait, or cancel", status: .notNow)
    }
  }
}

/// Where to, for install and uninstall.
struct InstallTarget: ParsableArguments {
  @Flag(help: "For this user only: programs in ~/.local/bin, a unit of the user's own systemd.")
  var user = false
  @Flag(help: "For the whole machine; needs root.") var system = false
  @Option(
    help: ArgumentHelp(
      "Put the files below this folder, as for a package, and run nothing.", valueName: "folder"),
    completion: .directory)
  var prefix: String?

  func validate() throws {
    if user, system { throw ValidationError("--user or --system, not both") }
  }

  /// Refuses what cannot work before anything is done.
  func layout() throws(Failure) -> InstallLayout {
    let isSystem = system || (!user && geteuid() == 0)
    let layout = InstallLayout(
      scope: isSystem ? .system : .user, prefix: prefix.map { RunFolder.absolute($0) } ?? "")
    if isSystem, layout.prefix.isEmpty, geteuid() != 0 {
      throw Failure(
        code: "install.notRoot",
        sentence: "--system needs root: sudo fabline install, or --user for yourself",
        status: .forbidden)
    }
    return layout
  }
}
