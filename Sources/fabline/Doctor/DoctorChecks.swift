import Glibc

/// What the facts mean: a pure function, one finding or more a check.
enum DoctorChecks {
  static func findings(_ facts: DoctorFacts) -> [Finding] {
    programs(facts) + [configuration(facts)] + folders(facts) + [socket(facts), service(facts)]
      + database(facts) + machines(facts) + ports(facts) + network(facts) + computer(facts)
  }

  private static func programs(_ facts: DoctorFacts) -> [Finding] {
    var findings: [Finding] = []
    for program in facts.programs {
      guard let version = program.version else {
        findings.append(
          .fail(
            "programs", "\(program.name) is missing beside fabline, or does not start", "fabline install"))
        continue
      }
      guard version != facts.version else { continue }
      findings.append(
        .fail(
          "programs", "\(program.name) is version \(version) and fabline \(facts.version)", "fabline install")
      )
    }
    if let host = facts.host, host.version != facts.version {
      findings.append(
        .warn(
          "programs",
          "the supervisor that runs is version \(host.version), the one installed \(facts.version)",
          "sudo systemctl restart fablined"))
    }
    return findings.isEmpty ? [.ok("programs", "all are version \(facts.version)")] : findings
  }

  private static func configuration(_ facts: DoctorFacts) -> Finding {
    guard let configuration = facts.configuration else {
      return .warn("configuration", "it could not be checked: fablined did not start")
    }
    guard configuration.status == 0 else {
      return .fail("configuration", configuration.words, "fablined --check")
    }
    return .ok("configuration", configuration.words)
  }

  private static func folders(_ facts: DoctorFacts) -> [Finding] {
    facts.folders.map { folder in
      let check = "\(folder.use) folder"
      guard folder.exists else {
        return .fail(check, "\(folder.path) does not exist: fablined makes it when it starts")
      }
      if folder.isReadOnly {
        return .fail(
          check, "\(folder.path) is on a file system that is read-only: the disk may have failed",
          "sudo dmesg | tail -50")
      }
      if let free = folder.freeBytes, free < 100 << 20 {
        return .fail(
          check, "\(folder.path) has \(megabytes(free)) left: uploads fail soon",
          "fabline files")
      }
      if let files = folder.freeFiles, files < 1000 {
        return .fail(check, "\(folder.path) has room for \(files) more files only", "df -i \(folder.path)")
      }
      if folder.isOpenToAll {
        return .warn(
          check, "\(folder.path) is open to everybody on this computer", "sudo chmod o-rwx \(folder.path)")
      }
      if let free = folder.freeBytes, free < 1 << 30 {
        return .warn(check, "\(folder.path) has \(megabytes(free)) left", "fabline files")
      }
      return .ok(
        check, "\(folder.path)\(folder.freeBytes.map { ", \(megabytes($0)) left" } ?? "")")
    }
  }

  private static func megabytes(_ bytes: Int64) -> String {
    bytes >= 10 << 30 ? "\(bytes >> 30) GB" : "\(bytes >> 20) MB"
  }

  private static func socket(_ facts: DoctorFacts) -> Finding {
    switch facts.socketError {
    case 0: return .ok("socket", "the supervisor answers at \(facts.socketPath)")
    case EACCES, EPERM:
      let group = facts.socketGroup ?? "fabline"
      if facts.joinedAfterLogin {
        return .fail("socket", "\(facts.user) is in group \(group) since after this login", "newgrp \(group)")
      }
      return .fail(
        "socket", "\(facts.user) is not in group \(group), which the supervisor's socket is for",
        "sudo usermod -aG \(group) \(facts.user)")
    case ENOENT, ENOTDIR:
      return .fail("socket", "no supervisor runs: there is no \(facts.socketPath)", start(facts))
    case ECONNREFUSED:
      return .fail("socket", "the supervisor left \(facts.socketPath) behind and does not run", start(facts))
    case let other:
      return .fail("socket", "\(facts.socketPath) cannot be reached: \(String(cString: strerror(other)))")
    }
  }

  private static func start(_ facts: DoctorFacts) -> String {
    facts.unit?.isLoaded == true ? "sudo systemctl start fablined" : "fablined"
  }

  private static func service(_ facts: DoctorFacts) -> Finding {
    guard facts.hasSystemd else { return .warn("service", "systemd does not run here: who starts fablined?") }
    guard let unit = facts.unit, unit.isLoaded else {
      return .warn("service", "fablined is not installed as a service", "sudo fabline install")
    }
    if unit.needsReload {
      return .warn("service", "the unit was changed on the disk", "sudo systemctl daemon-reload")
    }
    guard unit.isActive else {
      return .fail("service", "fablined.service is not active", "systemctl status fablined")
    }
    guard unit.isEnabled else {
      return .warn(
        "service", "fablined is not started when the computer starts", "sudo systemctl enable fablined")
    }
    if !unit.watchdog {
      return .warn(
        "service", "the unit has no watchdog: a hanging supervisor would stay", "sudo fabline install")
    }
    if unit.restarts > 3 {
      return .warn("service", "it was started again \(unit.restarts) times", "journalctl -u fablined -p err")
    }
    return .ok("service", "enabled, active, with a watchdog")
  }

