import Glibc
import Testing

@testable import fabline

/// What facts of an installation mean, each broken in one way.
@Suite struct DoctorTests {
  /// An installation with which nothing is wrong.
  static let sound: DoctorFacts = {
    var facts = DoctorFacts(version: "1.0")
    facts.programs = [.init(name: "fablined", version: "1.0"), .init(name: "fabline-driver", version: "1.0")]
    facts.folders = [
      .init(use: "state", path: "/var/lib/fabline", exists: true, isReadable: true, freeBytes: 20 << 30)
    ]
    facts.socketPath = "/run/fabline/api.sock"
    facts.user = "ann"
    facts.host = .init(version: "1.0", stateFolder: "/var/lib/fabline")
    facts.machines = [.init(name: "ender", phase: "idle")]
    facts.hasPorts = true
    facts.udevRules = true
    facts.hasSystemd = true
    facts.unit = .init(isLoaded: true, isEnabled: true, isActive: true, watchdog: true, allowsNetwork: true)
    facts.configuration = .init(status: 0, words: "all is well")
    facts.isClockSynchronised = true
    facts.throttled = 0
    facts.temperature = 50
    facts.disks = [.init(name: "mmcblk0", usedPercent: 10)]
    return facts
  }()

  @Test("Where nothing is wrong nothing is said to be")
  func fine() {
    let findings = DoctorChecks.findings(Self.sound)
    #expect(findings.allSatisfy { $0.verdict == .ok && $0.command == nil && !$0.sentence.isEmpty })
    #expect(DoctorAnswer(findings).healthy)
    #expect(
      DoctorText.lines(DoctorAnswer(findings), problems: true) == ["\(findings.count) checks, all is well"])
  }

  /// A name, what breaks it, and the finding that follows.
  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var verdict: Finding.Verdict
    var check: String
    var command: String?
    var broken: @Sendable (inout DoctorFacts) -> Void

    init(
      _ name: String, _ verdict: Finding.Verdict, _ check: String, _ command: String? = nil,
      _ broken: @escaping @Sendable (inout DoctorFacts) -> Void
    ) {
      testDescription = name
      self.verdict = verdict
      self.check = check
      self.command = command
      self.broken = broken
    }
  }

  static let faults: [Fault] = [
    Fault("a driver of another version", .fail, "programs", "fabline install") {
      $0.programs[1].version = "0.9"
    },
    Fault("a missing program", .fail, "programs", "fabline install") { $0.programs[0].version = nil },
    Fault("an old supervisor still runs", .warn, "programs", "sudo systemctl restart fablined") {
      $0.host?.version = "0.9"
    },
    Fault("a wrong configuration", .fail, "configuration", "fablined --check") {
      $0.configuration = .init(status: 78, words: "f.yaml:3: there is no key x")
    },
    Fault("no state folder", .fail, "state folder") { $0.folders[0].exists = false },
    Fault("a read-only disk", .fail, "state folder", "sudo dmesg | tail -50") {
      $0.folders[0].isReadOnly = true
    },
    Fault("a full disk", .fail, "state folder", "fabline files") { $0.folders[0].freeBytes = 50 << 20 },
    Fault("a nearly full disk", .warn, "state folder", "fabline files") {
      $0.folders[0].freeBytes = 500 << 20
    },
    Fault("no room for files", .fail, "state folder", "df -i /var/lib/fabline") {
      $0.folders[0].freeFiles = 3
    },
    Fault("an open folder", .warn, "state folder", "sudo chmod o-rwx /var/lib/fabline") {
      $0.folders[0].isOpenToAll = true
    },
    Fault("no supervisor", .fail, "socket", "sudo systemctl start fablined") { $0.socketError = ENOENT },
    Fault("a dead supervisor", .fail, "socket", "sudo systemctl start fablined") {
      $0.socketError = ECONNREFUSED
    },
    Fault("not in the group", .fail, "socket", "sudo usermod -aG lab ann") {
      $0.socketError = EACCES
      $0.socketGroup = "lab"
    },
    Fault("in the group since after the login", .fail, "socket", "newgrp fabline") {
      $0.socketError = EACCES
      $0.joinedAfterLogin = true
    },
    Fault("no unit", .warn, "service", "sudo fabline install") { $0.unit = nil },
    Fault("an inactive unit", .fail, "service", "systemctl status fablined") { $0.unit?.isActive = false },
    Fault("a unit that is not enabled", .warn, "service", "sudo systemctl enable fablined") {
      $0.unit?.isEnabled = false
    },
    Fault("no watchdog", .warn, "service", "sudo fabline install") { $0.unit?.watchdog = false },
    Fault("a service that dies", .warn, "service", "journalctl -u fablined -p err") { $0.unit?.restarts = 9 },
    Fault("a database put aside", .fail, "database") { $0.host?.storeSetAside = "it was damaged" },
    Fault("draining", .warn, "queue", "fabline drain --off") { $0.host?.drainingBy = "ann" },
    Fault("a machine without a driver", .fail, "machine ender", "fabline connect ender") {
      $0.machines[0].phase = "noDriver"
    },
    Fault("a lost link", .fail, "machine ender", "fabline diagnose ender") {
      $0.machines[0].phase = "linkLost"
    },
    Fault("an unplugged machine", .warn, "machine ender", "fabline ports") {
      $0.machines[0].missing = "gone"
    },
    Fault("no machines", .warn, "machines", "fabline ports") { $0.machines = [] },
    Fault("a held port", .fail, "port /dev/ttyUSB0", "kill it") {
      $0.obstacles = [.init(port: "/dev/ttyUSB0", sentence: "cura has it open", command: "kill it")]
    },
    Fault("old rules", .warn, "udev rules", "sudo fabline install") { $0.udevRules = false },
    Fault("ModemManager without rules", .warn, "ModemManager", "sudo fabline install") {
      $0.udevRules = false
      $0.modemManagerRuns = true
    },
    Fault("nothing listens", .fail, "network", "sudo systemctl restart fablined") {
      $0.configuration?.listensOnNetwork = true
      $0.configuration?.answersOnNetwork = false
    },
    Fault("webhooks behind a unit without a network", .fail, "network", "sudo systemctl edit fablined") {
      $0.configuration?.reachesOut = true
      $0.unit?.allowsNetwork = false
    },
    Fault("no Avahi", .warn, "mDNS", "sudo apt install avahi-daemon") {
      $0.configuration?.listensOnNetwork = true
    },
    Fault("an expired certificate", .fail, "certificate") {
      $0.configuration?.listensOnNetwork = true
      $0.configuration?.certificate = "/c.pem"
      $0.configuration?.certificateDays = -1
    },
    Fault(
      "a certificate of ours that expires soon", .warn, "certificate",
      "sudo rm /s/tls/certificate.pem && sudo systemctl restart fablined"
    ) {
      $0.configuration?.listensOnNetwork = true
      $0.configuration?.certificate = "/s/tls/certificate.pem"
      $0.configuration?.certificateDays = 0
      $0.configuration?.isOwnCertificate = true
    },
    Fault("a clock at its beginning", .fail, "clock", "timedatectl set-ntp true") { $0.year = 1970 },
    Fault("a free-running clock", .warn, "clock", "timedatectl set-ntp true") {
      $0.isClockSynchronised = false
    },
    Fault("undervoltage now", .fail, "power") { $0.throttled = 0x50005 },
    Fault("undervoltage before", .warn, "power") { $0.throttled = 0x10000 },
    Fault("throttled", .warn, "power") { $0.throttled = 0x4 },
    Fault("heat", .warn, "heat") { $0.temperature = 85 },
    Fault("a worn disk", .fail, "disk", "fabline backup") { $0.disks[0].usedPercent = 100 },
  ]

  @Test("Each fault is found, with what mends it", arguments: faults)
  func found(_ fault: Fault) {
    var facts = Self.sound
    fault.broken(&facts)
    let wrong = DoctorChecks.findings(facts).filter { $0.verdict != .ok }
    #expect(
      wrong.contains {
        $0.check == fault.check && $0.verdict == fault.verdict && $0.command == fault.command
      },
      "\(wrong)")
    #expect(DoctorAnswer(wrong).healthy == !wrong.contains { $0.verdict == .fail })
  }

  @Test("systemctl's lines are read, and what is missing is no")
  func unit() {
    let unit = DoctorFacts.Unit(
      show: """
        NRestarts=2
        LoadState=loaded
        ActiveState=active
        UnitFileState=enabled
        WatchdogUSec=1min
        NeedDaemonReload=no
        RestrictAddressFamilies=AF_NETLINK AF_UNIX
        """)
    #expect(
      unit
        == .init(
          isLoaded: true, isEnabled: true, isActive: true, restarts: 2, watchdog: true, allowsNetwork: false))
    #expect(DoctorFacts.Unit(show: "LoadState=not-found\nWatchdogUSec=0") == .init())
    #expect(DoctorFacts.Unit(show: "RestrictAddressFamilies=AF_INET6 AF_INET AF_UNIX").allowsNetwork)
  }

  @Test("A disk's wear is the worse of its two figures", arguments: [("0x01 0x02", 2), ("0x0b 0x01", 11)])
  func wear(_ text: String, _ tenths: Int) {
    #expect(DoctorFacts.Disk.tenths(text) == tenths)
    #expect(DoctorFacts.Disk.tenths("0x00 0x00") == nil && DoctorFacts.Disk.tenths("") == nil)
  }

  @Test("What a program says is read to its end, with how it ended")
  func words() {
    #expect(ProgramWords.of(["sh", "-c", "echo a; echo b >&2; exit 3"]) == .init(status: 3, text: "a\nb\n"))
    #expect(ProgramWords.of(["/no/such/program"])?.status ?? 127 == 127)
  }

  @Test("Findings are a line each, the command below, a sum at the end")
  func text() {
    let answer = DoctorAnswer([.ok("clock", "in step"), .fail("socket", "none", "fablined")])
    #expect(
      DoctorText.lines(answer, problems: false) == [
        "ok    clock   in step", "fail  socket  none", "              fablined",
        "2 checks: 1 failed, 0 to look at",
      ])
    #expect(DoctorText.lines(answer, problems: true).count == 3)
  }
}
