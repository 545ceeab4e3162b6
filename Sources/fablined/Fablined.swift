import ArgumentParser
import Foundation
import HTTPAPI
import JobStore
import Logging
import ServiceLifecycle
import Supervisor

/// The supervisor: keeps the queue and the machines' drivers, and serves the API.
@main
struct Fablined: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fablined",
    abstract: "Keeps the queue and the machines, and serves the API on a Unix socket.",
    discussion: """
      Prints go on while fablined is stopped, killed or upgraded: each machine has a driver of its own, and the next \
      fablined finds it.
      """, version: Version.text)

  @Option(
    help: ArgumentHelp(
      "What lasts: queue, files, logs. [$FABLINE_STATE, $XDG_STATE_HOME/fabline]", valueName: "folder"))
  var state: String?
  @Option(
    help: ArgumentHelp("Sockets. [$FABLINE_RUN, $XDG_RUNTIME_DIR/fabline, /run/fabline]", valueName: "folder")
  )
  var run: String?
  @Option(help: ArgumentHelp("The driver program. [fabline-driver beside this program]", valueName: "path"))
  var driver: String?
  @Option(help: ArgumentHelp("debug, info, notice, warning or error.", valueName: "level"))
  var logLevel: LogLevel = .info
  @Option(
    help: ArgumentHelp(
      "The log's file; it rotates. [log/fablined.log in the state folder]", valueName: "path"))
  var logFile: String?

  func run() async throws {
    do {
      try await Daemon(options: self).run()
    } catch let error as HostError {
      throw Daemon.exit(error.code, error.sentence)
    } catch let error as StoreError {
      throw Daemon.exit(error.code.rawValue, error.sentence)
    } catch {
      throw Daemon.exit("internal", "ended by an error: \(error)")
    }
  }
}

extension LogLevel: ExpressibleByArgument {}
