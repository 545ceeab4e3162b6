import APIModel
import Foundation
import Testing

@testable import HostConfiguration

/// The whole file: what it may say, what it says by default, and where it is found.
@Suite struct HostConfigurationTests {
  private func read(_ text: String) throws(ConfigurationError) -> HostConfiguration {
    try HostConfiguration(text: text, file: "f.yaml")
  }

  private func problem(_ text: String) -> String? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return error.sentence
    }
  }

  @Test("The sample says what the defaults say, as it is and with every optional key uncommented")
  func sample() throws {
    #expect(try read("") == HostConfiguration())
    #expect(try read(ConfigurationSample.text) == HostConfiguration())
    let uncommented = ConfigurationSample.uncommented
    #expect(try read(uncommented) == HostConfiguration())
    // Nothing was left commented, and each key is one that is read.
    let keys = uncommented.split(separator: "\n").filter { $0.contains(":") && !$0.contains("# ") }
    #expect(keys.count > 25)
    for key in keys.filter({ $0.hasPrefix("  ") }) {
      let misspelt = uncommented.replacingOccurrences(of: "\n\(key)", with: "\n  x\(key.dropFirst(2))")
      #expect(problem(misspelt)?.contains("there is no key") == true, "\(key)")
    }
  }

  @Test("Each line of the sample fits a page, and is words, a section or a key with its default")
  func sampleLines() {
    for line in ConfigurationSample.text.split(separator: "\n") {
      #expect(line.utf8.count <= 128, "\(line)")
      let rest = line.drop { $0 == " " }
      #expect(
        rest.hasPrefix("# ") || rest == "#" || rest.hasPrefix("#") && rest.contains(":")
          || rest.hasSuffix(":"))
    }
  }

  @Test("How long a browser stays signed in, and that it is not longer than in all")
  func sessions() throws {
    let sessions = try read("sessions:\n  idle-hours: 8\n  most-days: 1\n").sessions
    #expect(sessions.idleHours == 8 && sessions.mostDays == 1)
    #expect(
      problem("sessions:\n  most-days: 2\n  idle-hours: 72\n")
        == "f.yaml:3: sessions.idle-hours is longer than sessions.most-days (2), which ends a session in any case"
    )
    #expect(
      problem("sessions:\n  idle-hours: 0\n")?.hasPrefix("f.yaml:2: sessions.idle-hours has to be") == true)
  }

  @Test("A network is listened to where it is asked for")
  func network() throws {
    let text = """
      network:
        listen: ["0.0.0.0:7380", "[::1]:7381"]
        tls: files
        certificate: /etc/fabline/cert.pem
        key: /etc/fabline/key.pem
        host-names: [printers.example.org, 192.168.1.5]
        trust-proxy: 127.0.0.1
      """
    let network = try read(text).network
    #expect(network.listen.map(\.text) == ["0.0.0.0:7380", "[::1]:7381"])
    #expect(network.listen.map(\.isSix) == [false, true])
    #expect(network.tls == .files(certificate: "/etc/fabline/cert.pem", key: "/etc/fabline/key.pem"))
    #expect(network.hostNames == ["printers.example.org", "192.168.1.5"])
    #expect(network.trustProxy == ["127.0.0.1"])
    #expect(try read("network:\n  listen: 127.0.0.1:80\n  tls: off\n").network.tls == .off)
  }

  @Test("What is wrong is told with line and key")
  func errors() {
    let cases = [
      (
        "nets:\n",
        "f.yaml:1: there is no key nets; known here: host, limits, mqtt, network, notices, sessions, unix"
      ),
      (
        "network:\n  listen: 7380\n",
        "f.yaml:2: network.listen has to be addresses like 0.0.0.0:7380, [::]:7380 or 192.168.1.5:7380, not 7380"
      ),
      (
        "network:\n  tls: files\n",
        "f.yaml:2: network.tls as files needs certificate and key, the paths of two PEM files"
      ),
      ("network:\n  tls: on\n", "f.yaml:2: network.tls has to be self-signed, off or files, not on"),
      ("network:\n\n  certificate: /c\n", "f.yaml:3: network.certificate needs tls: files"),
      (
        "network:\n  listen: [\"1.2.3.4:1\", \"1.2.3.4:1\"]\n",
        "f.yaml:2: network.listen names 1.2.3.4:1 twice"
      ),
      ("host:\n  state: here\n", "f.yaml:2: host.state has to be an absolute path, not here"),
      (
        "unix:\n  groups:\n    staff: boss\n",
        "f.yaml:3: unix.groups.staff has to be viewer, member, operator or admin, not boss"
      ),
      (
        "limits:\n  connections: 0\n",
        "f.yaml:2: limits.connections has to be a whole number from 1 to 10000, not 0"
      ),
    ]
    for (text, sentence) in cases { #expect(problem(text) == sentence) }
    for address in [
      "host:80", "::1:80", "[::1]", "1.2.3.4", "1.2.3.4:70000", "1.2.3.4:-1", ":80", "[1.2.3.4]:80",
    ] {
      #expect(ListenAddress(address) == nil, "\(address)")
    }
    for name in ["-a", "a..b", "a b", "a/b", String(repeating: "a", count: 64), "é"] {
      #expect(problem("network:\n  host-names: [\"\(name)\"]\n") != nil, "\(name)")
    }
  }

  @Test("Unix groups have roles; others too, or none")
  func unix() throws {
    let unix = try read("unix:\n  groups: {staff: admin, lab: member}\n  others: none\n").unix
    #expect(unix.groups == ["staff": .admin, "lab": .member])
    #expect(unix.others == nil)
  }

  @Test("A flag goes before the environment, that before the usual places; what is named has to be there")
  func places() throws {
    func resolve(_ option: String?, _ environment: [String: String], root: Bool = false) -> ConfigurationFile
    {
      ConfigurationFile.resolve(option: option, environment: environment, isRoot: root, home: "/home/a")
    }
    #expect(resolve("/x", ["FABLINE_CONFIG": "/y"]) == ConfigurationFile(path: "/x", isNamed: true))
    #expect(resolve(nil, ["FABLINE_CONFIG": "/y"]) == ConfigurationFile(path: "/y", isNamed: true))
    #expect(resolve(nil, [:], root: true).path == "/etc/fabline/fabline.yaml")
    #expect(resolve(nil, [:]).path == "/home/a/.config/fabline/fabline.yaml")
    #expect(resolve(nil, ["XDG_CONFIG_HOME": "/c"]).path == "/c/fabline/fabline.yaml")
    #expect(try ConfigurationFile(path: "/nonexistent", isNamed: false).read() == HostConfiguration())
    #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(path: "/nonexistent", isNamed: true).read()
    }
    #expect(throws: ConfigurationError.self) { try ConfigurationFile(path: "/tmp", isNamed: false).read() }
  }

  @Test("Who hears of what outside is read, with a line for what cannot be")
  func notices() throws {
    let text = """
      notices:
        webhooks:
          - url: https://hooks.example.org/shop
            secret-file: /etc/fabline/hook.key
            events: [job.done, job.failed]
        ntfy: https://ntfy.example.org/
        topic: lab-{user}
        topics: {ann: ann-9fK3}
        operators: ops
      mqtt:
        host: broker
        discovery: no
        commands: yes
      """
    let configuration = try read(text)
    #expect(
      configuration.notices.webhooks == [
        .init(
          url: "https://hooks.example.org/shop", secretFile: "/etc/fabline/hook.key",
          events: ["job.done", "job.failed"])
      ])
    #expect(configuration.notices.server == "https://ntfy.example.org")
    #expect(
      configuration.notices.pattern == "lab-{user}" && configuration.notices.topics == ["ann": "ann-9fK3"])
    #expect(configuration.mqtt.host == "broker" && configuration.mqtt.discovery == nil)
    #expect(configuration.mqtt.commands)
    for (text, line) in [
      ("notices:\n  ntfy: ftp://x", 2), ("notices:\n  topic: a", nil),
      ("notices:\n  ntfy: https://x\n  operators: a/b", 3),
      ("notices:\n  webhooks:\n    - url: https://ann:pw@x", 3),
      ("notices:\n  webhooks:\n    - url: https://x\n      events: [job.eaten]", 4),
      ("mqtt:\n  prefix: a/#", 2), ("mqtt:\n  password-file: /x", 2),
    ] as [(String, Int?)] {
      let found = problem(text)
      #expect(found?.hasPrefix("f.yaml\(line.map { ":\($0)" } ?? ""): ") == true, "\(found ?? "nothing")")
    }
  }
}
