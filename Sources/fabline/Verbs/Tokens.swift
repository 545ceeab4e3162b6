import APIModel
import ArgumentParser

struct Token: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tokens: what slicers and scripts show instead of a password.",
    discussion: """
      A token is shown once, when it is made. It is sent as `Authorization: Bearer TOKEN` or `X-Api-Key: TOKEN`, and acts in \
      its owner's name with at most the owner's role.
      """,
    subcommands: [
      TokenCreate.self, TokenList.self, TokenRevoke.self, TokenRequests.self, TokenAllow.self, TokenDeny.self,
    ], defaultSubcommand: TokenList.self)
}

struct TokenCreate: Verb {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Makes a token, and shows it this once.",
    discussion: "Example: fabline token create slicer --role member --scope submit --expires 52w")

  @Argument(help: "What it is called.") var name: String
  @Option(help: "viewer, member, operator or admin; not above one's own, which it is without.")
  var role: Role?
  @Option(help: "Only for: read, submit, metrics; several with commas. Without, all that the role may.")
  var scope: String?
  @Option(help: "Until: 30d, 2027-03-01, 2027-03-01T12:00. Without, until it is revoked.")
  var expires: String?
  @Option(help: "For whom it acts; for admins.") var owner: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    var request = TokenRequest(name: name)
    request.role = role
    request.owner = owner
    request.scopes = scope?.split(separator: ",").map { String($0).trimmingBlanks() }
    request.expires = try expires.map { text in
      guard let moment = Timestamp.typed(text, past: false) else {
        throw Failure.usage("--expires \(text) is no time: 30d, 2027-03-01, 2027-03-01T12:00")
      }
      return Timestamp.iso(moment)
    }
    let token = try await context.withSupervisor { [request] in try await $0.makeToken(request) }
    try context.output.answer(token) { output in
      // The token alone on standard output: `fabline token create ci > token`.
      Output.complain(
        "token \(token.id) of \(token.owner), role \(token.role.rawValue); it is shown this once:")
      output.say(token.secret ?? "")
    }
  }
}

struct TokenList: Verb {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists one's own tokens; every token, for admins.")

  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let page = try await context.withSupervisor { try await $0.tokens() }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else { return output.say("no tokens: fabline token create NAME") }
      output.table(PeopleText.table(page.items))
    }
  }
}

struct TokenRevoke: Verb {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Takes a token back; whoever shows it is nobody at once.")

  @Argument(help: "The token's number, as `fabline token list` shows it.") var number: Int64
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await context.withSupervisor { try await $0.revokeToken(number) }
    context.output.say("token \(number) is revoked")
  }
}