  private static func database(_ facts: DoctorFacts) -> [Finding] {
    guard let host = facts.host else { return [] }
    var findings: [Finding] = []
    if let words = host.storeSetAside { findings.append(.fail("database", words)) }
    if let by = host.drainingBy {
      findings.append(
        .warn("queue", "no job starts, \(by) wanted that", "fabline drain --off"))
    }
    return findings.isEmpty ? [.ok("database", "the supervisor reads and writes it")] : findings
  }

  private static func machines(_ facts: DoctorFacts) -> [Finding] {
    guard facts.host != nil else { return [] }
    guard !facts.machines.isEmpty else {
      return [.warn("machines", "there is none yet", "fabline ports")]
    }
    return facts.machines.map { machine in
      let check = "machine \(machine.name)"
      if machine.isDisabled { return .ok(check, "disabled by a person") }
      if let missing = machine.missing { return .warn(check, missing, "fabline ports") }
      let because = machine.reason.map { ": \($0)" } ?? ""
      switch machine.phase {
      case "noDriver": return .fail(check, "it has no driver\(because)", "fabline connect \(machine.name)")
      case "linkLost": return .fail(check, "its link is lost\(because)", "fabline diagnose \(machine.name)")
      case "killed": return .warn(check, "it was stopped\(because)", "fabline reset \(machine.name)")
      case "needsAttention":
        return .warn(check, "it waits for a person\(because)", "fabline status \(machine.name)")
      case "disconnected", "opening", "handshaking":
        return .warn(check, "it is \(machine.phase)\(because)", "fabline connect \(machine.name)")
      default: return .ok(check, machine.phase)
      }
    }
  }

  private static func ports(_ facts: DoctorFacts) -> [Finding] {
    var findings = facts.obstacles.map { Finding.fail("port \($0.port)", $0.sentence, $0.command) }
    switch facts.udevRules {
    case false?:
      findings.append(
        .warn("udev rules", "ours are not installed, or are of another version", "sudo fabline install"))
    case true?: findings.append(.ok("udev rules", "installed"))
    case nil: break
    }
    if facts.modemManagerRuns {
      findings.append(
        facts.udevRules == true
          ? .ok("ModemManager", "it runs and leaves known printers alone")
          : .warn(
            "ModemManager", "it runs and may write to printers that no rule names", "sudo fabline install"))
    }
    if facts.hasPorts, facts.obstacles.isEmpty { findings.append(.ok("ports", "nothing stands in the way")) }
    return findings
  }

  private static func network(_ facts: DoctorFacts) -> [Finding] {
    guard let configuration = facts.configuration else { return [] }
    var findings: [Finding] = []
    let needsNetwork = configuration.listensOnNetwork || configuration.reachesOut
    if needsNetwork, facts.unit?.isLoaded == true, facts.unit?.allowsNetwork == false {
      findings.append(
        .fail(
          "network", "the configuration needs the network, and the unit forbids it (RestrictAddressFamilies)",
          "sudo systemctl edit fablined"))
    }
    guard configuration.listensOnNetwork else { return findings }
    if configuration.answersOnNetwork == false, facts.socketError == 0 {
      findings.append(
        .fail(
          "network", "the configuration says to listen, and nothing accepts connections there",
          "sudo systemctl restart fablined"))
    } else {
      findings.append(.ok("network", "it accepts connections"))
    }
    if let path = configuration.certificate, let days = configuration.certificateDays {
      let remedy = configuration.isOwnCertificate ? "sudo rm \(path) && sudo systemctl restart fablined" : nil
      let after = remedy == nil ? "" : "; whoever trusts the old one has to trust the next"
      switch days {
      case ..<0: findings.append(.fail("certificate", "\(path) has expired\(after)", remedy))
      case ..<30:
        findings.append(.warn("certificate", "\(path) expires in less than 30 days\(after)", remedy))
      default: findings.append(.ok("certificate", "\(path) is good for 30 days and more"))
      }
    }
    findings.append(
      facts.avahiRuns
        ? .ok("mDNS", "avahi-daemon runs")
        : .warn(
          "mDNS", "avahi-daemon does not run: slicers do not find this host by themselves",
          "sudo apt install avahi-daemon"))
    return findings
  }
}
