import Foundation
import Glibc
import Testing

/// `fablined` and the file that it is told by.
@Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
  private func check(_ sandbox: Sandbox, _ text: String) async throws -> Ended {
    let path = sandbox.file("fabline.yaml", Array(text.utf8))
    return try await sandbox.start("fablined", ["--check", "--config", path]).end()
  }

  @Test("--check says what is wrong with its line, or that all is well")
  func check() async throws {
    try await Sandbox.with { sandbox in
      let good = try await check(sandbox, "network:\n  listen: [\"127.0.0.1:7380\"]\n")
      #expect(good.status == 0)
      #expect(good.out.contains("fabline.yaml: all is well"))
      #expect(good.out.contains("127.0.0.1:7380"))
      let bad = try await check(sandbox, "network:\n  listn: [\"127.0.0.1:7380\"]\n")
      #expect(bad.status == 78)
      #expect(bad.error.contains("fabline.yaml:2: there is no key network.listn; known here:"), "\(bad)")
      #expect(try await check(sandbox, "network: [\n").status == 78)
      let missing = try await sandbox.start("fablined", ["--check", "--config", "/nonexistent"]).end()
      #expect(missing.status == 66)
      #expect(missing.error.contains("/nonexistent: there is no such file"))
    }
  }

  @Test("The file settles the folders, the environment goes before it, and a flag before both")
  func order() async throws {
    try await Sandbox.with { sandbox in
      let path = sandbox.file("f.yaml", Array("host:\n  state: \(sandbox.folder)/file\n".utf8))
      func state(_ arguments: [String], _ environment: [String: String]) async throws -> String {
        try await sandbox.start("fablined", ["--check"] + arguments, environment: environment).end().out
      }
      let named = ["FABLINE_CONFIG": path]
      let byFile = try await state([], named.merging(["FABLINE_STATE": ""]) { $1 })
      #expect(byFile.contains("state in \(sandbox.folder)/file"), "\(byFile)")
      #expect(try await state([], named).contains("state in \(sandbox.state)"))
      #expect(try await state(["--state", "/flag"], named).contains("state in /flag"))
    }
  }

  @Test("fabline install puts the commented file there, and fablined reads it")
  func installed() async throws {
    try await Sandbox.with { sandbox in
      let root = sandbox.folder + "/root"
      mkdir(root, 0o755)
      let ended = try await sandbox.fabline("install", "--system", "--prefix", root)
      #expect(ended.status == 0, "\(ended)")
      let checked = try await sandbox.start(
        "fablined", ["--check", "--config", root + "/etc/fabline/fabline.yaml"]
      ).end()
      #expect(checked.status == 0, "\(checked)")
      #expect(checked.out.contains("all is well"))
    }
  }
}
