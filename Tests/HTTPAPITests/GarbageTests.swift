import APIModel
import Foundation
import HTTPTypes
import Testing

@testable import HTTPAPI

/// Clients that send garbage get a problem document of the 4xx kind, whatever it is.
@Suite(.timeLimit(.minutes(1))) struct GarbageTests {
  @Test(
    "Paths, queries and bodies that make no sense",
    arguments: [
      ("GET", "/nothing", ""), ("POST", "/status", ""), ("GET", "/jobs/abc", ""), ("GET", "/jobs/0", ""),
      ("GET", "/jobs/-1", ""), ("GET", "/jobs/99999999999999999999", ""), ("GET", "/jobs/7", ""),
      ("GET", "/jobs?state=eaten", ""), ("GET", "/jobs?after=x", ""), ("GET", "/jobs?limit=0", ""),
      ("GET", "/jobs?limit=100000", ""), ("POST", "/jobs", ""), ("POST", "/jobs", "nonsense"),
      ("POST", "/jobs", "[]"), ("POST", "/jobs", "{\"file\":7}"), ("POST", "/jobs", "{\"file\":\"\"}"),
      ("POST", "/jobs", "{\"file\":\"../../etc/passwd\"}"),
      ("POST", "/jobs", "{\"file\":\"aaaaaaaaaaaa\",\"copies\":-1}"),
      ("POST", "/jobs", "{\"file\":\"aaaaaaaaaaaa\",\"due\":\"soon\"}"),
      ("POST", "/jobs/1/hold", "{\"reason\":1}"),
      ("PATCH", "/jobs/1", "{\"copies\":\"many\"}"), ("POST", "/files", "G28\n"), ("GET", "/files/zz", ""),
      ("GET", "/files/..%2f..%2fetc%2fpasswd", ""),
      ("POST", "/machines", "{\"name\":\"a/b\",\"port\":\"/dev/x\"}"),
      ("POST", "/machines", "{\"name\":\"\",\"port\":\"\"}"),
      ("POST", "/machines", "{\"name\":\"x\",\"port\":\"/dev/x\",\"machineClass\":\"boat\"}"),
      ("POST", "/machines", "{\"name\":\"x\",\"port\":\"/dev/x\",\"baud\":1e99}"),
      ("GET", "/machines/%00", ""), ("GET", "/machines/%ff%fe", ""), ("POST", "/machines/x/acts", "{}"),
      ("POST", "/machines/x/acts", "{\"act\":\"dance\"}"),
      ("POST", "/machines/x/acts", "{\"act\":\"home\",\"axes\":\"Q\"}"),
      ("GET", "/events?kind=weather", ""), ("GET", "/events?machine=nobody", ""),
      ("GET", "/events?job=x", ""),
      ("GET", "/logs?level=loud", ""), ("GET", "/logs?since=%F0%9F%92%A9", ""),
      ("POST", "/backup", "{\"path\":\"rel\"}"),
      ("PUT", "/machines/x/wire-log", "{}"), ("DELETE", "/machines/nobody", ""),
    ])
  func nonsense(method: String, path: String, body: String) async throws {
    try await Service.with { service in
      let method = try #require(HTTPRequest.Method(rawValue: method))
      let answer = try await service.ask(
        method, path, body, as: Principal(uid: 0, name: "root", role: .admin))
      #expect((400..<500).contains(answer.status), "\(answer.status) \(answer.text)")
      _ = try answer.problem()
    }
  }

  @Test("A JSON body has a limit")
  func large() async throws {
    try await Service.with { service in
      let body = "{\"file\":\"" + String(repeating: "a", count: 300 << 10) + "\"}"
      let answer = try await service.ask(.post, "/jobs", body)
      #expect(try answer.problem().code == "request.tooLarge")
    }
  }

  @Test("JSON that is nested without end is refused")
  func nested() async throws {
    try await Service.with { service in
      let body = String(repeating: "[", count: 100_000)
      let answer = try await service.ask(.post, "/jobs", body)
      #expect(try answer.problem().status == 400)
    }
  }

  @Test(
    "Acts with numbers that no machine takes",
    arguments: [
      "{\"act\":\"jog\"}", "{\"act\":\"jog\",\"move\":{\"q\":1}}", "{\"act\":\"jog\",\"move\":{\"x\":1e9}}",
      "{\"act\":\"jog\",\"move\":{\"x\":1},\"feedrate\":0}", "{\"act\":\"heat\"}",
      "{\"act\":\"heat\",\"toolTarget\":-5}",
      "{\"act\":\"heat\",\"toolTarget\":200,\"tool\":99999999999}", "{\"act\":\"tune\"}",
      "{\"act\":\"tune\",\"fan\":300}",
      "{\"act\":\"tune\",\"babystep\":50}", "{\"act\":\"load\",\"length\":-1}", "{\"act\":\"send\"}",
      "{\"act\":\"send\",\"text\":\"G28\\nM112\"}", "{\"act\":\"answer\",\"choice\":-1}",
    ])
  func acts(body: String) throws {
    let request = try JSONDecoder().decode(ActRequest.self, from: Data(body.utf8))
    let problem = #expect(throws: Problem.self) { try request.acts() }
    #expect(problem?.status == 400)
  }
}
