import APIModel
import CLinux
import Foundation
import Glibc
import Testing

/// `fabline --host`: another machine's supervisor over TLS, played by one of this machine.
@Suite(.timeLimit(.minutes(10))) struct RemoteTests {
  /// A supervisor on the network, with an account.
  private struct Host {
    var daemon: Daemon
    var url: String
    var fingerprint: String
  }

  /// Starts one at a port that is free, or at the one of `url`.
  private func start(_ sandbox: Sandbox, at url: String? = nil) async throws -> Host {
    let port = url?.split(separator: ":").last.map(String.init) ?? "0"
    let config = sandbox.file("f.yaml", Array("network:\n  listen: \"127.0.0.1:\(port)\"\n".utf8))
    let daemon = try await Daemon.start(sandbox, "--config", config)
    let status = try await sandbox.json(StatusAnswer.self, "status").supervisor
    let place = try #require(status.listening?.first { $0.url.hasPrefix("https://") })
    #expect(status.configuration == config)
    return Host(daemon: daemon, url: place.url, fingerprint: try #require(place.fingerprint))
  }

  private struct StatusAnswer: Codable { var supervisor: StatusModel }

  private func addAccount(_ sandbox: Sandbox) throws {
    let body = "{\"name\":\"ann\",\"role\":\"admin\",\"password\":\"correct horse battery staple\"}"
    let answer = try UnixRequest.send(
      sandbox.run + "/api.sock",
      "POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    try #require(answer.hasPrefix("HTTP/1.1 201"), "\(answer)")
  }

  @Test(
    "Trusted once by its fingerprint and signed in to, a host takes every verb; a changed one is refused, unheard"
  )
  func session() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox)
      var host = try await start(sandbox)
      try addAccount(sandbox)
      let unknown = try await sandbox.fabline("status", "--host", host.url)
      #expect(unknown.status == 77)
      #expect(unknown.error.contains("not known yet") && unknown.error.contains(host.fingerprint))
      let wrong = String(repeating: "AB", count: 32)
      let named = try await sandbox.fabline("status", "--host", host.url, "--trust", wrong)
      #expect(named.status == 77 && named.error.contains("IS NOT THE HOST THAT IS TRUSTED"))
      let password = sandbox.file("pw", Array("correct horse battery staple\n".utf8))
      let login = try await sandbox.fabline(
        "login", host.url, "--user", "ann", "--password-file", password, "--trust", host.fingerprint)
      #expect(login.status == 0 && login.out.contains("as ann, admin"), "\(login)")
      #expect(!login.out.contains("correct horse"))

      let added = try await sandbox.fabline(
        "machine", "add", "ender", "--port", printer.port, "--baud", printer.baud, "--host", host.url)
      #expect(added.status == 0, "\(added)")
      #expect(try await sandbox.fabline("ready", "ender", "--host", host.url).status == 0)
      let part = sandbox.file("part.gcode", Parts.gcode(moves: 20))
      let submitted = try await sandbox.start(
        "fabline", ["submit", part, "--machine", "ender"],
        environment: ["FABLINE_HOST": host.url, "FABLINE_RUN": ""]
      ).end()
      #expect(submitted.status == 0, "\(submitted)")
      try await host.daemon.wait(1, "done") { $0.state == .done }
      #expect(try await host.daemon.job(1).submitter == "ann")
      let stop = try await sandbox.fabline("estop", "--all", "--host", host.url)
      #expect(stop.out.contains("ender: "), "\(stop)")
      #expect(
        try await sandbox.fabline("print", part, "--port", "/dev/null", "--host", host.url).status == 64)

      // The same port with another certificate: somebody in between, for all that the client knows.
      _ = try await host.daemon.end()
      let before = host.fingerprint
      unlink(sandbox.state + "/tls/certificate.pem")
      host = try await start(sandbox, at: host.url)
      #expect(host.fingerprint != before)
      let changed = try await sandbox.fabline("jobs", "--host", host.url)
      #expect(changed.status == 77 && changed.error.contains("IS NOT THE HOST THAT IS TRUSTED"), "\(changed)")
      #expect(changed.error.contains(before) && changed.error.contains(host.fingerprint))
      let unheard = try await sandbox.fabline("estop", "--all", "--host", host.url)
      #expect(unheard.status == 77 && unheard.error.contains("NOT STOPPED"))
      let again = try await sandbox.fabline("jobs", "--host", host.url, "--trust", host.fingerprint)
      #expect(again.status == 0, "\(again)")
      let logout = try await sandbox.fabline("logout", host.url)
      #expect(logout.status == 0, "\(logout)")
      let after = try await sandbox.fabline("jobs", "--host", host.url, "--trust", host.fingerprint)
      #expect(after.status == 77 && after.error.contains("fabline login"), "\(after)")
      _ = try await host.daemon.end()
    }
  }

  @Test("A port that is taken, and a certificate that is none, are one sentence and an exit code")
  func broken() async throws {
    try await Sandbox.with { sandbox in
      let host = try await start(sandbox)
      let port = host.url.split(separator: ":").last.map(String.init) ?? ""
      let folders = ["--state", sandbox.folder + "/s2", "--run", sandbox.folder + "/r2"]
      let busy = try await sandbox.start("fablined", folders + ["--listen", "127.0.0.1:\(port)"]).end()
      #expect(busy.status == 69)
      #expect(busy.error.contains("127.0.0.1:\(port) is in use by another program"))
      let config = sandbox.file(
        "g.yaml",
        Array(
          "network:\n  listen: 127.0.0.1:0\n  tls: files\n  certificate: /nonexistent\n  key: /nonexistent\n"
            .utf8))
      let certificate = try await sandbox.start("fablined", folders + ["--config", config]).end()
      #expect(certificate.status == 78)
      #expect(certificate.error.contains("no certificate can be read from /nonexistent"))
      let unreachable = try await sandbox.fabline("estop", "--all", "--host", "https://127.0.0.1:1")
      #expect(unreachable.status == 69 && unreachable.error.contains("NOT STOPPED"))
      _ = try await host.daemon.end()
    }
  }
}

/// One request over a Unix socket, for what no verb does yet.
enum UnixRequest {
  static func send(_ path: String, _ request: String) throws -> String {
    let descriptor = clinux_unix_socket(1)
    try #require(descriptor >= 0 && clinux_unix_connect(descriptor, path) == 0)
    defer { close(descriptor) }
    let bytes = Array(request.utf8)
    try #require(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    var answer: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &space, space.count, 0)
      guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
      answer += space[..<count]
    }
  }
}
