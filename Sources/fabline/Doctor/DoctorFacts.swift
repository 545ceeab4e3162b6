/// What was seen of an installation and of the computer it is on. Sentences are made of it elsewhere, so that they can be
/// tested without a broken computer.
struct DoctorFacts: Equatable, Sendable {
  /// One of the programs that belong together.
  struct Program: Equatable, Sendable {
    var name: String
    /// What it says of itself; nil where it is missing or does not start.
    var version: String?
  }

  /// A folder that the service needs.
  struct Folder: Equatable, Sendable {
    var use: String
    var path: String
    var exists = false
    var isReadable = false
    /// Others than owner and group may read or write it.
    var isOpenToAll = false
    var freeBytes: Int64?
    var freeFiles: Int64?
    var isReadOnly = false
  }

  /// What the supervisor says of itself.
  struct Host: Equatable, Sendable {
    var version: String
    var stateFolder: String
    var storeSetAside: String?
    var drainingBy: String?
    var eventsInAnHour: Int?
  }

  /// A machine as the supervisor has it.
  struct Seat: Equatable, Sendable {
    var name: String
    var phase: String
    var reason: String?
    var isDisabled = false
    /// Its device is `gone` or `doubtful`, and why.
    var missing: String?
  }

  /// A port with something in its way.
  struct Obstacle: Equatable, Sendable {
    var port: String
    var sentence: String
    var command: String?
  }

  /// The supervisor's unit.
  struct Unit: Equatable, Sendable {
    var isLoaded = false
    var isEnabled = false
    var isActive = false
    var restarts = 0
    var watchdog = false
    var needsReload = false
    var allowsNetwork = true
  }

  /// What `fablined --check` said.
  struct Configuration: Equatable, Sendable {
    var status: Int32
    var words: String
    var listensOnNetwork = false
    /// Webhooks, notifications or a broker are named.
    var reachesOut = false
    /// The certificate that it names, and how many days that is good for.
    var certificate: String?
    var certificateDays: Int?
    /// Fablined made it, and makes another where it is gone.
    var isOwnCertificate = false
    /// Something accepts connections at the port.
    var answersOnNetwork: Bool?
  }

  /// What a disk of flash memory tells of its wear.
  struct Disk: Equatable, Sendable {
    var name: String
    /// Percent of its life that is used, as far as it tells.
    var usedPercent: Int
  }

  var version: String
  var programs: [Program] = []
  var folders: [Folder] = []
  /// The errno of a connection to the supervisor's socket; 0 where it listens.
  var socketError: Int32 = 0
  var socketPath = ""
  var socketGroup: String?
  var user = ""
  /// The user is in the socket's group, or needs not to be.
  var isInSocketGroup = true
  /// The membership stands in the group file and this login does not have it yet.
  var joinedAfterLogin = false
  var host: Host?
  var machines: [Seat] = []
  var obstacles: [Obstacle] = []
  var hasPorts = false
  /// nil where there is no udev; else whether our rules are installed and are those of this program.
  var udevRules: Bool?
  var modemManagerRuns = false
  var hasSystemd = false
  var unit: Unit?
  var configuration: Configuration?
  /// The year by the computer's clock.
  var year = 2026
  /// Whether the kernel says that the clock is kept in step; nil where it does not say.
  var isClockSynchronised: Bool?
  /// The Raspberry Pi's flags of `get_throttled`; nil elsewhere.
  var throttled: UInt32?
  var temperature: Double?
  var avahiRuns = false
  var disks: [Disk] = []
}
