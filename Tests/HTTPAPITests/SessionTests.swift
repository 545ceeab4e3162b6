import APIModel
import Foundation
import HTTPTypes
import JobStore
import Synchronization
import Testing

@testable import HTTPAPI

/// Signing in and out, over what stands for a TCP connection.
@Suite("Sessions", .timeLimit(.minutes(1))) struct SessionTests {
  @Test("name and password give a cookie, and the cookie tells who it is; signed out, it tells nothing")
  func cookie() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let answer = try await service.signIn("kim", "correct horse")
      let field = try #require(answer.headers[.setCookie])
      for word in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(field.contains(word)) }
      #expect(!field.contains("Secure"))
      let model = try answer.decoded(SessionModel.self)
      #expect(model.name == "kim" && model.role == .member && model.signedIn == .session)
      let browser = try Browser(service, answer)
      #expect(try await browser.ask(.get, "/session").decoded(SessionModel.self) == model)
      #expect(try await browser.ask(.get, "/jobs").status == 200)
      let out = try await browser.ask(.delete, "/session")
      #expect(out.status == 204 && out.headers[.setCookie]?.contains("Max-Age=0") == true)
      #expect(try await browser.ask(.get, "/session").problem().code == "principal.unsigned")
    }
  }

  @Test("over TLS the cookie is for this host and for TLS only, and one without that name is none")
  func secure() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let answer = try await service.signIn("kim", "correct horse", isSecure: true)
      let field = try #require(answer.headers[.setCookie])
      #expect(field.hasPrefix("__Host-fabline=") && field.contains("Secure") && field.contains("Path=/"))
      var browser = try Browser(service, answer)
      browser.isSecure = true
      #expect(try await browser.ask(.get, "/session").status == 200)
      browser.cookie = String(browser.cookie.dropFirst("__Host-".count))
      #expect(try await browser.ask(.get, "/session").status == 401)
    }
  }

  @Test("a proxy that ends TLS says so, where it is believed, and the cookie is for TLS only")
  func behindProxy() async throws {
    #expect(Entrance.isHTTPS("https") && Entrance.isHTTPS("http, HTTPS"))
    #expect(!Entrance.isHTTPS(nil) && !Entrance.isHTTPS("http") && !Entrance.isHTTPS("https, http"))
    #expect(!Entrance.isHTTPS("") && !Entrance.isHTTPS("httpsx"))
    try await Service.with { service in
      try await service.account("kim", .member)
      let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
      // Nobody believed stands at the other end: the word is the client's own.
      let answer = try await service.ask(
        .post, "/session", "{\"name\":\"kim\",\"password\":\"correct horse\"}", headers: [name: "https"],
        over: .network(isSecure: false, address: "192.0.2.1"))
      #expect(answer.headers[.setCookie]?.contains("Secure") == false)
    }
  }

  @Test("an unknown name, a wrong password and a disabled account are refused with one sentence")
  func oneSentence() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      try await service.account("lee", .member)
      _ = try await service.ask(.patch, "/users/lee", "{\"disabled\":true}")
      let wrong = try await service.signIn("kim", "wrong horse").problem()
      #expect(wrong.code == "session.refused" && wrong.status == 401)
      #expect(try await service.signIn("nobody-here", "correct horse").problem() == wrong)
      #expect(try await service.signIn("lee", "correct horse").problem() == wrong)
      #expect(try await service.signIn(" Kim", "correct horse").status == 200)
    }
  }

  @Test("before there is an account, whoever comes is told how the first is made")
  func first() async throws {
    try await Service.with { service in
      let answer = try await service.ask(.get, "/status", over: .network(isSecure: true))
      #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"fabline\"")
      #expect(try answer.problem().detail.contains("sudo fabline user add NAME --role admin"))
      try await service.account("kim", .admin)
      let later = try await service.ask(.get, "/status", over: .network(isSecure: true)).problem()
      #expect(!later.detail.contains("sudo"))
    }
  }

  @Test("a session is a new one at each sign-in, and the one that the browser had before is over")
  func fixation() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let old = try Browser(service, try await service.signIn("kim", "correct horse"))
      let again = try await old.ask(
        .post, "/session", "{\"name\":\"kim\",\"password\":\"correct horse\"}")
      let new = try Browser(service, again)
      #expect(new.cookie != old.cookie)
      #expect(try await old.ask(.get, "/session").status == 401)
      #expect(try await new.ask(.get, "/session").status == 200)
      // What an attacker planted is nothing, before and after.
      var planted = new
      planted.cookie = "fabline=planted"
      let mine = try await planted.ask(.post, "/session", "{\"name\":\"kim\",\"password\":\"correct horse\"}")
      #expect(try Browser(service, mine).cookie != "fabline=planted")
      #expect(try await planted.ask(.get, "/session").status == 401)
    }
  }

  @Test("a session ends when it was idle for long, and after its longest time however busy it was")
  func expiry() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      try await service.account("kim", .member)
      let idle = try Browser(service, try await service.signIn("kim", "correct horse"))
      let busy = try Browser(service, try await service.signIn("kim", "correct horse"))
      clock.advance(hours: 71)
      #expect(try await busy.ask(.get, "/session").status == 200)
      clock.advance(hours: 1)
      #expect(try await idle.ask(.get, "/session").status == 401)
      for _ in 0..<9 {
        clock.advance(hours: 70)
        #expect(try await busy.ask(.get, "/session").status == 200)
      }
      clock.advance(hours: 24 * 30 - 72 - 9 * 70)
      #expect(try await busy.ask(.get, "/session").status == 401)
    }
  }

  @Test("a disabled account's sessions and tokens are dead at once, and stay so when it is let in again")
  func disabled() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      let made = try await browser.ask(.post, "/tokens", "{\"name\":\"slicer\"}")
      let token = try #require(try made.decoded(TokenModel.self).secret)
      #expect(try await service.ask(.get, "/jobs", token: token).status == 200)
      _ = try await service.ask(.patch, "/users/kim", "{\"disabled\":true}")
      #expect(try await browser.ask(.get, "/jobs").status == 401)
      #expect(try await service.ask(.get, "/jobs", token: token).status == 401)
      _ = try await service.ask(.patch, "/users/kim", "{\"disabled\":false}")
      #expect(try await browser.ask(.get, "/jobs").status == 401)
      #expect(try await service.ask(.get, "/jobs", token: token).status == 200)
    }
  }

  @Test("a new role counts at once")
  func roles() async throws {
    try await Service.with { service in
      try await service.account("kim", .operator)
      try await service.addMachine()
      let browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      #expect(try await browser.ask(.post, "/machines/ender/enable").status == 200)
      _ = try await service.ask(.patch, "/users/kim", "{\"role\":\"viewer\"}")
      #expect(try await browser.ask(.post, "/machines/ender/enable").status == 403)
    }
  }
}

