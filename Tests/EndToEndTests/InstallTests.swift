import FoundationEssentials
import Testing

/// `fabline install` and `uninstall` as programs, below a folder of the test's own.
@Suite struct InstallEndToEnd {
  private static let configuration = "/etc/fabline/fablined.env"

  /// Everything below a folder, with what files hold.
  private static func content(_ root: String) -> [String: Data] {
    var found: [String: Data] = [:]
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? [] {
      found[name] = FileManager.default.contents(atPath: root + "/" + name) ?? Data()
    }
    return found
  }

  private func run(_ sandbox: Sandbox, _ verb: String, _ more: String...) async throws -> Ended {
    let root = sandbox.folder + "/root"
    let ended = try await sandbox.start("fabline", [verb, "--system", "--prefix", root] + more).end()
    try #require(ended.status == 0, "\(ended)")
    return ended
  }

  @Test("Installed, again, edited, again, uninstalled, purged: each does what it says and no more")
  func allOfIt() async throws {
    try await Sandbox.with { sandbox in
      let root = sandbox.folder + "/root"
      #expect(try await run(sandbox, "install", "--dry-run").out.contains("nothing is done"))
      #expect(Self.content(root).isEmpty)

      _ = try await run(sandbox, "install")
      let installed = Self.content(root)
      for name in ["fabline", "fablined", "fabline-driver"] {
        let path = root + "/usr/local/bin/" + name
        #expect(FileManager.default.isExecutableFile(atPath: path), "\(name)")
        #expect(Text.bytes(path) == Text.bytes(Programs.path(name)), "\(name) is the one of this build")
      }
      // What was put there runs.
      let version = try await sandbox.start(root + "/usr/local/bin/fabline", ["--version"]).end()
      #expect(version.status == 0, "\(version)")

      let again = try await run(sandbox, "install")
      #expect(again.out.contains("everything is as it should be"), "\(again)")
      #expect(Self.content(root) == installed)

      Text.write(Array("FABLINED_OPTIONS=--log-level debug\n".utf8), to: root + Self.configuration)
      let edited = Self.content(root)
      #expect(try await run(sandbox, "install").out.contains("it was edited, and stays as it is"))
      #expect(Self.content(root) == edited)

      let gone = try await run(sandbox, "uninstall")
      #expect(gone.out.contains("--purge removes it"), "\(gone)")
      #expect(Text.file(root + Self.configuration) == "FABLINED_OPTIONS=--log-level debug\n")
      #expect(Self.content(root).count < 10, "\(Self.content(root).keys.sorted())")
      _ = try await run(sandbox, "uninstall", "--purge", "--yes")
      #expect(Self.content(root).isEmpty, "\(Self.content(root).keys.sorted())")
      let nothing = try await sandbox.fabline("uninstall", "--system", "--prefix", root)
      #expect(nothing.status == 66 && nothing.error.contains("nothing is installed here"), "\(nothing)")
    }
  }

  @Test("For one user everything lies in his folders, and nothing of it needs root")
  func forOneUser() async throws {
    try await Sandbox.with { sandbox in
      let root = sandbox.folder + "/root"
      let ended = try await sandbox.fabline("install", "--user", "--prefix", root)
      #expect(ended.status == 0, "\(ended)")
      let home = sandbox.folder.dropFirst() + "/"
      let strays = Self.content(root).keys.filter { !$0.hasPrefix(home) && !home.hasPrefix($0 + "/") }
      #expect(strays.isEmpty, "\(strays)")
      #expect(Self.content(root).keys.contains(home + ".config/systemd/user/fablined.service"))
      #expect(try await sandbox.fabline("uninstall", "--user", "--prefix", root).status == 0)
      #expect(Self.content(root).isEmpty, "\(Self.content(root).keys.sorted())")
    }
  }
}
