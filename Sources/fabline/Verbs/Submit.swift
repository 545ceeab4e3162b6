import APIModel
import ArgumentParser

struct Submit: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Puts a file into the queue.",
    discussion:
      "The file is looked at first, then streamed to the supervisor, which stores it by its content.")

  @Argument(help: "The sliced file.", completion: .file(extensions: ["gcode", "gco", "g", "nc"]))
  var file: String
  @Option(help: "The machine that shall print it.")
  var machine: MachineName?
  @Option(help: "A pool of interchangeable machines, any of which may print it.")
  var pool: String?
  @Option(help: "How many to print.")
  var copies = 1
  @Option(help: "Higher goes first.")
  var priority = 0
  @Option(help: "When it should be ready: 18:30, 2026-12-01T12:00, or 6h from now.")
  var due: String?
  @Option(help: "The material it needs, where the file does not say.")
  var material: String?
  @Option(help: ArgumentHelp("Hold it until `fabline release`.", valueName: "reason"))
  var hold: String?
  @Option(help: "A word for the others.")
  var note: String?
  @Option(help: "The name to show instead of the file's.")
  var name: String?
  @Option(help: ArgumentHelp("The same key submits once, however often it is sent.", valueName: "key"))
  var idempotencyKey: String?
  @Flag(help: "Also where file and machine do not fit; no option lifts a temperature limit.")
  var force = false
  @Flag(help: "Follow it to its end, and exit with what became of it.")
  var wait = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard copies >= 1 else { throw ValidationError("--copies must be at least 1.") }
    guard machine == nil || pool == nil else {
      throw ValidationError("Name a machine or a pool, not both.")
    }
  }

  func perform(_ context: Context) async throws {
    let due = try due.map { text in
      guard let moment = Timestamp.typed(text, past: false) else {
        throw Failure.usage("--due \(text) is no time: 18:30, 2026-12-01T12:00, or 6h")
      }
      return Timestamp.iso(moment)
    }
    // What may be lifted is asked of a person later: the job is held then.
    let checked = try FileLook.whole(at: RunFolder.absolute(file), force: true)
    let key = idempotencyKey ?? String(UInt64.random(in: 1...UInt64.max), radix: 16)
    let job = try await context.withSupervisor { api in
      let stored = try await api.upload(checked.path, name: name ?? checked.name, size: checked.size)
      // Without a machine the file is judged as a printer's, which says nothing of a laser's or a mill's.
      let isForPrinters = if let machine { try await api.isPrinter(machine.value) } else { true }
      for remark in isForPrinters ? stored.remarks ?? [] : [] {
        Output.complain("\(checked.name): " + TextWidth.harmless(remark))
      }
      var order = JobRequest(file: stored.hash)
      order.machine = machine?.value
      order.pool = pool
      order.copies = copies
      order.priority = priority
      order.due = due
      order.material = material
      order.hold = hold
      order.note = note
      if force { order.force = true }
      return try await api.submit(order, key: key)
    }
    if !wait || !context.output.json {
      try context.output.answer(job) { output in
        output.say(
          "job \(job.id): \(TextWidth.harmless(job.name)), \(JobText.word(job.state))"
            + (job.reason.map { ": " + TextWidth.harmless($0) } ?? ""))
      }
    }
    if wait { try await JobFollower(context: context, job: job.id).follow() }
  }
}