/// A clock that is set by hand.
final class ManualClock: Sendable {
  private let time = Mutex<Int64>(1_800_000_000_000)
  var read: @Sendable () -> Int64 { { self.time.withLock { $0 } } }
  func advance(hours: Int64) { advance(seconds: hours * 3600) }
  func advance(seconds: Int64) { time.withLock { $0 += seconds * 1000 } }
}

extension Service {
  /// Adds an account with the password "correct horse".
  func account(_ name: String, _ role: Role) async throws {
    let answer = try await ask(
      .post, "/users", "{\"name\":\"\(name)\",\"role\":\"\(role.rawValue)\",\"password\":\"correct horse\"}")
    #expect(answer.status == 201, "\(answer.text)")
  }

  func signIn(
    _ name: String, _ password: String, from address: String = "192.0.2.1", isSecure: Bool = false
  ) async throws -> Answer {
    try await ask(
      .post, "/session", "{\"name\":\"\(name)\",\"password\":\"\(password)\"}",
      over: .network(isSecure: isSecure, address: address))
  }

  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, token: String
  ) async throws -> Answer {
    try await ask(
      method, path, body, headers: [.authorization: "Bearer \(token)"],
      over: .network(isSecure: false, address: "192.0.2.9"))
  }
}

/// A browser with a cookie, showing our own page.
struct Browser {
  let service: Service
  var cookie: String
  var csrf: String?
  var isSecure = false
  var more: HTTPFields = [:]

  /// Takes the cookie and the page's word from the answer to a sign-in.
  init(_ service: Service, _ answer: Answer) throws {
    self.service = service
    cookie = String(try #require(answer.headers[.setCookie]).prefix { $0 != ";" })
    csrf = try answer.decoded(SessionModel.self).csrf
  }

  func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> Answer {
    var headers = more
    headers[.cookie] = "other=1; \(cookie)"
    if let csrf, let name = HTTPField.Name("X-Fabline-CSRF") { headers[name] = csrf }
    return try await service.ask(
      method, path, body, headers: headers, over: .network(isSecure: isSecure, address: "192.0.2.1"))
  }
}
