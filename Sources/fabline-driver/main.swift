import DriverInterface
import Glibc
import PrinterDriver

/// Says something on standard error.
private func complain(_ words: String) {
  var line = Array("fabline-driver: \(words)\n".utf8)
  _ = write(2, &line, line.count)
}

/// Exit statuses as sysexits.h has them, so that whoever starts the driver can tell why it would not.
private enum Status {
  static let usage: Int32 = 64
  static let running: Int32 = 75  // EX_TEMPFAIL: another driver has the socket
  static let system: Int32 = 71
}

/// What the command line says, or a supervisor over our standard input.
private func arguments() -> [String] {
  let given = Array(CommandLine.arguments.dropFirst())
  return given == [SocketArguments.option] ? SocketArguments.read() : given
}

private func runDriver() -> Int32 {
  do throws(UsageError) {
    switch try DriverArguments.parse(arguments()) {
    case .version:
      print("fabline-driver \(driverVersion)")
      return 0
    case .help:
      print(DriverArguments.usage, terminator: "")
      return 0
    case .check: return 0
    case .run(let configuration, let detach): return start(configuration, detach: detach)
    }
  } catch {
    complain("\(error.sentence); --help shows the options")
    return Status.usage
  }
}

private func start(_ configuration: DriverConfiguration, detach: Bool) -> Int32 {
  do throws(Fault) {
    if detach, try !Detachment.leaveSession(arguments: CommandLine.arguments) { return 0 }
    return try PrinterDriver.run(configuration)
  } catch {
    complain("\(error.code): \(error.sentence)")
    return error.code == "driver.running" ? Status.running : Status.system
  }
}

exit(runDriver())
