import Foundation
import GRDB
import Synchronization
import Testing

@testable import JobStore

@Suite("Accounts, sessions, tokens")
struct AccountTests {
  private let root = AuditActor(name: "root", via: "unix")

  private func shop() async throws -> Shop { try await Shop(passwordCost: .cheap) }

  @Test("a password is kept salted and stretched, with the cost that it was made at")
  func stretched() async throws {
    let shop = try await shop()
    for name in ["kim", "lee"] {
      _ = try await shop.store.addAccount(name, role: .member, password: "correct horse", by: root)
    }
    let rows = try shop.store.database.read { try Row.fetchAll($0, sql: "SELECT * FROM account") }
    #expect(rows.count == 2)
    #expect(rows[0]["hash"] as Data != rows[1]["hash"] as Data, "one password, two salts")
    #expect(rows[0]["salt"] as Data != rows[1]["salt"] as Data)
    #expect(rows[0]["logRounds"] == 4)
    let isTold = rows.description.contains("horse")
    #expect(!isTold)
    #expect(try await shop.store.accepts("kim", password: "correct horse")?.name == "kim")
    #expect(try await shop.store.accepts("kim", password: "correct Horse") == nil)
    #expect(try await shop.store.accepts("kim", password: "") == nil)
    #expect(try await shop.store.accepts("nobody-here", password: "correct horse") == nil)
  }

  @Test("scrypt is the one of RFC 7914, and two ways to type a letter are one password")
  func vectors() throws {
    // Section 12 of the RFC: the first 32 bytes of the second vector.
    let hash = PasswordHash(
      salt: Data("NaCl".utf8),
      hash: Data([
        0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00, 0x78, 0x56, 0xe7, 0x19, 0x0d, 0x01, 0xe9, 0xfe, 0x7c,
        0x6a, 0xd7, 0xcb, 0xc8, 0x23, 0x78, 0x30, 0xe7, 0x73, 0x76, 0x63, 0x4b, 0x37, 0x31, 0x62,
      ]), cost: PasswordCost(logRounds: 10, blockSize: 8, parallelism: 16))
    #expect(try hash.matches("password"))
    #expect(try !hash.matches("Password"))
    let typed = try PasswordHash.make("caf\u{E9} 비밀번호", .cheap)
    #expect(try typed.matches("cafe\u{301} 비밀번호".decomposedStringWithCanonicalMapping))
    let standard = PasswordCost.standard
    #expect(128 * standard.blockSize << standard.logRounds <= 32 << 20, "the memory of one look")
    #expect(try !PasswordHash.decoy(.cheap).matches("password"))
  }

  @Test("passwords are looked at one at a time")
  func oneAtATime() async throws {
    let bench = PasswordBench(cost: .cheap)
    let crowd = Crowd()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await bench.run {
            crowd.enter()
            defer { crowd.leave() }
            _ = try PasswordHash.make(
              "correct horse", PasswordCost(logRounds: 8, blockSize: 8, parallelism: 1))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(crowd.most == 1)
  }

  @Test("only so many wait for their turn; whoever comes then is told to try again")
  func full() async throws {
    let bench = PasswordBench(cost: .cheap, capacity: 1)
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let hold = DispatchSemaphore(value: 0)
    let first = Task {
      try await bench.run {
        start.yield()
        hold.wait()
      }
    }
    for await _ in started { break }
    await expectError(.accountBusy) { try await bench.run {} }
    hold.signal()
    try await first.value
    try await bench.run {}
  }

  @Test("names that could be somebody else's, or make two lines of one, are refused; so are short passwords")
  func names() async throws {
    let shop = try await shop()
    for name in [
      "", "Kim", "root", "nobody", "fablined", "12", "driver ender", "a\nb", "a/b", "-a", ".a", "é",
    ] {
      await expectError(.accountInvalid) {
        try await shop.store.addAccount(name, role: .member, password: "correct horse", by: root)
      }
      // The schema says so too.
      await #expect(throws: DatabaseError.self) {
        try await shop.store.database.write { database in
          try database.execute(
            sql: """
              INSERT INTO account (name, role, salt, hash, logRounds, blockSize, parallelism, createdAt, createdBy, passwordAt)
              VALUES (?, 'member', zeroblob(16), zeroblob(32), 4, 8, 1, 0, 'x', 0)
              """, arguments: [name])
        }
      }
    }
    for password in ["", "short", "aaaaaaaaaa", "some-body", String(repeating: "ab", count: 600)] {
      await expectError(.accountInvalid) {
        try await shop.store.addAccount("some-body", role: .member, password: password, by: root)
      }
    }
  }

