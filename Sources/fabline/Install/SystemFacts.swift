import Glibc

/// What of the system an installation has to know, and the commands that go with it.
struct SystemFacts: Sendable {
  /// With a prefix files are put in place, and nothing is run.
  var runsCommands: Bool
  var hasUser: Bool
  var hasGroup: Bool
  /// Groups that udev's rules give serial ports to, of those that exist.
  var portGroups: [String]
  var hasSystemd: Bool
  var hasUdev: Bool
  var isActive: Bool

  /// Looks at this machine.
  static func look(_ layout: InstallLayout) -> SystemFacts {
    let isHere = layout.prefix.isEmpty
    return SystemFacts(
      runsCommands: isHere, hasUser: getpwnam("fabline") != nil, hasGroup: getgrnam("fabline") != nil,
      portGroups: ["dialout", "uucp"].filter { getgrnam($0) != nil },
      hasSystemd: isHere && access("/run/systemd/system", F_OK) == 0,
      hasUdev: isHere && SystemCommand.exists("udevadm") && access("/run/udev", F_OK) == 0,
      isActive: isHere && access(layout.run + "/api.sock", F_OK) == 0)
  }

  private func run(_ words: [String], isNeeded: Bool = true) -> InstallStep {
    InstallStep(.run(words, isNeeded: isNeeded), "run", words.joined(separator: " "))
  }

  private func manager(_ layout: InstallLayout) -> [String] {
    layout.scope == .system ? ["systemctl"] : ["systemctl", "--user"]
  }

  /// The user and the group that the service runs as.
  func userSteps(_ layout: InstallLayout) -> [InstallStep] {
    guard layout.scope == .system else { return [] }
    var steps: [InstallStep] = []
    if !hasGroup { steps.append(run(["groupadd", "--system", "fabline"])) }
    if !hasUser {
      let groups = portGroups.isEmpty ? [] : ["--groups", portGroups.joined(separator: ",")]
      steps.append(
        run(
          ["useradd", "--system", "--gid", "fabline"] + groups + [
            "--home-dir", layout.state, "--no-create-home", "--shell", "/usr/sbin/nologin", "fabline",
          ]))
    }
    return steps.isEmpty ? [InstallStep(.nothing, "same", "user and group fabline")] : steps
  }

  /// What makes the files effective.
  func serviceSteps(_ layout: InstallLayout, hasChanged: Bool) -> [InstallStep] {
    guard runsCommands else {
      return [
        InstallStep(.nothing, "skip", "user, group and systemctl: files were put below \(layout.prefix)")
      ]
    }
    guard hasChanged || !isActive else { return [] }
    var steps: [InstallStep] = []
    if hasUdev, layout.scope == .system {
      steps.append(run(["udevadm", "control", "--reload"], isNeeded: false))
      steps.append(
        run(["udevadm", "trigger", "--subsystem-match=tty", "--action=change"], isNeeded: false))
    }
    guard hasSystemd else {
      return steps + [
        InstallStep(
          .nothing, "skip", "systemctl: systemd does not run here; start \(layout.programs)/fablined")
      ]
    }
    let systemctl = manager(layout)
    steps.append(run(systemctl + ["daemon-reload"]))
    steps.append(run(systemctl + ["enable", "fabline-driver.socket", "fablined.service"]))
    // Drivers print on; the new supervisor takes them over.
    steps.append(run(systemctl + ["restart", "fabline-driver.socket", "fablined.service"]))
    return steps
  }

  /// What ends the service before its files go.
  func endingSteps(_ layout: InstallLayout) -> [InstallStep] {
    guard runsCommands else { return [] }
    var steps: [InstallStep] = []
    if hasSystemd {
      steps.append(
        run(
          manager(layout) + ["disable", "--now", "fablined.service", "fabline-driver.socket"], isNeeded: false
        ))
    }
    steps.append(
      InstallStep(.endDrivers(layout.run), "end", "the drivers that listen in \(layout.run)/drivers"))
    return steps
  }

  /// What makes the system forget the files.
  func forgettingSteps(_ layout: InstallLayout) -> [InstallStep] {
    guard runsCommands else { return [] }
    var steps: [InstallStep] = []
    if hasSystemd { steps.append(run(manager(layout) + ["daemon-reload"], isNeeded: false)) }
    if hasUdev, layout.scope == .system {
      steps.append(run(["udevadm", "control", "--reload"], isNeeded: false))
    }
    return steps
  }

  /// What goes with the state only: files belong to this user.
  func purgingSteps(_ layout: InstallLayout) -> [InstallStep] {
    guard runsCommands, layout.scope == .system else { return [] }
    var steps: [InstallStep] = []
    if hasUser { steps.append(run(["userdel", "fabline"], isNeeded: false)) }
    // userdel takes the group along where it was the user's own.
    if hasGroup { steps.append(run(["sh", "-c", "groupdel fabline 2>/dev/null || true"], isNeeded: false)) }
    return steps
  }
}
