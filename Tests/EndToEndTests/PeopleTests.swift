import APIModel
import Glibc
import Testing

/// Accounts, tokens and the audit log with the built programs: what `fabline` says, and what a killed `fablined` remembers.
@Suite(.timeLimit(.minutes(5))) struct PeopleTests {
  @Test("The first admin is made at the machine itself; a killed supervisor remembers who is who")
  func people() async throws {
    try await Sandbox.with { sandbox in
      let password = sandbox.file("password", Array("correct horse\n".utf8))
      var daemon = try await Daemon.start(sandbox)
      let added = try await sandbox.fabline(
        "user", "add", "kim", "--role", "admin", "--password-file", password)
      #expect(added.status == 0 && added.out == "kim is admin and can sign in\n", "\(added)")
      #expect(try await sandbox.fabline("user", "add", "Kim", "--password-file", password).status == 64)
      #expect(try await sandbox.fabline("user", "set", "kim", "--role", "viewer").status == 75)
      let token = try await sandbox.fabline("token", "create", "ci", "--owner", "kim", "--role", "viewer")
      #expect(token.status == 0 && token.out.hasPrefix("fabline_"), "\(token)")
      #expect(token.error.contains("token 1 of kim, role viewer"))
      _ = try await daemon.end(SIGKILL)
      daemon = try await Daemon.start(sandbox)
      let users = try await sandbox.json(ItemPage<AccountModel>.self, "user", "list")
      #expect(users.items.map(\.name) == ["kim"] && users.items.first?.role == .admin)
      let tokens = try await sandbox.json(ItemPage<TokenModel>.self, "token", "list")
      #expect(tokens.items.map(\.name) == ["ci"] && tokens.items.first?.secret == nil)
      #expect(try await sandbox.fabline("token", "revoke", "1").status == 0)
      let audit = try await sandbox.fabline("audit")
      let rows = audit.out.split(separator: "\n")
      #expect(rows.contains { $0.contains(" user added kim: role admin") }, "\(audit)")
      #expect(rows.contains { $0.contains(" refused ") && $0.contains("account.lastAdmin") })
      #expect(rows.last?.contains(" token revoked 1: ci of kim") == true)
      #expect(!audit.out.contains("horse") && !audit.out.contains("fabline_"))
      _ = try await daemon.end()
    }
  }
}
