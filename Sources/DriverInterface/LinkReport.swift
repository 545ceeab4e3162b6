/// How the link to a machine does: the answer to `linkReport`. Counted since the driver started.
public struct LinkReport: Equatable, Sendable {
  /// The port's path.
  public var port = ""
  /// The speed asked for, in baud; 0 while closed.
  public var baudAsked: Int32 = 0
  /// The speed that the adapter granted, in baud; 0 while closed.
  public var baudGranted: Int32 = 0
  /// There is no UART behind the port, so that bytes take no time: a pseudo-terminal, or a board with USB of its own.
  public var isUntimed = false
  /// The kernel's driver behind the port (`ftdi_sio`, `ch341`, `cdc_acm`); empty where the system does not tell.
  public var adapter = ""
  /// How long the adapter collects received bytes before it hands them on, in ms; nil where it does not tell.
  public var latencyTimer: Int32?
  /// The computer's supply voltage is too low now, or was since it booted; nil where the computer cannot tell.
  public var undervoltage: Bool?
  /// The receive buffer of the firmware that the window counts on, in bytes; nil where not known.
  public var receiveBuffer: Int32?
  /// The firmware's command queue that the window counts on, in lines; nil where not known.
  public var queueLines: Int32?
  /// Lines sent, polls and resends included.
  public var lines: Int64 = 0
  /// Bytes sent.
  public var bytesSent: Int64 = 0
  /// Lines sent again.
  public var resends: Int64 = 0
  /// Lines that the firmware found damaged.
  public var damagedOut: Int64 = 0
  /// Replies that could not be read.
  public var damagedIn: Int64 = 0
  /// `ok`s that came twice.
  public var doubledOks: Int64 = 0
  /// `ok`s that never came.
  public var lostOks: Int64 = 0
  /// Times that the firmware's receive buffer seems to have run over.
  public var overruns: Int64 = 0
  /// Times that the planner ran dry while lines waited here.
  public var starvations: Int64 = 0
  /// How long it was dry, in ns.
  public var starved: Int64 = 0
  /// Times that the driver had to ask because an answer stayed out.
  public var asked: Int64 = 0
  /// Restarts of the firmware.
  public var resets: Int64 = 0
  /// Round trips by their logarithm: member n counts those of 2^n to 2^(n+1) microseconds; 32 of them, or none.
  public var roundTrips: [Int64] = []

  /// Makes a report that counts nothing.
  public init() {}

  /// The round trip that a share of all lines did not exceed, in microseconds; nil where none was timed.
  ///
  /// As exact as the histogram: the middle of the member in which it lies.
  public func roundTrip(quantile: Double) -> Double? {
    var all: Double = 0
    for count in roundTrips { all += Double(max(0, count)) }
    guard all > 0 else { return nil }
    var left = all * quantile
    for (index, count) in roundTrips.enumerated() {
      left -= Double(max(0, count))
      if left <= 0 { return 1.5 * Double(UInt64(1) << UInt64(min(62, index))) }
    }
    return nil
  }
}

/// What `measure` found of a firmware's buffers. A number that is not exact is a lower bound: so much certainly fits.
public struct BufferMeasurement: Equatable, Sendable {
  /// Bytes of the receive buffer; nil where nothing could be found.
  public var receiveBuffer: Int32?
  /// Whether it is exactly that.
  public var isReceiveBufferExact = false
  /// Lines of the command queue; nil where nothing could be found.
  public var queueLines: Int32?
  /// Whether it is exactly that.
  public var isQueueExact = false
  /// What was done and seen, one sentence a member.
  public var notes: [String] = []

  /// Makes a measurement that found nothing.
  public init() {}
}
