import Glibc

/// Where everything of an installation goes, for the whole machine or for one user.
struct InstallLayout: Equatable, Sendable {
  /// For whom.
  enum Scope: String, Sendable {
    case system, user
  }

  var scope: Scope
  /// Put before every path, as for a package that is being built; then nothing is run. Empty for this machine.
  var prefix: String
  /// The groups that udev's own rules give serial ports to: Debian's, unless this machine has others.
  var portGroups = ["dialout"]
  /// The user's own folders; of no use for the whole machine.
  var home = ""
  var configHome = ""
  var dataHome = ""

  init(scope: Scope, prefix: String = "", environment: (String) -> String? = RunFolder.environment) {
    self.scope = scope
    self.prefix = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
    func folder(_ name: String, _ usual: String) -> String {
      environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } ?? usual
    }
    home = folder("HOME", "/root")
    configHome = folder("XDG_CONFIG_HOME", home + "/.config")
    dataHome = folder("XDG_DATA_HOME", home + "/.local/share")
  }

  private func choose(_ system: String, _ user: String) -> String { scope == .system ? system : user }

  var programs: String { choose("/usr/local/bin", home + "/.local/bin") }
  /// The web page's files; `fablined` looks for them beside the folder of its programs.
  var page: String { choose("/usr/local/share", home + "/.local/share") + "/fabline/page" }
  var units: String { choose("/etc/systemd/system", configHome + "/systemd/user") }
  /// The configuration.
  var settings: String { choose("/etc/fabline", configHome + "/fabline") + "/fabline.yaml" }
  /// What the service is started with.
  var configuration: String { choose("/etc/fabline", configHome + "/fabline") + "/fablined.env" }
  var manifest: String { choose("/usr/local/lib/fabline", dataHome + "/fabline") + "/installed" }
  /// What the service keeps; made by it.
  var state: String { choose("/var/lib/fabline", home + "/.local/state/fabline") }
  /// Where its sockets are.
  var run: String { choose("/run/fabline", "/run/user/\(getuid())/fabline") }
  let udevRules = "/etc/udev/rules.d/70-fabline.rules"
  let polkitRules = "/etc/polkit-1/rules.d/60-fabline.rules"

  /// The completion script of each shell.
  func completion(_ shell: Completions.Shell) -> String {
    switch shell {
    case .bash: choose("/usr/local/share", dataHome) + "/bash-completion/completions/fabline"
    case .zsh: choose("/usr/local/share", dataHome) + "/zsh/site-functions/_fabline"
    case .fish:
      choose("/usr/local/share/fish/vendor_completions.d", configHome + "/fish/completions") + "/fabline.fish"
    }
  }

  /// The place on the disk of a path of the installation.
  func place(_ path: String) -> String { prefix + path }
}
