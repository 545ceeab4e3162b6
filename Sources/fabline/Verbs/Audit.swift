import APIModel
import ArgumentParser

struct Audit: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows who did what, when, from where, and whether it was allowed; for admins.",
    discussion:
      "Every sign-in and refused one, every change of an account or a token, and every write over the API is there."
  )

  @Option(help: "Only since: 10m, 2h, 18:30, 2026-12-01T12:00.") var since: String?
  @Option(help: "Only what this person did.") var user: String?
  @Option(help: "The newest so many, where no time is named; 1 to 500.") var count = 100
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...500).contains(count) else { throw ValidationError("--count is 1 to 500.") }
  }

  func perform(_ context: Context) async throws {
    let since = try since.map { text in
      guard let moment = Timestamp.typed(text, past: true) else {
        throw Failure.usage("--since \(text) is no time: 10m, 2h, 18:30, 2026-12-01T12:00")
      }
      return Timestamp.iso(moment)
    }
    var page = try await context.withSupervisor {
      try await $0.audit(user: user, since: since, count: count)
    }
    page.items.reverse()
    try context.output.answer(page) { output in
      for row in page.items {
        output.say(PeopleText.line(row, colour: output.standard.colour))
      }
    }
  }
}
