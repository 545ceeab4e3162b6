import FoundationEssentials
import Testing

@testable import fabline

/// Plans of installations below a folder of their own: what is done, twice, after an edit, and undone.
@Suite struct InstallTests {
  /// A folder that goes away with the value.
  final class Root: Sendable {
    let path: String
    init() throws { path = try Folders.temporary("fabline-install") }
    deinit { Folders.remove(path) }

    /// Everything below, folders with a slash, without the folder's own path.
    var content: [String] { Self.content(of: path, as: "").sorted() }

    private static func content(of folder: String, as name: String) -> [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.flatMap { part in
        [name + part] + content(of: folder + "/" + part, as: name + part + "/")
      }
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(filePath: path + name))
    }

    func text(_ name: String) -> String? {
      FileManager.default.contents(atPath: path + name).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private static let facts = SystemFacts(
    runsCommands: false, hasUser: false, hasGroup: false, portGroups: [], hasSystemd: false, hasUdev: false,
    isActive: false)

  private static let items = [
    InstallPlan.Item(path: "/usr/local/bin/fabline", bytes: Array("a program".utf8), mode: 0o755),
    InstallPlan.Item(path: "/etc/systemd/system/fablined.service", bytes: Array("a unit".utf8)),
    InstallPlan.Item(
      path: "/etc/fabline/fablined.env", bytes: Array("a sample".utf8), isConfiguration: true),
  ]

  private func layout(_ root: Root) -> InstallLayout {
    InstallLayout(scope: .system, prefix: root.path) { _ in nil }
  }

  @discardableResult
  private func install(
    _ root: Root, _ items: [InstallPlan.Item] = InstallTests.items
  ) throws -> [String] {
    let plan = InstallPlan(layout: layout(root), items: items, facts: Self.facts)
    for step in plan.steps { try step.perform() }
    return plan.steps.filter(\.changes).map { $0.line.replacing(root.path, with: "") }
  }

  private func uninstall(_ root: Root, purge: Bool = false) throws {
    for step in UninstallPlan(layout: layout(root), facts: Self.facts, purge: purge).steps {
      try step.perform()
    }
  }

  @Test func aPlanChangesNothing() throws {
    let root = try Root()
    let plan = InstallPlan(layout: layout(root), items: Self.items, facts: Self.facts)
    #expect(plan.steps.filter(\.changes).count > 3)
    #expect(root.content.isEmpty)
  }

  @Test func installedTwiceTheSecondTimeDoesNothing() throws {
    let root = try Root()
    #expect(try install(root).contains("write   /etc/fabline/fablined.env (8 bytes)"))
    let there = root.content
    #expect(root.text("/usr/local/bin/fabline") == "a program")
    let mode = try FileManager.default.attributesOfItem(atPath: root.path + "/usr/local/bin/fabline")
    #expect(mode[.posixPermissions] as? Int == 0o755)
    #expect(try install(root) == [])
    #expect(root.content == there)
  }

  @Test func uninstallingLeavesNothing() throws {
    let root = try Root()
    try install(root)
    try uninstall(root)
    #expect(root.content == [])
  }

  @Test func whatWasThereBeforeStays() throws {
    let root = try Root()
    try FileManager.default.createDirectory(
      atPath: root.path + "/etc/systemd/system", withIntermediateDirectories: true)
    try root.write("another's", "/etc/systemd/system/other.service")
    try install(root)
    try uninstall(root)
    #expect(root.content == ["etc", "etc/systemd", "etc/systemd/system", "etc/systemd/system/other.service"])
  }

  @Test func anEditedConfigurationIsNeverOverwritten() throws {
    let root = try Root()
    try install(root)
    try root.write("edited", "/etc/fabline/fablined.env")
    var newer = Self.items
    newer[1].bytes = Array("a newer unit".utf8)
    newer[2].bytes = Array("a newer sample".utf8)
    let steps = try install(root, newer)
    #expect(root.text("/etc/fabline/fablined.env") == "edited")
    #expect(root.text("/etc/systemd/system/fablined.service") == "a newer unit")
    #expect(!steps.contains { $0.contains("fablined.env") })
    try uninstall(root)
    #expect(
      root.content.filter { !$0.contains("usr") } == ["etc", "etc/fabline", "etc/fabline/fablined.env"])
  }

  @Test("What was edited and kept is found by a later --purge, and nothing else is left")
  func purgingAfterAPlainUninstall() throws {
    let root = try Root()
    try install(root)
    try root.write("edited", "/etc/fabline/fablined.env")
    try uninstall(root)
    let kept = root.content
    #expect(kept.contains("etc/fabline/fablined.env") && kept.contains("usr/local/lib/fabline/installed"))
    #expect(kept.count == 8, "\(kept)")
    try uninstall(root)
    #expect(root.content == kept, "a second time there is nothing more to take away")
    // Installed again, it is still the owner's.
    try install(root)
    #expect(root.text("/etc/fabline/fablined.env") == "edited")
    try uninstall(root)
    try uninstall(root, purge: true)
    #expect(root.content == [])
  }

  @Test func anUneditedConfigurationFollowsTheSample() throws {
    let root = try Root()
    try install(root)
    var newer = Self.items
    newer[2].bytes = Array("a newer sample".utf8)
    try install(root, newer)
    #expect(root.text("/etc/fabline/fablined.env") == "a newer sample")
  }

  @Test func anEditedUnitIsSavedBesideTheNewOne() throws {
    let root = try Root()
    try install(root)
    try root.write("edited", "/etc/systemd/system/fablined.service")
    try install(root)
    #expect(root.text("/etc/systemd/system/fablined.service") == "a unit")
    #expect(root.text("/etc/systemd/system/fablined.service.old") == "edited")
    try uninstall(root)
    #expect(root.content == [])
  }

