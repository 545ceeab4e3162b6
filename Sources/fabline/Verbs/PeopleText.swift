import APIModel

/// Accounts, tokens and rows of the audit log, as people read them.
enum PeopleText {
  static func table(_ accounts: [AccountModel]) -> TextTable {
    var table = TextTable([
      .init(title: "NAME"), .init(title: "ROLE"), .init(title: "STATE"),
      .init(title: "LAST SIGN-IN", expendable: 1), .init(title: "MADE BY", expendable: 2),
    ])
    for account in accounts {
      table.add([
        account.name, account.role.rawValue, account.disabled ? "shut out" : "",
        account.lastSignIn.map { Timestamp.local($0) } ?? "", account.createdBy,
      ])
    }
    return table
  }

  static func table(_ tokens: [TokenModel]) -> TextTable {
    var table = TextTable([
      .init(title: "TOKEN", right: true), .init(title: "NAME", minimum: 8), .init(title: "OWNER"),
      .init(title: "ROLE"), .init(title: "ONLY FOR", expendable: 2), .init(title: "EXPIRES", expendable: 3),
      .init(title: "LAST USED", expendable: 1),
    ])
    for token in tokens {
      table.add([
        "\(token.id)", token.name, token.owner, token.role.rawValue, token.scopes.joined(separator: ","),
        token.expiresAt.map { Timestamp.local($0) } ?? "never",
        token.lastUsedAt.map { Timestamp.local($0) } ?? "never",
      ])
    }
    return table
  }

  static func table(_ requests: [KeyRequestModel]) -> TextTable {
    var table = TextTable([
      .init(title: "REQUEST", right: true), .init(title: "PROGRAM", minimum: 8), .init(title: "FROM"),
      .init(title: "FOR"), .init(title: "ASKED", expendable: 1),
    ])
    for request in requests {
      table.add([
        "\(request.id)", request.app, request.address, request.user ?? "whoever grants it",
        Timestamp.local(request.askedAt),
      ])
    }
    return table
  }

  /// `2026-11-28T22:04:11.020+01:00 done kim (session, 192.0.2.1) sign-in kim: words`.
  static func line(_ row: AuditModel, colour: Bool) -> String {
    let outcome =
      switch row.outcome {
      case "done": row.outcome
      case "refused": Colour.yellow.paint(row.outcome, on: colour)
      default: Colour.red.paint(row.outcome, on: colour)
      }
    let from = [row.via, row.address].compactMap { $0 }.joined(separator: ", ")
    let what = [row.what, row.target].compactMap { $0 }.joined(separator: " ")
    let words = "\(row.who) (\(from)) \(what)" + (row.detail.map { ": \($0)" } ?? "")
    return "\(Timestamp.logTime(row.at)) \(outcome) \(TextWidth.harmless(words))"
  }
}
