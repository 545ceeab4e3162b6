import APIModel
import Foundation
import HTTPTypes
import Hummingbird
import Testing

@testable import HTTPAPI

/// The description that is served, held against the routes and against what they answer.
@Suite(.timeLimit(.minutes(1))) struct OpenAPITests {
  private func document(_ service: Service) async throws -> [String: Any] {
    let answer = try await service.ask(.get, "/openapi.json")
    #expect(answer.status == 200)
    return try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])
  }

  @Test("Every route of the API has a contract, and every contract a route")
  func contracts() {
    let routes = Set(
      RouteTable.own.filter { $0.path.hasPrefix("/api/v1/") }.map { "\($0.method) \($0.path)" })
    let contracts = Set(Contracts.all.keys)
    #expect(routes.subtracting(contracts).isEmpty, "routes without a contract")
    #expect(contracts.subtracting(routes).isEmpty, "contracts without a route")
  }

  @Test("Every model tells its shape")
  func shapes() {
    let catalogue = SchemaCatalogue()
    for (route, contract) in Contracts.all {
      for case .json(let type) in [contract.body, contract.answer] {
        guard case .named(let name) = catalogue.schema(of: type) else {
          Issue.record("\(route) has a body that is no object")
          continue
        }
        #expect(catalogue.objects[name]?.members.isEmpty == false, "\(name) has no members")
      }
    }
    #expect(catalogue.failures.isEmpty)
    let job = catalogue.objects["JobRequest"]?.members
    #expect(job?.first { $0.name == "file" }?.isRequired == true)
    #expect(job?.first { $0.name == "copies" } == .init(name: "copies", schema: .integer, isRequired: false))
    #expect(catalogue.objects["JobModelPage"]?.members.first?.schema == .list(.named("JobModel")))
    #expect(
      catalogue.objects["MachineSettings"]?.members.first { $0.name == "macros" }?.schema
        == .map(.list(.string)))
    #expect(
      catalogue.objects["MachineModel"]?.members.first { $0.name == "bed" }?.schema
        == .choice(["unknown", "occupied", "clear"]))
  }

  @Test("Nothing in the document points nowhere, and no two operations have one name")
  func references() async throws {
    try await Service.with { service in
      let document = try await document(service)
      let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
      let text = try await service.ask(.get, "/openapi.json").text
      for piece in text.components(separatedBy: "#/components/schemas/").dropFirst() {
        #expect(schemas[String(piece.prefix { $0 != "\"" })] != nil)
      }
      let names = text.components(separatedBy: "\"operationId\":\"").dropFirst().map {
        $0.prefix { $0 != "\"" }
      }
      #expect(Set(names).count == names.count)
      #expect(names.count == Contracts.all.count)
    }
  }

  @Test("A path that is there refuses other methods as such; one that is not, is not there")
  func methods() async throws {
    try await Service.with { service in
      for path in Set(RouteTable.own.map(\.path)) where path.hasPrefix("/api/v1/") {
        let filled = path.dropFirst("/api/v1".count).split(separator: "/").map {
          $0.hasPrefix("{") ? "1" : $0
        }
        let answer = try await service.ask(.trace, "/" + filled.joined(separator: "/"))
        #expect(try answer.problem().code == "request.method", "\(path)")
      }
      #expect(try await service.ask(.get, "/nothing").problem().code == "request.noRoute")
      #expect(RouteTable.methods(at: "/api/v1/files") == ["GET", "POST"])
    }
  }

  @Test("What the routes answer is what the document says")
  func answers() async throws {
    try await Service.with { service in
      try await service.addMachine("ender", ",\"macros\":{\"park\":[\"G28\"]}")
      try await service.attached()
      let file = try await service.upload()
      let submitted = try await service.ask(.post, "/jobs", "{\"file\":\"\(file)\",\"machine\":\"ender\"}")
      let job = try submitted.decoded(JobModel.self)
      let judge = SchemaJudge(document: try await document(service))
      try judge.hold(submitted, .post, "/api/v1/jobs")
      let reads = [
        ("/status", "/status"), ("/jobs", "/jobs"), ("/jobs/\(job.id)", "/jobs/{id}"),
        ("/jobs/\(job.id)/why", "/jobs/{id}/why"), ("/jobs/\(job.id)/history", "/jobs/{id}/history"),
        ("/files", "/files"), ("/files/\(file)", "/files/{hash}"), ("/machines", "/machines"),
        ("/machines/ender", "/machines/{name}"), ("/machines/ender/history", "/machines/{name}/history"),
        ("/machines/ender/temperatures", "/machines/{name}/temperatures"), ("/devices", "/devices"),
        ("/profiles", "/profiles"), ("/logs", "/logs"),
        ("/jobs/9999", "/jobs/{id}"),
      ]
      for (path, template) in reads {
        try judge.hold(try await service.ask(.get, path), .get, "/api/v1" + template)
      }
    }
  }
}

/// Holds answers against the document's schemas: every member that came is described, every required one came.
struct SchemaJudge {
  let document: [String: Any]

  func hold(_ answer: Answer, _ method: HTTPRequest.Method, _ template: String) throws {
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let operation = try #require(
      paths[template]?[method.rawValue.lowercased()] as? [String: Any], "\(template)")
    let responses = try #require(operation["responses"] as? [String: Any])
    let response = try #require((responses["\(answer.status)"] ?? responses["default"]) as? [String: Any])
    let content = try #require(response["content"] as? [String: Any])
    let media = try #require(content[answer.type] as? [String: Any], "\(template): \(answer.type)")
    let value = try JSONSerialization.jsonObject(with: Data(answer.text.utf8))
    compare(value, try #require(media["schema"] as? [String: Any]), template)
  }

  private func compare(_ value: Any, _ schema: [String: Any], _ place: String) {
    if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
      let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: Any]
      guard let named = schemas?[String(name)] as? [String: Any] else {
        Issue.record("\(place): no schema \(name)")
        return
      }
      return compare(value, named, "\(place) \(name)")
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      if !(value is NSNull), let first = choices.first { compare(value, first, place) }
      return
    }
    switch schema["type"] as? String {
    case "object": compareObject(value, schema, place)
    case "array":
      guard let items = value as? [Any], let item = schema["items"] as? [String: Any] else {
        Issue.record("\(place) is no list")
        return
      }
      for each in items { compare(each, item, place) }
    case "string":
      #expect(value is String, "\(place)")
      if let words = schema["enum"] as? [String] {
        #expect(words.contains(value as? String ?? ""), "\(place)")
      }
    default: #expect(value is NSNumber, "\(place)")
    }
  }

  private func compareObject(_ value: Any, _ schema: [String: Any], _ place: String) {
    guard let members = value as? [String: Any] else {
      Issue.record("\(place) is no object")
      return
    }
    if let each = schema["additionalProperties"] as? [String: Any] {
      for (key, value) in members { compare(value, each, "\(place).\(key)") }
      return
    }
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    for name in schema["required"] as? [String] ?? [] {
      #expect(members[name] != nil, "\(place) lacks \(name)")
    }
    for (key, value) in members {
      guard let property = properties[key] else {
        Issue.record("\(place).\(key) is not described")
        continue
      }
      compare(value, property, "\(place).\(key)")
    }
  }
}
