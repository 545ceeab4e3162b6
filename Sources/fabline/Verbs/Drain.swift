import APIModel
import ArgumentParser

struct Drain: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Lets running jobs finish and starts none, until --off.",
    discussion:
      "It lasts across restarts of the supervisor. Before a shutdown: fabline drain --wait && sudo poweroff")

  @Flag(help: "Jobs start again.") var off = false
  @Flag(help: "Return when nothing prints any more.") var wait = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if off, wait { throw ValidationError("--off waits for nothing") }
  }

  func perform(_ context: Context) async throws {
    let status = try await context.withSupervisor { api in
      let status = try await api.drain(!off)
      guard wait else { return status }
      while Self.running(try await api.status()) > 0 { try await Task.sleep(for: .seconds(1)) }
      return try await api.status()
    }
    try context.output.answer(status) { output in
      guard !off else { return output.say("jobs start again") }
      let running = Self.running(status)
      output.say(
        running == 0
          ? "no job starts; nothing prints"
          : "no job starts; \(NumberText.count(Int64(running), "job")) \(running == 1 ? "is" : "are") still in work"
      )
    }
  }

  /// Jobs that a machine works on.
  static func running(_ status: StatusModel) -> Int {
    [JobState.printing, .paused, .needsAttention].reduce(0) { $0 + (status.jobs[$1.rawValue] ?? 0) }
  }
}