  @Test("the last admin stays: removed, demoted and disabled alike, and the refused change leaves no trace")
  func lastAdmin() async throws {
    let shop = try await shop()
    _ = try await shop.store.addAccount("kim", role: .admin, password: "correct horse", by: root)
    _ = try await shop.store.addAccount("lee", role: .admin, password: "correct horse", by: root)
    var edit = AccountEdit()
    edit.isDisabled = true
    _ = try await shop.store.changeAccount("lee", edit, by: root)
    await expectError(.accountLastAdmin) { try await shop.store.changeAccount("kim", edit, by: root) }
    await expectError(.accountLastAdmin) { try await shop.store.removeAccount("kim", by: root) }
    edit.isDisabled = nil
    edit.role = .operator
    await expectError(.accountLastAdmin) { try await shop.store.changeAccount("kim", edit, by: root) }
    #expect(try await shop.store.account("kim").role == .admin)
    #expect(try await !shop.store.account("kim").isDisabled)
    #expect(try await shop.store.audit(AuditQuery()).count == 3)
  }

  @Test("sessions outlive the process, and the database holds nothing that a browser could show")
  func survives() async throws {
    let folder = try TemporaryFolder()
    var store: JobStore? = try await JobStore.open(folder: folder.path).store
    _ = try await store?.addAccount("kim", role: .member, password: "correct horse", by: root)
    let opened = try await store?.openSession("kim", by: AuditActor(name: "kim", via: "session"))
    let secret = try #require(opened?.secret)
    let token = try await store?.addToken(TokenOrder(name: "ci", owner: "kim", role: .viewer), by: root)
    let shown = try #require(token?.secret)
    store = nil
    for name in folder.content(of: "") where name.hasPrefix("fabline.sqlite") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
      for text in [secret.text, shown.text, "correct horse"] {
        #expect(bytes.range(of: Data(text.utf8)) == nil, "\(name)")
      }
    }
    let again = try await JobStore.open(folder: folder.path).store
    #expect(try await again.session(secret.hash)?.account.name == "kim")
    #expect(try await again.token(shown: shown)?.owner == "kim")
    #expect(try await again.session(Secret(text: secret.hash).hash) == nil, "the hash is no secret")
  }

  @Test("whoever signs in again and again keeps the newest sessions; what has ended is dropped")
  func many() async throws {
    let shop = try await shop()
    _ = try await shop.store.addAccount("kim", role: .member, password: "correct horse", by: root)
    let kim = AuditActor(name: "kim", via: "session")
    let first = try await shop.store.openSession("kim", by: kim).secret
    for _ in 0..<40 {
      shop.clock.advance(1000)
      _ = try await shop.store.openSession("kim", by: kim)
    }
    func count() async throws -> Int? {
      try await shop.store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM session") }
    }
    #expect(try await count() == 32)
    #expect(try await shop.store.session(first.hash) == nil)
    shop.clock.advance(SessionTimes().idle)
    _ = try await shop.store.openSession("kim", by: kim)
    #expect(try await count() == 1)
  }

  @Test("a token has at most its owner's role, also later, and no name twice")
  func tokens() async throws {
    let shop = try await shop()
    _ = try await shop.store.addAccount("kim", role: .operator, password: "correct horse", by: root)
    await expectError(.tokenInvalid) {
      try await shop.store.addToken(TokenOrder(name: "a", owner: "kim", role: .admin), by: root)
    }
    var order = TokenOrder(name: "a", owner: "kim", role: .operator)
    order.scopes = [.submit, .read]
    let (token, secret) = try await shop.store.addToken(order, by: root)
    #expect(try await shop.store.token(shown: secret) == token)
    await expectError(.tokenExists) { try await shop.store.addToken(order, by: root) }
    for name in ["", "a\nb", "a\u{202E}b", String(repeating: "a", count: 65)] {
      await expectError(.tokenInvalid) {
        try await shop.store.addToken(TokenOrder(name: name, owner: "kim", role: .viewer), by: root)
      }
    }
    order = TokenOrder(name: "late", owner: "kim", role: .viewer)
    order.expiresAt = shop.clock.now
    await expectError(.tokenInvalid) { try await shop.store.addToken(order, by: root) }
    var edit = AccountEdit()
    edit.role = .viewer
    _ = try await shop.store.changeAccount("kim", edit, by: root)
    #expect(try await shop.store.token(shown: secret)?.role == .viewer)
    try await shop.store.removeAccount("kim", by: root)
    #expect(try await shop.store.token(shown: secret) == nil)
    // A Unix user without an account has tokens as well.
    let unix = try await shop.store.addToken(TokenOrder(name: "u", owner: "pi", role: .operator), by: root)
    #expect(try await shop.store.token(shown: unix.secret)?.role == .operator)
    try await shop.store.revokeToken(unix.token.id, by: root)
    await expectError(.tokenUnknown) { try await shop.store.revokeToken(unix.token.id, by: root) }
  }

  @Test("the audit log keeps its newest rows; wrong passwords push nothing else out")
  func bounds() async throws {
    let shop = try await shop()
    func row(_ what: String, _ outcome: AuditRecord.Outcome) -> AuditRecord {
      AuditRecord(at: shop.clock.now, actor: root, what: what, outcome: outcome, detail: "a\nb")
    }
    let bounds = AuditBounds(rows: 10, refusedSignIns: 5, every: 1)
    try await shop.store.appendAudit([row("first", .done)], bounds: bounds)
    for _ in 0..<50 { try await shop.store.appendAudit([row("sign-in", .refused)], bounds: bounds) }
    var rows = try await shop.store.audit(AuditQuery())
    #expect(rows.count == 6 && rows.last?.what == "first")
    #expect(rows.first?.detail == "a\u{FFFD}b")
    for number in 0..<20 { try await shop.store.appendAudit([row("act \(number)", .done)], bounds: bounds) }
    rows = try await shop.store.audit(AuditQuery())
    #expect(rows.count == 15 && rows.first?.what == "act 19")
    try await shop.store.appendAudit(
      [row(String(repeating: "long", count: 1000), .failed)], bounds: bounds)
    #expect(try await shop.store.audit(AuditQuery()).first?.what.count == 128)
  }

  @Test("after damage nobody is signed in and no token is good: what was revoked since would be back")
  func damage() async throws {
    let folder = try TemporaryFolder()
    var store: JobStore? = try await JobStore.open(folder: folder.path).store
    _ = try await store?.addAccount("kim", role: .admin, password: "correct horse", by: root)
    _ = try await store?.openSession("kim", by: root)
    _ = try await store?.addToken(TokenOrder(name: "ci", owner: "kim", role: .viewer), by: root)
    _ = try await store?.database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    store = nil
    let path = URL(fileURLWithPath: folder.path + "/fabline.sqlite")
    var bytes = try Data(contentsOf: path)
    let isLong = bytes.count > 8192
    #expect(isLong)
    bytes.replaceSubrange(4096..<8192, with: Data(repeating: 0x5A, count: 4096))
    try bytes.write(to: path)
    let opening = try await JobStore.open(folder: folder.path)
    #expect(opening.damage != nil)
    #expect(try await opening.store.accounts().map(\.name) == ["kim"])
    #expect(try await opening.store.tokens().isEmpty)
    let sessions = try await opening.store.database.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM session")
    }
    #expect(sessions == 0)
  }
}

extension PasswordCost {
  /// For tests: no work to speak of.
  static let cheap = PasswordCost(logRounds: 4, blockSize: 8, parallelism: 1)
}

/// Counts how many are somewhere at once.
private final class Crowd: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  func enter() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }

  var most: Int { counts.withLock { $0.most } }
}
