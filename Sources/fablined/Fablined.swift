import CLinux
import Foundation
import Glibc
import HostConfiguration
import JobStore
import Supervisor

/// The supervisor: keeps the queue and the machines' drivers, and serves the API.
@main
enum Fablined {
  static func main() async {
    do {
      switch try Options.parse(CommandLine.arguments.dropFirst()) {
      case .help: print(Options.usage, terminator: "")
      case .version: print(Version.text)
      case .check(let options): try ConfigurationCheck(options: options).run()
      case .run(let options):
        // It shares a small board's memory with everything else there. Where that fails, two heaps have to do.
        _ = clinux_heap_shared(CommandLine.unsafeArgv)
        try await Daemon(options: options).run()
      }
    } catch {
      exit(Daemon.exit(error))
    }
  }
}

/// What the command line asks for. A few options are read by hand: the usual package would cost a daemon on a small board half a
/// megabyte for good.
struct Options: Equatable, Sendable {
  /// What lasts: queue, files, logs.
  var state: String?
  /// Sockets.
  var run: String?
  /// The driver program.
  var driver: String?
  /// The folder of the web page's files.
  var page: String?
  /// The least level that is logged.
  var logLevel: LogLevel?
  /// The log's file.
  var logFile: String?
  /// The configuration.
  var config: String?
  /// Addresses to listen on, instead of the configuration's.
  var listen: [ListenAddress] = []

  /// What is to be done.
  enum Command: Equatable, Sendable {
    case help
    case version
    /// Only read the configuration, and say how it is.
    case check(Options)
    case run(Options)
  }

  static let usage = """
    OVERVIEW: Keeps the queue and the machines, and serves the API on a Unix socket.

    Prints go on while fablined is stopped, killed or upgraded: each machine has a driver of its own, and the next fablined \
    finds it.

    USAGE: fablined [--config <file>] [--check] [--listen <address>] ... [--state <folder>] [--run <folder>] [--driver <path>] \
    [--page <folder>] [--log-level <level>] [--log-file <path>]

    Options and the environment go before the configuration, which is a commented YAML file: fabline install writes it.

    OPTIONS:
      --config <file>      The configuration. [$FABLINE_CONFIG, /etc/fabline/fabline.yaml for root, \
    $XDG_CONFIG_HOME/fabline/fabline.yaml]
      --check              Only read the configuration, and say with its line what is wrong.
      --listen <address>   Listen on the network as well, for example 0.0.0.0:7380 or [::]:7380. [$FABLINE_LISTEN, with \
    commas between]
      --state <folder>     What lasts: queue, files, logs. [$FABLINE_STATE, $XDG_STATE_HOME/fabline]
      --run <folder>       Sockets. [$FABLINE_RUN, $XDG_RUNTIME_DIR/fabline, /run/fabline]
      --driver <path>      The driver program. [fabline-driver beside this program]
      --page <folder>      The web page's files. [$FABLINE_PAGE, share/fabline/page beside the programs' folder]
      --log-level <level>  debug, info, notice, warning or error. [info]
      --log-file <path>    The log's file; it rotates. [log/fablined.log in the state folder]
      --version            Show the version.
      -h, --help           Show help information.

    """

  /// Reads the words after the program's name. Throws `usage` with what is wrong.
  static func parse(_ words: some Sequence<String>) throws(HostError) -> Command {
    var options = Options()
    var isCheck = false
    var rest = Array(words)[...]
    while let word = rest.popFirst() {
      if word == "--help" || word == "-h" { return .help }
      if word == "--version" { return .version }
      if word == "--check" {
        isCheck = true
        continue
      }
      // `--state=FOLDER` and `--state FOLDER` are one.
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard known.contains(parts[0]) else { throw wrong("\(word) is no option") }
      guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
        throw wrong("\(parts[0]) wants a value")
      }
      try options.set(parts[0], value)
    }
    return isCheck ? .check(options) : .run(options)
  }

  private static let known: Set = [
    "--config", "--listen", "--state", "--run", "--driver", "--page", "--log-level", "--log-file",
  ]

  private mutating func set(_ option: String, _ value: String) throws(HostError) {
    switch option {
    case "--state": state = value
    case "--run": run = value
    case "--driver": driver = value
    case "--page": page = value
    case "--log-file": logFile = value
    case "--config": config = value
    case "--listen": listen.append(try Options.address(value, "--listen"))
    default:
      guard let level = LogLevel(rawValue: value) else {
        throw Options.wrong("--log-level is debug, info, notice, warning or error, not \(value)")
      }
      logLevel = level
    }
  }

  /// An address to listen on; `source` is where it was said.
  static func address(_ text: String, _ source: String) throws(HostError) -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw wrong("\(source) is an address like 0.0.0.0:7380 or [::]:7380, not \(text)")
    }
    return address
  }

  private static func wrong(_ sentence: String) -> HostError {
    HostError(code: "usage", sentence: "\(sentence); --help shows the options")
  }
}
