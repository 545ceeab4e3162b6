/// `host:` the folders and the log; flags and the environment go before it.
public struct HostSection: ConfigurationSection {
  /// What lasts: queue, files, logs; absolute. Nil for the usual place.
  public var state: String?
  /// Sockets; absolute. Nil for the usual place.
  public var run: String?
  /// The driver program; absolute. Nil for the one beside `fablined`.
  public var driver: String?
  /// The least level that is logged; nil for `info`.
  public var logLevel: String?
  /// The log's file; absolute. Nil for the one in the state folder.
  public var logFile: String?

  static let name = "host"
  static let levels = ["debug", "info", "notice", "warning", "error"]

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    state = try section.path("state")
    run = try section.path("run")
    driver = try section.path("driver")
    logLevel = try section.choice("log-level", Self.levels)
    logFile = try section.path("log-file")
  }

  static let sample = """
    host:
      # What lasts: queue, files, logs. Empty: $FABLINE_STATE, else the service's own folder.
      #state:
      # Sockets; best on a tmpfs. Empty: $FABLINE_RUN, else the service's own folder.
      #run:
      # The driver program. Empty: fabline-driver beside fablined.
      #driver:
      # The least level that is logged: debug, info, notice, warning or error. Empty: info.
      #log-level:
      # The log's file; it rotates. Empty: log/fablined.log in the state folder.
      #log-file:
    """
}
