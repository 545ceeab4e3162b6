/// `GET /api/v1/machines/NAME/link`: how the link to a machine does, in figures and in one verdict.
///
/// Counted since the driver started.
public struct LinkModel: Codable, Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// What limits the link, in one word and one sentence.
  public var verdict: LinkVerdictModel
  /// The port's path.
  public var port: String
  /// The speed asked for, in baud; 0 while closed.
  public var baudAsked: Int
  /// The speed that the adapter granted, in baud; 0 while closed.
  public var baudGranted: Int
  /// The adapter's kernel driver (`ftdi_sio`, `ch341`, `cdc_acm`), where known.
  public var adapter: String?
  /// The adapter's latency timer in milliseconds, where it has a readable one.
  public var latencyTimer: Int?
  /// The computer reports that its supply voltage is or was too low; nil where it cannot tell.
  public var undervoltage: Bool?
  /// There is no UART behind the port, so that bytes take no time.
  public var isUntimed: Bool?
  /// The receive buffer that the window counts on, in bytes, where known.
  public var receiveBuffer: Int?
  /// The firmware's command queue that the window counts on, in lines, where known.
  public var queueLines: Int?
  /// Bytes sent.
  public var bytesSent: Int64
  /// Lines sent, polls and resends included.
  public var lines: Int64
  /// Lines sent again.
  public var resends: Int64
  /// Lines that the firmware found damaged.
  public var damagedOut: Int64
  /// Replies that could not be read.
  public var damagedIn: Int64
  /// Replies `ok` that came twice.
  public var doubledOks: Int64
  /// Replies `ok` that never came.
  public var lostOks: Int64
  /// Times that the firmware's receive buffer seems to have run over.
  public var overruns: Int64
  /// Times that the planner ran dry while lines waited here.
  public var starvations: Int64
  /// How long it was dry, in seconds.
  public var starvedSeconds: Double
  /// Times that the driver had to ask because an answer stayed out.
  public var asked: Int64
  /// Restarts of the firmware.
  public var resets: Int64
  /// Round trips by their logarithm: member n counts those of 2^n to 2^(n+1) microseconds.
  public var roundTrips: [Int64]

  /// Makes a report that counts nothing.
  public init(machine: String, port: String, verdict: LinkVerdictModel) {
    self.machine = machine
    self.verdict = verdict
    self.port = port
    baudAsked = 0
    baudGranted = 0
    bytesSent = 0
    lines = 0
    resends = 0
    damagedOut = 0
    damagedIn = 0
    doubledOks = 0
    lostOks = 0
    overruns = 0
    starvations = 0
    starvedSeconds = 0
    asked = 0
    resets = 0
    roundTrips = []
  }
}

/// What limits a link.
public struct LinkVerdictModel: Codable, Equatable, Sendable {
  /// The stable word.
  public var code: String
  /// One sentence: what limits it, by which figures, and what to do.
  public var sentence: String

  /// Makes a verdict.
  public init(code: String, sentence: String) {
    self.code = code
    self.sentence = sentence
  }
}
