import APIModel
import ArgumentParser
import Glibc

struct Recover: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Goes on with a print that was cut short: power, cable, host.",
    discussion: """
      Shows what certainly ran and what may have, asks what only a person at the machine can see, shows the plan, and \
      carries it out after you typed that you want it. The nozzle is lifted before anything moves sideways, X and Y are \
      homed, Z is not: the machine's owner has to have said that Z stays where it is without power \
      (`fabline machine set NAME --holds-z yes`).

      For scripts: fabline recover 12 --show --json, then
      fabline recover 12 --start --plan HASH --answer stuck=yes --answer free=yes

      To vouch for it with a reason for the history, give --go-on and --reason instead of --start.

      Without printing: fabline recover 12 --done (the part is whole) or --failed (it is lost).
      """)

  @Argument(help: "The job's number.") var job: JobNumber
  @Flag(help: "Show the facts and the plan's G-code, and do nothing.") var show = false
  @Flag(help: "Carry out the plan that --plan names; asks nothing.") var start = false
  @Option(help: ArgumentHelp("Which plan, as --show names it.", valueName: "hash")) var plan: String?
  @Option(help: ArgumentHelp("The answer to a question.", valueName: "question=answer")) var answer:
    [String] = []
  @Option(help: "Go on at this line of the file instead.") var line: Int64?
  @Option(help: "Go on where this layer begins.") var layer: Int?
  @Flag(help: "The part is whole: the job is done.") var done = false
  @Flag(help: "The part is lost: the job failed.") var failed = false
  @Flag(help: "Vouch for it: it goes on by the plan that --plan names.") var goOn = false
  @Option(help: "Why, for the history; with --done, --failed or --go-on.") var reason: String?
  @Flag(help: "Follow it to its end, and exit with what became of it.") var wait = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard [show, start, done, failed, goOn].filter({ $0 }).count <= 1 else {
      throw ValidationError("Say one of --show, --start, --go-on, --done and --failed.")
    }
    guard line == nil || layer == nil else { throw ValidationError("Say --line or --layer, not both.") }
    guard (line ?? 1) > 0, (layer ?? 1) > 0 else { throw ValidationError("Lines and layers count from 1.") }
    if start, plan == nil { throw ValidationError("--start wants --plan: see `fabline recover JOB --show`.") }
    if !start, !goOn, plan != nil { throw ValidationError("--plan goes with --start or --go-on.") }
    if reason != nil, !done, !failed, !goOn {
      throw ValidationError("--reason goes with --done, --failed or --go-on.")
    }
  }

  func perform(_ context: Context) async throws {
    if done || failed { return try await decide(context) }
    let given = try Answers(answer)
    let recovered = try await context.withSupervisor { api -> JobModel? in
      if goOn { return try await vouch(api, given) }
      let model = try await api.recovery(job.value, line: line, layer: layer, height: given.height)
      if show || (common.json && !start) {
        try context.output.answer(model) { RecoverText.all(model).forEach($0.say) }
        return nil
      }
      try Self.refuse(model)
      if start { return try await begin(api, given, hash: plan ?? "") }
      return try await converse(api, model, given)
    }
    guard let recovered else { return }
    if !wait || !context.output.json { try JobOrder.say(recovered, context) }
    if wait { try await JobFollower(context: context, job: job.value).follow() }
  }

  /// A person at a terminal: facts, questions, plan, and the words that start it.
  private func converse(
    _ api: SupervisorAPI, _ shown: RecoveryModel, _ given: Answers
  ) async throws -> JobModel {
    for line in RecoverText.facts(shown) { Output.complain(line) }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(
        code: "consent.nobody",
        sentence:
          "this asks a person, and standard input is no terminal; for scripts there are --show and --start",
        status: .usage)
    }
    var answers = given
    for question in shown.questions where answers.values[question.id] == nil {
      answers.values[question.id] = try Self.ask(question)
    }
    // The height decides where the plan goes on.
    let model = try await api.recovery(job.value, line: line, layer: layer, height: answers.height)
    try Self.refuse(model)
    Output.complain("")
    for line in RecoverText.plan(model) { Output.complain(line) }
    Output.complain("")
    Output.write("Stay beside it. To start, type: recover \(job.value)\n> ", to: STDERR_FILENO)
    guard (readLine() ?? "").trimmingBlanks() == "recover \(job.value)" else {
      throw Failure(code: "consent.refused", sentence: "nothing was done", status: .cancelled)
    }
    return try await begin(api, answers, hash: model.planHash ?? "")
  }

  private func begin(_ api: SupervisorAPI, _ answers: Answers, hash: String) async throws -> JobModel {
    try await api.recover(
      job.value, RecoverRequest(answers: answers.values, planHash: hash, line: line, layer: layer))
  }

  /// Without --plan the supervisor says what is missing, or why there is no plan.
  private func vouch(_ api: SupervisorAPI, _ answers: Answers) async throws -> JobModel {
    var request = UncertainRequest(decision: "goOn", reason: reason)
    request.planHash = plan
    request.answers = answers.values
    request.line = line
    request.layer = layer
    return try await api.decide(job.value, request)
  }

  private func decide(_ context: Context) async throws {
    let request = UncertainRequest(decision: done ? "done" : "failed", reason: reason)
    let decided = try await context.withSupervisor { try await $0.decide(job.value, request) }
    try JobOrder.say(decided, context)
  }

  private static func refuse(_ model: RecoveryModel) throws(Failure) {
    guard let refusal = model.refusal else { return }
    throw Failure(
      code: refusal.code, sentence: TextWidth.harmless(refusal.sentence), status: .notNow,
      details: RecoverText.facts(model) + [RecoverText.otherwise(model.job)])
  }

  private static func ask(_ question: RecoveryModel.Question) throws(Failure) -> String {
    Output.complain("")
    Output.complain(TextWidth.harmless(question.text))
    for _ in 0..<3 {
      Output.write("[\(question.choices.joined(separator: "/"))] ", to: STDERR_FILENO)
      guard let line = readLine() else { break }
      let typed = line.trimmingBlanks().lowercased()
      if question.choices.contains(typed) {
        guard question.id == "height" || typed == question.choices.first else {
          throw Failure(
            code: "recovery.answer", sentence: "then the print cannot be gone on with; nothing was done",
            status: .cancelled)
        }
        return typed
      }
    }
    throw Failure(code: "consent.refused", sentence: "no answer; nothing was done", status: .cancelled)
  }
}

/// The answers that were given: `stuck=yes`.
struct Answers: Equatable, Sendable {
  var values: [String: String] = [:]

  init(_ words: [String]) throws(Failure) {
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw .usage("--answer \(word): it is QUESTION=ANSWER, as stuck=yes") }
      values[parts[0]] = parts[1]
    }
  }

  /// The height that the nozzle stands at, as it was answered.
  var height: String? { values["height"] }
}
