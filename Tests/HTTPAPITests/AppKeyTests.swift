import APIModel
import Foundation
import HTTPTypes
import JobStore
import Testing

@testable import HTTPAPI

/// OctoPrint's application keys, as Cura's plugin asks for them.
@Suite("Keys that programs ask for", .timeLimit(.minutes(1))) struct AppKeyTests {
  private static let cura = PrincipalSource.network(isSecure: true, address: "192.0.2.7")

  private struct Asked: Decodable {
    var appToken: String
    var authDialog: String

    private enum CodingKeys: String, CodingKey {
      case appToken = "app_token"
      case authDialog = "auth_dialog"
    }
  }

  private func ask(
    _ service: Service, _ body: String = "{\"app\": \"Cura\"}", from source: PrincipalSource = cura
  ) async throws -> Answer {
    try await service.raw("POST", "/m/ender/plugin/appkeys/request", over: source, body: body)
  }

  private func poll(_ service: Service, _ asked: Answer) async throws -> Answer {
    let token = try asked.decoded(Asked.self).appToken
    return try await service.raw("GET", "/m/ender/plugin/appkeys/request/\(token)", over: Self.cura)
  }

  private func requests(_ service: Service) async throws -> [KeyRequestModel] {
    try await service.ask(.get, "/tokens/requests").decoded(ItemPage<KeyRequestModel>.self).items
  }

  @Test("A person says yes, and the program gets a key that submits in that person's name, once")
  func granted() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.account("kim", .member)
      #expect(try await service.raw("GET", "/plugin/appkeys/probe", over: Self.cura).status == 204)
      let asked = try await ask(service)
      #expect(asked.status == 201)
      let words = try asked.decoded(Asked.self)
      #expect(words.authDialog.hasPrefix("https://") && words.authDialog.hasSuffix("/#/more"))
      let place = try #require(asked.headers[.location])
      #expect(
        place.hasPrefix("https://") && place.hasSuffix("/m/ender/plugin/appkeys/request/" + words.appToken))
      #expect(try await poll(service, asked).status == 202)
      let waiting = try await requests(service)
      #expect(waiting.map(\.app) == ["Cura"] && waiting.map(\.address) == ["192.0.2.7"])
      let kim = try Browser(service, try await service.signIn("kim", "correct horse"))
      let id = try #require(waiting.first?.id)
      #expect(try await kim.ask(.post, "/tokens/requests/\(id)", "{\"allow\":true}").status == 200)
      #expect(try await requests(service).isEmpty)
      #expect(try await service.door.store.tokens().isEmpty, "no key is made before somebody comes for it")

      let given = try await poll(service, asked)
      #expect(given.status == 200 && given.headers[.cacheControl] == "no-store")
      let key = try #require(try given.decoded([String: String].self)["api_key"])
      #expect(try await poll(service, asked).status == 404, "told once")
      let token = try #require(try await service.door.store.tokens().first)
      #expect(
        token.name == "Cura" && token.owner == "kim" && token.role == .member && token.scopes == [.submit])
      #expect(try await service.ask(.post, "/files?name=a.gcode", "G28\n", token: key).status == 201)
      #expect(try await service.ask(.post, "/machines/ender/ready", "{}", token: key).status == 403)
      #expect(try await service.ask(.get, "/tokens", token: key).status == 403)
    }
  }

  @Test("A no, a time too long and a program that went away all give no key, in the same words")
  func refused() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      let no = try await ask(service)
      let id = try #require(try await requests(service).first?.id)
      #expect(try await service.ask(.post, "/tokens/requests/\(id)", "{\"allow\":false}").status == 200)
      let late = try await ask(service)
      for _ in 0..<14 {
        clock.advance(seconds: 20)
        #expect(try await poll(service, late).status == 202)
      }
      clock.advance(seconds: 20)
      let away = try await ask(service)
      clock.advance(seconds: 31)
      #expect(try await requests(service).isEmpty)
      let answers = [
        try await poll(service, no), try await poll(service, late), try await poll(service, away),
      ]
      #expect(answers.map(\.status) == [404, 404, 404])
      #expect(Set(answers.map(\.text)).count == 1)
      #expect(try await service.raw("GET", "/plugin/appkeys/request/guessed", over: Self.cura).status == 404)
      #expect(try await service.door.store.tokens().isEmpty)
    }
  }

  @Test("A key that was granted and not fetched in time is none")
  func notFetched() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      let asked = try await ask(service)
      let id = try #require(try await requests(service).first?.id)
      #expect(try await service.ask(.post, "/tokens/requests/\(id)", "{\"allow\":true}").status == 200)
      clock.advance(seconds: 31)
      #expect(try await poll(service, asked).status == 404)
      #expect(try await service.door.store.tokens().isEmpty)
    }
  }

  @Test(
    "What names somebody is for them and for admins; nobody grants in another's name, and no token grants")
  func others() async throws {
    try await Service.with { service in
      for (name, role) in [("kim", Role.member), ("lee", .operator), ("ann", .admin)] {
        try await service.account(name, role)
      }
      let asked = try await ask(service, "{\"app\":\"Cura\",\"user\":\"kim\"}")
      let id = try #require(try await requests(service).first?.id)
      let lee = try Browser(service, try await service.signIn("lee", "correct horse"))
      #expect(try await lee.ask(.get, "/tokens/requests").text.contains("Cura") == false)
      #expect(try await lee.ask(.post, "/tokens/requests/\(id)", "{\"allow\":true}").status == 404)
      let kim = try Browser(service, try await service.signIn("kim", "correct horse"))
      let made = try await kim.ask(.post, "/tokens", "{\"name\":\"Cura\"}").decoded(TokenModel.self)
      let own = try await service.ask(
        .post, "/tokens/requests/\(id)", "{\"allow\":true}", token: try #require(made.secret))
      #expect(own.status == 403)
      #expect(try await poll(service, asked).status == 202)
      let ann = try Browser(service, try await service.signIn("ann", "correct horse"))
      #expect(try await ann.ask(.post, "/tokens/requests/\(id)", "{\"allow\":true}").status == 200)
      #expect(try await poll(service, asked).status == 200)
      let token = try #require(try await service.door.store.tokens(of: "kim").last)
      #expect(token.name == "Cura 2" && token.role == .member && token.createdBy == "ann")
      #expect(
        try await service.ask(.get, "/audit").decoded(ItemPage<AuditModel>.self).items.contains {
          $0.what == "key granted" && $0.who == "ann" && $0.detail == "Cura at 192.0.2.7"
        })
    }
  }

  @Test("Few may ask at once, from one address fewer, and not all day long")
  func bounds() async throws {
    let clock = ManualClock()
    try await Service.with(now: clock.read) { service in
      for _ in 0..<3 { #expect(try await ask(service).status == 201) }
      let fourth = try await ask(service)
      #expect(fourth.status == 429 && fourth.headers[.retryAfter] == "60")
      for host in 0..<13 {
        let source = PrincipalSource.network(isSecure: true, address: "198.51.100.\(host)")
        #expect(try await ask(service, from: source).status == 201)
      }
      let another = PrincipalSource.network(isSecure: true, address: "203.0.113.1")
      #expect(try await ask(service, from: another).status == 429)
      #expect(try await requests(service).count == 16)
      for _ in 0..<7 {
        clock.advance(seconds: 31)
        #expect(try await ask(service).status == 201)
      }
      clock.advance(seconds: 31)
      #expect(try await ask(service).status == 429, "ten in an hour")
      clock.advance(hours: 1)
      #expect(try await ask(service).status == 201)
    }
  }

  @Test(
    "What calls itself by no name is nobody",
    arguments: [
      "{}", "{\"app\":\"\"}", "{\"app\":\"a\\nb\"}", "{\"app\":\"\\u202Eevil\"}", "{\"app\":7}", "nonsense",
      "{\"app\":\"Cura\",\"user\":\"\\u0000\"}", "{\"app\":\"\(String(repeating: "x", count: 62))\"}",
    ])
  func names(_ body: String) async throws {
    try await Service.with { service in
      let answer = try await ask(service, body)
      #expect(answer.status == 400 && answer.text.contains("\"error\""), "\(answer.text)")
      #expect(try await requests(service).isEmpty)
    }
  }
}
