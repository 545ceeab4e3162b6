import Glibc
import PrinterProtocol
import SerialPort

/// The version of the driver, as `--version` and `hello` tell it.
public let driverVersion = "0.1.0"

/// All that a driver has to know; constant while it lives.
public struct DriverConfiguration: Sendable {
  /// The machine's name, for logs and clients.
  public var machine = ""
  /// The port's path.
  public var port = ""
  /// The USB device that has to be behind that path when it is opened; nil where any may be.
  public var device: UsbIdentity?
  /// The port's speed and flow control.
  public var serial = SerialSettings(baud: 115200)
  /// The control socket's path.
  public var socketPath = ""
  /// Where journal, flight recorder and wire log go; made where it is missing.
  public var stateFolder = ""
  /// Where the progress page goes: a folder on tmpfs; made where it is missing.
  public var runFolder = ""
  /// What the session has to know of the machine.
  public var session = SessionConfiguration()
  /// Whether the wire log is on from the start.
  public var wireLog = false
  /// Whether the port stays closed until a client asks for it: opening may reset the board (safety rule 16), or another
  /// program has it by a person's wish.
  public var holdsPort = false
  /// Whether SIGTERM and SIGINT end the driver in order and SIGHUP is ignored; false inside a test.
  public var takesSignals = true
  /// The wire thread's real-time priority, 1 to 99; 0 leaves it among the ordinary ones.
  public var realtimePriority: Int32 = 0
  /// Bytes of the file held ahead in memory: 8 s of a dense print, 250 lines of 30 bytes a second.
  public var ringCapacity = 64 * 1024
  /// How long the safe ending may take when the driver is told to end, in ns. A lift and a park take some seconds.
  public var endingPatience: Int64 = 20_000_000_000
  /// The shortest and the longest time between two tries to open the port, in ns.
  public var reopening: (shortest: Int64, longest: Int64) = (250_000_000, 5_000_000_000)
  /// The least time between two anchors in the journal, and at layer changes, in ns: each is a write to the disk.
  public var anchors: (shortest: Int64, atLayers: Int64) = (5_000_000_000, 2_000_000_000)
  /// The least time between two progress events, and between two heater events, in ns.
  public var publication: Int64 = 500_000_000

  /// Makes a configuration without names and paths.
  public init() {}

  /// The session's knowledge of the machine, with a speed only where bytes really take their time.
  ///
  /// The device is asked, not its name: a board with USB of its own (`ttyACM`) and a pseudo-terminal take any speed and keep
  /// none, so an answer that comes sooner than a UART could bring it proves nothing there.
  func sessionConfiguration(coolsOnConnect: Bool) -> SessionConfiguration {
    var session = session
    session.coolsOnConnect = coolsOnConnect
    if PortFacts(path: port).timing == .untimed { session.baud = 0 }
    return session
  }

  /// The progress page's path: one driver serves one machine.
  public var pagePath: String { "\(runFolder)/\(machine).progress" }
}
