import APIModel
import Foundation
import HTTPTypes
import JobStore
import Testing

@testable import HTTPAPI

/// Guessing, other pages, tokens, and what the audit log has of it.
@Suite("Security: signing in", .timeLimit(.minutes(2))) struct SecuritySignInTests {
  @Test("whoever guesses has to wait, longer each time, and the right password does not help meanwhile")
  func limit() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      try await service.account("kim", .member)
      for _ in 0..<5 { #expect(try await service.signIn("kim", "wrong horse").status == 401) }
      let refused = try await service.signIn("kim", "correct horse")
      #expect(refused.status == 429)
      #expect(try refused.problem().code == "session.tooMany")
      #expect(refused.headers[.retryAfter] == "1")
      clock.advance(seconds: 1)
      #expect(try await service.signIn("kim", "wrong horse").status == 401)
      #expect(try await service.signIn("kim", "correct horse").headers[.retryAfter] == "2")
      // From another address too: it is the account that is guessed at.
      #expect(try await service.signIn("kim", "correct horse", from: "198.51.100.7").status == 429)
      clock.advance(seconds: 2)
      #expect(try await service.signIn("kim", "correct horse").status == 200)
      #expect(try await service.signIn("kim", "correct horse").status == 200)
    }
  }

  @Test("an unknown name has to wait as a known one does")
  func unknown() async throws {
    try await Service.with(now: ManualClock().read) { service in
      for _ in 0..<5 {
        let answer = try await service.signIn("nobody-here", "wrong horse")
        #expect(answer.status == 401)
      }
      let last = try await service.signIn("nobody-here", "wrong horse")
      #expect(last.status == 429)
    }
  }

  @Test(
    "a write with a cookie needs our own page behind it",
    arguments: [
      (nil, nil, 403), ("wrong", nil, 403), (nil, "http://evil.example", 403), (nil, "null", 403),
      ("wrong", "http://localhost:5000", 403), (nil, "http://localhost", 200), ("right", nil, 200),
      ("right", "http://proxy.example", 200),
    ] as [(String?, String?, Int)])
  func crossSite(_ word: String?, _ origin: String?, _ status: Int) async throws {
    try await Service.with { service in
      try await service.account("kim", .operator)
      try await service.addMachine()
      var browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      if word != "right" { browser.csrf = word }
      if let origin { browser.more[.origin] = origin }
      let answer = try await browser.ask(.post, "/machines/ender/enable")
      #expect(answer.status == status, "\(answer.text)")
      if status == 403 { #expect(try answer.problem().code == "request.crossSite") }
      #expect(try await browser.ask(.get, "/machines").status == 200)
      // Nothing of this stops a stop.
      #expect(try await browser.ask(.post, "/estop", "{}").status == 200)
      #expect(try await browser.ask(.post, "/machines/ender/acts", "{\"act\":\"estop\"}").status == 200)
      let home = try await browser.ask(.post, "/machines/ender/acts", "{\"act\":\"home\"}")
      #expect(home.text.contains("request.crossSite") == (status == 403), "\(home.text)")
    }
  }

  @Test("another page signs nobody in, and does not act for whoever forwarded the socket")
  func foreignPage() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let answer = try await service.ask(
        .post, "/session", "{\"name\":\"kim\",\"password\":\"correct horse\"}",
        headers: [.origin: "http://evil.example"], over: .network(isSecure: false, address: "192.0.2.1"))
      #expect(try answer.problem().code == "request.crossSite")
      let unix = try await service.ask(
        .post, "/drain", "{\"on\":true}", headers: [.origin: "http://evil.example"], as: .admin)
      #expect(try unix.problem().code == "request.crossSite")
      #expect(CrossSite.isForeignName("evil.example:7380") && !CrossSite.isForeignName("192.0.2.1:7380"))
      #expect(!CrossSite.isForeignName("localhost") && !CrossSite.isForeignName("[2001:db8::1]:80"))
    }
  }

  @Test("a token is shown once, acts for its owner, expires, and is dead when it is revoked")
  func tokens() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      try await service.account("kim", .member)
      let browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      let made = try await browser.ask(
        .post, "/tokens", "{\"name\":\"slicer\",\"scopes\":[\"submit\"],\"expires\":\"2027-02-01T00:00:00Z\"}"
      )
      let token = try made.decoded(TokenModel.self)
      let secret = try #require(token.secret)
      #expect(secret.hasPrefix("fabline_") && secret.utf8.count == 51)
      #expect(token.role == .member && token.owner == "kim")
      #expect(try await !browser.ask(.get, "/tokens").text.contains(secret.dropFirst(8)))
      let who = try await service.ask(.get, "/session", token: secret).decoded(SessionModel.self)
      #expect(who.name == "kim" && who.signedIn == .token && who.scopes == ["submit"] && who.csrf == nil)
      if let key = HTTPField.Name("X-Api-Key") {
        let answer = try await service.ask(
          .get, "/jobs", headers: [key: secret], over: .network(isSecure: true, address: "192.0.2.3"))
        #expect(answer.status == 200)
      }
      for wrong in ["", "fabline_", String(secret.dropLast()), secret + "A", "kim"] {
        #expect(try await service.ask(.get, "/jobs", token: wrong).status == 401, "\(wrong)")
      }
      clock.advance(hours: 24 * 20)
      #expect(try await service.ask(.get, "/jobs", token: secret).status == 401)
      let again = try await service.ask(
        .post, "/tokens", "{\"name\":\"other\",\"owner\":\"kim\"}"
      ).decoded(TokenModel.self)
      #expect(again.role == .member, "not what the admin may who makes it")
      #expect(try await service.ask(.get, "/jobs", token: again.secret ?? "").status == 200)
      #expect(try await service.ask(.delete, "/tokens/\(again.id)").status == 204)
      #expect(try await service.ask(.get, "/jobs", token: again.secret ?? "").status == 401)
    }
  }

  @Test("nobody makes more of themselves: no token above the own role, none by a token, none for others")
  func noRise() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      try await service.account("lee", .operator)
      let kim = try Browser(service, try await service.signIn("kim", "correct horse"))
      func make(_ body: String) async throws -> Int { try await kim.ask(.post, "/tokens", body).status }
      #expect(try await make("{\"name\":\"a\",\"role\":\"operator\"}") == 403)
      #expect(try await make("{\"name\":\"a\",\"owner\":\"lee\"}") == 403)
      let token = try await kim.ask(.post, "/tokens", "{\"name\":\"a\",\"role\":\"viewer\"}")
      let secret = try #require(try token.decoded(TokenModel.self).secret)
      #expect(try await service.ask(.post, "/tokens", "{\"name\":\"b\"}", token: secret).status == 403)
      #expect(
        try await service.ask(.patch, "/users/kim", "{\"password\":\"hijacked!\"}", token: secret).status
          == 403)
      #expect(try await kim.ask(.patch, "/users/kim", "{\"role\":\"admin\"}").status == 403)
      #expect(try await kim.ask(.patch, "/users/kim", "{\"disabled\":false}").status == 403)
      #expect(try await kim.ask(.patch, "/users/lee", "{\"password\":\"hijacked!\"}").status == 403)
      // Somebody else's token is not there.
      let other = try await service.ask(.post, "/tokens", "{\"name\":\"l\",\"owner\":\"lee\"}")
      let id = try other.decoded(TokenModel.self).id
      #expect(try await kim.ask(.delete, "/tokens/\(id)").status == 404)
      #expect(try await !kim.ask(.get, "/tokens").text.contains("\"lee\""))
      // A role that was taken away takes the token's along.
      _ = try await service.ask(.patch, "/users/lee", "{\"role\":\"viewer\"}")
      let secretOfLee = try other.decoded(TokenModel.self).secret ?? ""
      #expect(
        try await service.ask(.get, "/session", token: secretOfLee).decoded(SessionModel.self).role == .viewer
      )
    }
  }

  @Test("one's own password takes the old one, and ends the other sessions")
  func password() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let here = try Browser(service, try await service.signIn("kim", "correct horse"))
      let there = try Browser(service, try await service.signIn("kim", "correct horse"))
      func change(_ more: String) async throws -> Int {
        try await here.ask(.patch, "/users/kim", "{\"password\":\"battery staple\"\(more)}").status
      }
      #expect(try await change("") == 400)
      #expect(try await change(",\"currentPassword\":\"wrong horse\"") == 403)
      #expect(try await change(",\"currentPassword\":\"correct horse\"") == 200)
      #expect(try await here.ask(.get, "/session").status == 200)
      #expect(try await there.ask(.get, "/session").status == 401)
      #expect(try await service.signIn("kim", "correct horse").status == 401)
      #expect(try await service.signIn("kim", "battery staple").status == 200)
    }
  }

  @Test("hostile names are refused or made harmless, and no text makes two lines of one")
  func names() async throws {
    try await Service.with { service in
      for name in [
        "", "Kim", "root", "fablined", "nobody", "12", "1000", "driver ender", "kim\\nadmin", "../kim",
        "kim\\u202e",
        "kim'--", String(repeating: "a", count: 33), "키임",
      ] {
        let answer = try await service.ask(
          .post, "/users", "{\"name\":\"\(name)\",\"role\":\"member\",\"password\":\"correct horse\"}")
        #expect(answer.status == 422, "\(name): \(answer.text)")
      }
      _ = try await service.signIn("a\\nb\\u001b[2J\\u202e", "correct horse")
      let rows = try await service.ask(.get, "/audit").decoded(ItemPage<AuditModel>.self).items
      let row = try #require(rows.first { $0.what == "sign-in" })
      #expect(row.target?.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E } == false)
      for name in ["../../etc/passwd", "a\u{202E}edocg.exe", "..", "x\u{0}y.gcode", "/"] {
        let escaped = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await service.ask(.post, "/files?name=\(escaped)", "G28\nG1 X\(name.count) F3000\n")
        let stored = try answer.decoded(FileModel.self).name
        #expect(!stored.contains("/") && !stored.hasPrefix("."), "\(stored)")
        #expect(!stored.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(stored)")
      }
      for path in ["/files/..%2f..%2fetc%2fpasswd", "/files/%2e%2e", "/machines/..%2f", "/jobs/..%2f1"] {
        #expect((400..<500).contains(try await service.ask(.get, path).status), "\(path)")
      }
      if let field = HTTPField.Name("X-Fabline-Submitter") {
        let root = Principal(uid: 0, name: "root", role: .admin)
        let answer = try await service.ask(
          .get, "/status", headers: [field: "kim\u{202E}"], as: root)
        #expect(answer.status == 400)
      }
    }
  }

  @Test("the audit log has sign-ins, failures, changes of roles, stops and what operators do")
  func audit() async throws {
    try await Service.with { service in
      try await service.account("kim", .operator)
      try await service.addMachine()
      _ = try await service.signIn("kim", "wrong horse", from: "192.0.2.66")
      let kim = try Browser(service, try await service.signIn("kim", "correct horse"))
      _ = try await service.ask(.patch, "/users/kim", "{\"role\":\"member\"}")
      _ = try await service.ask(.patch, "/users/kim", "{\"role\":\"operator\"}")
      _ = try await kim.ask(.post, "/machines/ender/acts", "{\"act\":\"home\"}")
      _ = try await kim.ask(.post, "/machines/ender/acts", "{\"act\":\"estop\"}")
      _ = try await kim.ask(.post, "/drain", "{\"on\":true}")
      _ = try await kim.ask(.get, "/audit")
      _ = try await kim.ask(.post, "/estop", "{}")
      _ = try await kim.ask(.delete, "/session")
      await service.door.trail.settled()
      let rows = try await service.ask(.get, "/audit").decoded(ItemPage<AuditModel>.self).items
      func has(
        _ who: String, _ what: String, _ outcome: String, _ detail: String? = nil, target: String? = nil
      ) {
        #expect(
          rows.contains { row in
            row.who == who && row.what == what && row.outcome == outcome
              && (detail.map { row.detail?.contains($0) ?? false } ?? true)
              && (target == nil || row.target == target)
          }, "\(who) \(what) \(outcome)")
      }
      has("ann", "user added", "done", "role operator", target: "kim")
      has("nobody", "sign-in", "refused", "wrong", target: "kim")
      #expect(rows.first { $0.what == "sign-in" && $0.outcome == "refused" }?.address == "192.0.2.66")
      has("kim", "sign-in", "done")
      has("ann", "user changed", "done", "role operator -> member")
      has("kim", "POST /api/v1/machines/{name}/acts", "done", "home", target: "ender")
      has("kim", "POST /api/v1/machines/{name}/acts", "done", "estop", target: "ender")
      has("kim", "POST /api/v1/drain", "refused", "principal.notAllowed")
      has("kim", "GET /api/v1/audit", "refused")
      has("kim", "POST /api/v1/estop", "done")
      has("kim", "sign-out", "done")
      has("ann", "POST /api/v1/machines", "done")
      #expect(rows.first { $0.who == "kim" }?.via == "session")
      let text = try await service.ask(.get, "/audit").text
      #expect(!text.contains("horse") && !text.contains(kim.cookie.dropFirst(8)), "no secret is told")
      let mine = try await service.ask(.get, "/audit?user=kim&limit=2").decoded(ItemPage<AuditModel>.self)
      #expect(mine.items.count == 2 && mine.items.allSatisfy { $0.who == "kim" } && mine.next != nil)
    }
  }

  @Test("the last admin can neither be removed nor demoted nor shut out")
  func lastAdmin() async throws {
    try await Service.with { service in
      try await service.account("kim", .admin)
      for body in ["{\"role\":\"operator\"}", "{\"disabled\":true}"] {
        #expect(try await service.ask(.patch, "/users/kim", body).problem().code == "account.lastAdmin")
      }
      #expect(try await service.ask(.delete, "/users/kim").problem().code == "account.lastAdmin")
      try await service.account("lee", .admin)
      #expect(try await service.ask(.delete, "/users/kim").status == 204)
    }
  }

  @Test("every answer over the network carries what browsers are to keep to, refusals too")
  func headers() async throws {
    try await Service.with { service in
      for path in ["/status", "/nothing", "/openapi.json"] {
        let answer = try await service.ask(.get, path, over: .network(isSecure: true, address: "192.0.2.1"))
        for (name, value) in SecurityHeaders.fields {
          let field = try #require(HTTPField.Name(name))
          #expect(answer.headers[field] == value, "\(path) \(name)")
        }
        #expect(answer.headers[.cacheControl]?.contains("no-store") == true)
      }
      let policy = SecurityHeaders.fields.first?.1 ?? ""
      #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"))
      #expect(!policy.contains("unsafe"))
    }
  }
}
