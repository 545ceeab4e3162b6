import ArgumentParser
import DriverInterface

struct Attach: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    abstract: "Takes up a print again: one that was detached, a job, or what a machine prints.")

  @Argument(help: "The name that `print` gave, a driver's socket, a job's number or a machine's name.")
  var target: String?
  @Flag(help: "Leave the driver and the link up afterwards.") var keep = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    if let target, target.contains("/") {
      return try await take(DirectPlace(socket: RunFolder.absolute(target)), context)
    }
    let places = [context.runFolder, .ownFallback].flatMap(DirectPlace.all)
      .filter { SocketProbe.connect($0.socket) == 0 }
    guard let target else { return try await takeOnly(places, context) }
    if let place = places.first(where: { $0.name == target }) { return try await take(place, context) }
    let left = [context.runFolder, .ownFallback].flatMap(DirectPlace.all)
    if let place = left.first(where: { $0.name == target && $0.arguments != nil }) {
      throw try await DirectRun.rescue(
        place, name: target, death: "the driver of this print is gone", output: context.output)
    }
    switch Target(argument: target) {
    case .job(let id): try await JobFollower(context: context, job: id).follow()
    case .machine(let name):
      if let failure = SocketProbe.supervisorFailure(context.runFolder.supervisorSocket) {
        throw Failure(
          code: "print.unknown",
          sentence: "no direct print is called \(name), and \(failure.sentence)", status: .unavailable)
      }
      let job = try await context.withSupervisor { try await JobOrder.job(.machine(name), $0) }
      try await JobFollower(context: context, job: job).follow()
    case nil: throw Failure.usage("\(target) is no name, no socket and no job's number")
    }
  }

  private func takeOnly(_ places: [DirectPlace], _ context: Context) async throws {
    guard let only = places.first, places.count == 1 else {
      let names = places.map(\.name).joined(separator: ", ")
      throw Failure.usage(places.isEmpty ? "no direct print runs" : "several prints run; say which: \(names)")
    }
    try await take(only, context)
  }

  private func take(_ place: DirectPlace, _ context: Context) async throws {
    let driver = try await DirectDriver.adopt(place)
    let status = try await driver.status()
    if let running = status.running {
      var run = DirectRun(
        driver: driver, attempt: running.attempt, name: running.name, keep: keep, output: context.output)
      return try await run.follow(after: status.lastEvent, firmware: status.firmware)
    }
    guard let outcome = status.outcomes.last else {
      driver.connection.close()
      throw Failure(
        code: "print.none", sentence: "nothing is printed on \(status.identity.port) now", status: .notNow)
    }
    let run = DirectRun(
      driver: driver, attempt: outcome.progress.attempt, name: outcome.progress.name, keep: keep,
      output: context.output)
    try await run.report(outcome, seconds: nil)
  }
}

extension DirectPlace {
  /// The place of a socket that somebody named.
  init(socket path: String) {
    let parts = path.split(separator: "/").map(String.init)
    let folder = "/" + parts.dropLast().joined(separator: "/")
    self.init(name: parts.dropLast().last ?? "driver", folder: folder, socket: path)
  }
}
