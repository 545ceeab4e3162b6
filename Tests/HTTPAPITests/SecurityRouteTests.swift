import APIModel
import Foundation
import HTTPTypes
import Hummingbird
import JobStore
import Testing

@testable import HTTPAPI

/// The route table, held against every role and against the routes themselves. The table drives it: a new row is tested by being
/// there.
@Suite("Security: routes and roles", .timeLimit(.minutes(2))) struct SecurityRouteTests {
  static let guarded = RouteTable.own.filter { $0.access != .anyone }

  /// A path as a client would write it: `ender`, job 1, and things that are not there.
  static func path(_ entry: RouteEntry) -> String {
    entry.path.split(separator: "/").map { part in
      switch part {
      case "{name}": entry.path.hasPrefix("/api/v1/users") ? "somebody" : "ender"
      case "{id}": "1"
      case _ where part.hasPrefix("{"): "0123456789abcdef"
      default: String(part)
      }
    }.reduce("") { $0 + "/" + $1 }
  }

  @Test("Every route of the router stands in the table, and every row of the table is a route")
  func complete() async throws {
    try await Service.with { service in
      let router = APIServer.router(
        supervisor: service.supervisor, version: "1", principals: .fixed(.admin), door: service.door)
      let known = Set(RouteTable.all.map { "\($0.method) \($0.path)" })
      let routes = Set(
        router.routes.map { route in
          let parts = route.path.description.split(separator: "/").map { Self.template($0) }
          return "\(route.method.rawValue) /" + parts.joined(separator: "/")
        })
      #expect(routes.subtracting(known).isEmpty, "routes that stand in no row of the table")
      #expect(known.subtracting(routes).isEmpty, "rows of the table that are no route")
      #expect(known.count == RouteTable.all.count, "a route stands in the table twice")
    }
  }

  private static func template(_ part: Substring) -> String {
    part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
  }

  @Test("Whoever is not signed in gets nothing but what is for anyone")
  func unsigned() async throws {
    let entries = RouteTable.all.filter { $0.access != .anyone }
    try await Service.with { service in
      for source in [PrincipalSource.network(isSecure: true, address: "192.0.2.1"), .fixed(.nobody)] {
        let answers = try await service.raw(
          entries.map { ($0.method, Self.path($0)) }, over: source, body: "{}")
        for (entry, answer) in zip(entries, answers) {
          #expect(answer.status == 401, "\(entry.method) \(entry.path): \(answer.status)")
          // Slicers are told in words of their own.
          guard Self.guarded.contains(entry) else { continue }
          #expect(try answer.decoded(Problem.self).code == "principal.unsigned")
        }
      }
    }
  }

  @Test("Each role gets what the table says and nothing more", arguments: Role.allCases)
  func roles(_ role: Role) async throws {
    try await Service.with { service in
      try await service.addMachine()
      let file = try await service.upload()
      _ = try await service.ask(.post, "/jobs", "{\"file\":\"\(file)\",\"machine\":\"ender\"}")
      try await service.account("somebody", .member)
      try await service.account("boss", .admin)
      // The rows that take away what the others need come last.
      for entry in Self.guarded.sorted(by: {
        ($0.method == "DELETE" ? 1 : 0) < ($1.method == "DELETE" ? 1 : 0)
      })
      // An answer that goes on for ever is left to the live tests.
      where entry.path != "/api/v1/events" {
        let who = Principal(name: "other", role: role, signIn: .token(id: 7, name: "t", scopes: []))
        let answer = try await service.raw(
          entry.method, Self.path(entry), over: .fixed(who), body: "{\"act\":\"home\",\"path\":\"x\"}")
        let code = (try? answer.decoded(Problem.self))?.code
        let isRefused = code == "principal.notAllowed" || code == "token.unknown"
        if let allowed = Self.allows(entry, role) {
          #expect(isRefused != allowed, "\(role) \(entry.method) \(entry.path): \(answer.text.prefix(200))")
        }
        #expect(answer.status != 401 && answer.status < 500, "\(entry.method) \(entry.path): \(answer.text)")
      }
    }
  }

  /// What a role may of a row; nil where that says nothing.
  private static func allows(_ entry: RouteEntry, _ role: Role) -> Bool? {
    switch entry.access {
    case .anyone, .stop: true
    case .role(let least): role >= least
    case .ownJob: role >= .operator  // job 1 is ann's
    case .ownAccount: role == .admin  // somebody's
    case .ownToken: role == .admin ? nil : false  // there is none
    case .act: role >= .operator  // home
    }
  }

  /// The words of the issue, written down a second time: the table is one reading, this is the other.
  @Test("What each role may write is what was settled")
  func settled() {
    func writes(_ access: Access) -> Set<String> {
      Set(
        RouteTable.own.filter { $0.method != "GET" && $0.access == access }.map { "\($0.method) \($0.path)" })
    }
    #expect(writes(.stop) == ["POST /api/v1/estop"])
    #expect(writes(.act) == ["POST /api/v1/machines/{name}/acts"])
    #expect(
      writes(.role(.viewer)) == [
        "DELETE /api/v1/session", "POST /api/v1/tokens", "POST /api/v1/tokens/requests/{id}",
      ])
    #expect(
      writes(.role(.member)).isSuperset(of: [
        "POST /api/v1/files", "POST /api/v1/jobs", "POST /api/v1/machines/{name}/ready",
      ]))
    #expect(
      writes(.role(.admin)).isSuperset(of: [
        "POST /api/v1/drain", "POST /api/v1/backup", "POST /api/v1/machines", "POST /api/v1/users",
        "PATCH /api/v1/machines/{name}", "PUT /api/v1/machines/{name}", "DELETE /api/v1/machines/{name}",
        "PUT /api/v1/profiles/{fingerprint}", "DELETE /api/v1/users/{name}",
      ]))
    #expect(writes(.anyone).contains("POST /api/v1/session"))
    let open = RouteTable.own.filter { $0.access == .anyone && $0.path.hasPrefix("/api/v1/") }.map(\.path)
    #expect(Set(open) == ["/api/v1/openapi.json", "/api/v1/session"])
    #expect(RouteTable.entry(method: "GET", path: "/api/v1/audit")?.access == .role(.admin))
  }

  static let acts: [(String, Role)] = [
    ("estop", .viewer), ("answer", .member), ("load", .member), ("unload", .member), ("home", .operator),
    ("jog", .operator), ("heat", .operator), ("cool", .operator), ("tune", .operator), ("run", .operator),
    ("send", .operator), ("pauseSD", .operator), ("resumeSD", .operator), ("stopSD", .operator),
    ("connect", .operator), ("disconnect", .operator), ("reset", .operator), ("zero", .operator),
    ("unlock", .operator), ("homeCycle", .operator), ("stop", .operator), ("measure", .operator),
    ("nonsense", .operator),
  ]

  @Test("An act by hand is judged by its word; everybody who is signed in may stop")
  func actsByHand() async throws {
    try await Service.with { service in
      try await service.addMachine()
      for (word, least) in Self.acts {
        for role in Role.allCases {
          let answer = try await service.ask(
            .post, "/machines/ender/acts", "{\"act\":\"\(word)\",\"text\":\"M105\"}",
            as: Principal(name: "other", role: role, signIn: .token(id: 1, name: "t", scopes: [])))
          let isRefused = answer.text.contains("principal.notAllowed")
          #expect(isRefused == (role < least), "\(role) \(word): \(answer.text)")
        }
      }
    }
  }

  @Test("Members act on their own jobs, do not get ahead of others, and keep what an operator gave")
  func ownJobs() async throws {
    try await Service.with { service in
      try await service.addMachine()
      let file = try await service.upload()
      let kim = Principal(name: "kim", role: .member, signIn: .token(id: 1, name: "t", scopes: []))
      func submit(_ more: String, as who: Principal) async throws -> Answer {
        try await service.ask(.post, "/jobs", "{\"file\":\"\(file)\",\"machine\":\"ender\"\(more)}", as: who)
      }
      let others = try await submit("", as: .admin).decoded(JobModel.self).id
      #expect(try await submit(",\"priority\":1", as: kim).problem().code == "principal.notAllowed")
      let own = try await submit(",\"priority\":-1", as: kim).decoded(JobModel.self).id
      let second = try await submit("", as: kim).decoded(JobModel.self).id
      func change(_ id: Int64, _ body: String, as who: Principal = kim) async throws -> Int {
        try await service.ask(.patch, "/jobs/\(id)", body, as: who).status
      }
      #expect(try await change(others, "{\"copies\":2}") == 403)
      #expect(try await change(own, "{\"copies\":2}") == 200)
      #expect(try await change(own, "{\"priority\":1}") == 403)
      #expect(try await change(own, "{\"before\":\(others)}") == 403)
      #expect(try await change(own, "{\"before\":\(second)}") == 200)
      #expect(try await change(own, "{\"priority\":5}", as: .admin) == 200)
      #expect(try await change(own, "{\"priority\":6}") == 403)
      #expect(try await change(own, "{\"priority\":4}") == 200)
    }
  }

  @Test(
    "A token is for what its scopes say, and for nothing that concerns people", arguments: TokenScope.allCases
  )
  func scopes(_ scope: TokenScope) async throws {
    try await Service.with { service in
      try await service.addMachine()
      let who = Principal(name: "other", role: .admin, signIn: .token(id: 7, name: "t", scopes: [scope]))
      for entry in Self.guarded where entry.path != "/api/v1/events" {
        let answer = try await service.raw(entry.method, Self.path(entry), over: .fixed(who), body: "{}")
        let isRefused = answer.text.contains("the token t is only for \(scope.rawValue)")
        let isForIt = entry.scopes.contains(scope) || entry.access == .stop
        #expect(isRefused == !isForIt, "\(entry.method) \(entry.path): \(answer.text)")
      }
      // Safety rule 1: whoever is signed in may stop, with whatever token.
      for word in ["estop", "home", "answer"] {
        let answer = try await service.raw(
          "POST", "/api/v1/machines/ender/acts", over: .fixed(who), body: "{\"act\":\"\(word)\"}")
        #expect(answer.text.contains("is only for") == (word != "estop"), "\(word): \(answer.text)")
      }
      // A key that sends files does not look into the workshop.
      for entry in RouteTable.all where entry.path.contains("/camera") {
        #expect(entry.scopes == [.read], "\(entry.path)")
      }
      for path in ["users", "tokens", "audit", "estop", "backup", "drain"] {
        let entries = RouteTable.all.filter { $0.path.hasPrefix("/api/v1/" + path) }
        #expect(!entries.isEmpty && entries.allSatisfy { $0.scopes.isEmpty }, "\(path)")
      }
    }
  }
}

extension Principal {
  static let admin = Principal(uid: 1234, name: "ann", role: .admin)
}
