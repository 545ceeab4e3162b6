import APIModel

/// The description of `/api/v1` in OpenAPI 3.1, made from the route table, the contracts and the models themselves.
enum OpenAPIDocument {
  /// The document; `version` is the program's.
  static func make(version: String) -> JSONValue {
    let catalogue = SchemaCatalogue()
    let contracts = Contracts.all
    var paths: [String: [String: JSONValue]] = [:]
    for entry in RouteTable.own where entry.path.hasPrefix("/api/v1/") {
      guard let contract = contracts["\(entry.method) \(entry.path)"] else { continue }
      paths[entry.path, default: [:]][entry.method.lowercased()] = operation(entry, contract, catalogue)
    }
    _ = catalogue.schema(of: Problem.self)
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Fabline", "version": .text(version),
        "description": "The queue, the machines and what happens to them.",
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "schemas": .object(catalogue.objects.mapValues(\.json)),
        "securitySchemes": [
          "token": ["type": "http", "scheme": "bearer"],
          "key": ["type": "apiKey", "in": "header", "name": "X-Api-Key"],
          "session": ["type": "apiKey", "in": "cookie", "name": "fabline"],
        ],
      ],
    ]
  }

  private static func operation(
    _ entry: RouteEntry, _ contract: Contract, _ catalogue: SchemaCatalogue
  ) -> JSONValue {
    var answers: [String: JSONValue] = [
      "\(contract.status)": response(contract, catalogue),
      "default": [
        "description": "What went wrong, and what to do (RFC 9457).",
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
      ],
    ]
    // A repeated request with the same key is answered as the first one was.
    if entry.method != "GET" { answers["\(contract.status)"]?.add("headers", replayed) }
    var operation: [String: JSONValue] = [
      "summary": .text(entry.summary), "operationId": .text(identifier(entry)),
      "parameters": .list(parameters(entry, contract)), "responses": .object(answers),
      "x-fabline-access": .text(words(entry.access)),
      "security": entry.access == .anyone ? [] : [["token": []], ["key": []], ["session": []]],
    ]
    if let content = content(contract.body, catalogue) {
      operation["requestBody"] = ["required": .flag(isNeeded(contract, catalogue)), "content": content]
    }
    return .object(operation)
  }

  private static let replayed: JSONValue = [
    "Idempotency-Replayed": [
      "description": "true where an earlier request with this Idempotency-Key was answered the same",
      "schema": ["type": "string"],
    ]
  ]

  /// An empty body stands for `{}`: it is enough where no member is required.
  private static func isNeeded(_ contract: Contract, _ catalogue: SchemaCatalogue) -> Bool {
    guard case .json(let type) = contract.body, case .named(let name) = catalogue.schema(of: type) else {
      return true
    }
    return catalogue.objects[name]?.members.contains(where: \.isRequired) ?? false
  }

  private static func response(_ contract: Contract, _ catalogue: SchemaCatalogue) -> JSONValue {
    guard var content = content(contract.answer, catalogue) else { return ["description": "Done."] }
    if let other = contract.otherForm { content.add(other, ["schema": [:]]) }
    return ["description": "Done.", "content": content]
  }

  private static func content(_ payload: Contract.Payload, _ catalogue: SchemaCatalogue) -> JSONValue? {
    switch payload {
    case .none: nil
    case .json(let type): ["application/json": ["schema": catalogue.schema(of: type).json]]
    case .bytes(let type): .object([type: ["schema": type == "application/json" ? ["type": "object"] : [:]]])
    }
  }

  private static func parameters(_ entry: RouteEntry, _ contract: Contract) -> [JSONValue] {
    var parameters: [JSONValue] = entry.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
      let name = String(part.dropFirst().dropLast())
      let schema: JSONValue =
        name == "id" ? ["type": "integer", "minimum": 1] : ["type": "string", "minLength": 1]
      return ["name": .text(name), "in": "path", "required": true, "schema": schema]
    }
    parameters += contract.query.map { parameter in
      [
        "name": .text(parameter.name), "in": "query", "required": .flag(parameter.isRequired),
        "description": .text(parameter.summary), "schema": parameter.schema.json,
      ]
    }
    if entry.method != "GET" {
      parameters.append([
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "The same key with the same request does the thing once.",
        "schema": ["type": "string", "minLength": 1, "maxLength": 255],
      ])
    }
    return parameters
  }

  /// `POST /api/v1/jobs/{id}/hold` is `postJobsIdHold`.
  private static func identifier(_ entry: RouteEntry) -> String {
    let words = entry.path.dropFirst("/api/v1/".count).split(whereSeparator: { "/-.{}".contains($0) })
    return entry.method.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static func words(_ access: Access) -> String {
    switch access {
    case .anyone: "anyone"
    case .role(let role): role.rawValue
    case .ownJob: "the submitter, or operator"
    case .ownAccount: "oneself, or admin"
    case .ownToken: "the owner, or admin"
    case .act: "as the act needs it: viewer to stop, member to answer and load, else operator"
    case .stop: "anyone who is signed in"
    }
  }
}

extension JSONValue {
  /// Adds a member to an object.
  mutating func add(_ key: String, _ value: JSONValue) {
    guard case .object(var members) = self else { return }
    members[key] = value
    self = .object(members)
  }
}
