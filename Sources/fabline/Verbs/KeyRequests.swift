import APIModel
import ArgumentParser

struct TokenRequests: Verb {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "Lists the programs that ask for a token and wait for a person's word.",
    discussion: """
      Cura's OctoPrint plugin and some phone programs ask for a key by themselves. Whoever reaches the host can ask under any \
      name: allow what you started yourself just now, at the address where you did.
      """)

  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let page = try await context.withSupervisor { try await $0.keyRequests() }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else { return output.say("no program asks for a token") }
      output.table(PeopleText.table(page.items))
    }
  }
}

struct TokenAllow: Verb {
  static let configuration = CommandConfiguration(
    commandName: "allow",
    abstract: "Gives a program the token that it asks for: one that submits in your name.")

  @Argument(help: "The request's number, as `fabline token requests` shows it.") var number: Int64
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let request = try await context.withSupervisor { try await $0.decideKey(number, allow: true) }
    try context.output.answer(request) {
      $0.say(
        "\(TextWidth.harmless(request.app)) at \(request.address) gets its token; `fabline token list` has it"
      )
    }
  }
}

struct TokenDeny: Verb {
  static let configuration = CommandConfiguration(
    commandName: "deny", abstract: "Refuses a program the token that it asks for.")

  @Argument(help: "The request's number, as `fabline token requests` shows it.") var number: Int64
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let request = try await context.withSupervisor { try await $0.decideKey(number, allow: false) }
    try context.output.answer(request) {
      $0.say("\(TextWidth.harmless(request.app)) at \(request.address) gets no token")
    }
  }
}
