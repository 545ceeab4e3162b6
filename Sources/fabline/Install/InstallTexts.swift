/// The smaller texts of an installation.
enum InstallTexts {
  /// What fablined is started with: the file that people edit.
  static func configuration(_ layout: InstallLayout) -> String {
    let restart =
      layout.scope == .system ? "sudo systemctl restart fablined" : "systemctl --user restart fablined"
    return """
      # What fablined is started with; its settings are in \(layout.settings). `fabline install` and upgrades leave this file alone once it was edited.
      # After a change: \(restart)   (what prints goes on meanwhile)
      # A line with a # before it shows the default.

      # Options of `fablined --help`. For example: FABLINED_OPTIONS=--log-level debug
      #FABLINED_OPTIONS=

      # Queue, files and logs; a folder elsewhere has to be writable for the service (ReadWritePaths in the unit).
      #FABLINE_STATE=\(layout.state)

      # Sockets and the drivers' progress; best on a tmpfs. The command line finds another one by FABLINE_RUN too.
      #FABLINE_RUN=\(layout.run)

      # Where drivers are started, each in a unit of its own. Empty: they become children of fablined.
      #FABLINE_DRIVER_SOCKET=/run\(layout.scope == .system ? "" : "/user/UID")/fabline-drivers.sock

      """
  }

  /// The service's user may keep the machine from shutting down while something prints; logind asks polkit.
  static let polkit = """
    // Fabline keeps this machine from shutting down or sleeping while something prints.
    polkit.addRule(function (action, subject) {
      if (subject.user == "fabline" && action.id.indexOf("org.freedesktop.login1.inhibit-") == 0) {
        return polkit.Result.YES;
      }
    });

    """
}