  @Test func purgingTakesTheStateAndWhatWasEdited() throws {
    let root = try Root()
    try install(root)
    try FileManager.default.createDirectory(
      atPath: root.path + "/var/lib/fabline/files", withIntermediateDirectories: true)
    try root.write("x", "/var/lib/fabline/files/a.gcode")
    try root.write("edited", "/etc/fabline/fablined.env")
    try uninstall(root)
    #expect(
      root.text("/var/lib/fabline/files/a.gcode") == "x" && root.text("/etc/fabline/fablined.env") != nil)
    try install(root)
    try uninstall(root, purge: true)
    #expect(root.text("/var/lib/fabline/files/a.gcode") == nil)
  }

  @Test func commandsRunOnThisMachineOnly() {
    var facts = Self.facts
    facts.runsCommands = true
    facts.hasSystemd = true
    facts.hasUdev = true
    facts.portGroups = ["dialout"]
    let layout = InstallLayout(scope: .system) { _ in nil }
    let lines = (facts.userSteps(layout) + facts.serviceSteps(layout, hasChanged: true)).map(\.line)
    #expect(
      lines == [
        "run     groupadd --system fabline",
        "run     useradd --system --gid fabline --groups dialout --home-dir /var/lib/fabline --no-create-home "
          + "--shell /usr/sbin/nologin fabline",
        "run     udevadm control --reload",
        "run     udevadm trigger --subsystem-match=tty --action=change",
        "run     systemctl daemon-reload",
        "run     systemctl enable fabline-driver.socket fablined.service",
        "run     systemctl restart fabline-driver.socket fablined.service",
      ])
    facts.isActive = true
    #expect(facts.serviceSteps(layout, hasChanged: false).isEmpty)
    let user = InstallLayout(scope: .user) { $0 == "HOME" ? "/home/ann" : nil }
    #expect(facts.userSteps(user).isEmpty)
    #expect(
      facts.serviceSteps(user, hasChanged: true).map(\.line).first == "run     systemctl --user daemon-reload"
    )
    #expect(user.units == "/home/ann/.config/systemd/user")
  }

  @Test func theManifestReadsItself() {
    var manifest = InstallManifest()
    manifest.files = ["/a b/c": "1-2", "/d": "3-4"]
    manifest.folders = ["/a b", "/x"]
    #expect(InstallManifest(text: manifest.text) == manifest)
    #expect(InstallManifest(text: "file\nnonsense\n\nfolder\n") == InstallManifest())
  }

  /// Each promise of the unit, by its line: without one of them drivers die with their supervisor or cannot open a port.
  @Test func theUnitsSayWhatThePromisesNeed() {
    let layout = InstallLayout(scope: .system) { _ in nil }
    let units = ServiceUnits(layout: layout)
    for line in [
      "Type=notify", "KillMode=process", "OOMPolicy=continue", "OOMScoreAdjust=-500",
      "RuntimeDirectory=fabline",
      "RuntimeDirectoryPreserve=yes", "StateDirectory=fabline", "DevicePolicy=closed",
      "DeviceAllow=char-ttyUSB rw", "DeviceAllow=char-ttyACM rw", "WatchdogSec=60", "Restart=always",
      "StartLimitIntervalSec=0", "User=fabline", "ExecStart=/usr/local/bin/fablined $FABLINED_OPTIONS",
      "EnvironmentFile=-/etc/fabline/fablined.env",
      "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6",
    ] {
      #expect(units.supervisor.contains("\n" + line + "\n"), "\(line)")
    }
    for line in [
      "StandardInput=socket", "Before=fablined.service", "OOMScoreAdjust=-800", "DeviceAllow=char-ttyUSB rw",
      "DeviceAllow=char-ttyACM rw", "ExecStart=/usr/local/bin/fabline-driver --from-socket", "Restart=no",
      "CollectMode=inactive-or-failed", "RestrictAddressFamilies=AF_UNIX AF_NETLINK",
    ] {
      #expect(units.driver.contains("\n" + line + "\n"), "\(line)")
    }
    #expect(
      units.driverSocket.contains("\nAccept=yes\n") && units.driverSocket.contains("\nSocketMode=0600\n"))
    for text in [units.supervisor, units.driver] {
      for forbidden in ["PrivateDevices=", "PrivateNetwork=", "PrivateUsers=", "ProtectProc=", "ProcSubset="]
      {
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix(forbidden) }, "\(forbidden)")
      }
    }
    let user = ServiceUnits(layout: InstallLayout(scope: .user) { $0 == "HOME" ? "/home/ann" : nil })
    for text in [user.supervisor, user.driver, user.driverSocket] {
      for forbidden in [
        "User=", "DevicePolicy=", "OOMScoreAdjust=", "SocketUser=", "ProtectSystem=", "Wants=modprobe",
      ] {
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix(forbidden) }, "\(forbidden)")
      }
    }
    #expect(user.supervisor.contains("\nWantedBy=default.target\n"))
  }

  @Test func theRulesAreThoseOfTheirFolder() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/" + root + "/udev-rules/70-fabline.rules"
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(String(decoding: bytes, as: UTF8.self) == UdevRules.text)
  }

  @Test func theSampleConfigurationChangesNothing() {
    for scope in [InstallLayout.Scope.system, .user] {
      let text = InstallTexts.configuration(InstallLayout(scope: scope) { _ in nil })
      #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
      #expect(text.contains("FABLINED_OPTIONS="))
    }
  }
}
