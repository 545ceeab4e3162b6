/// Everything that commands set and later commands obey.
struct Modes: Sendable {
  /// Where the head is to be, in the machine's own coordinates, mm.
  var position = Axes.zero
  /// Moves too short to be planned, which the next one makes up for, mm.
  var unplanned = Axes.zero
  /// What `G92` has added for the host, mm.
  var shift = Axes.zero
  /// mm/s.
  var feedrate = 25.0
  var relative = false
  var relativeExtruder = false
  /// Percent.
  var speedFactor = 100.0
  /// Percent.
  var flowFactor = 100.0
  /// mm/s².
  var printAcceleration = 3000.0
  /// mm/s².
  var retractAcceleration = 3000.0
  /// mm/s².
  var travelAcceleration = 3000.0
  var maxFeedrate = Axes.zero
  var maxAcceleration = Axes.zero
  var stepsPerUnit = Axes.zero
  /// Below this no extrusion, °C; nil when allowed at any temperature.
  var coldLimit: Double? = 170
  var homed = false
  var motorsOn = false
  /// Moves have come without a stop that was asked for.
  var expectsMotion = false
  /// ns; 0 for never.
  var stepperTimeout: Int64 = 0
  /// Without a command for so long the firmware kills itself (`M85`), ns; 0 for never.
  var inactivityLimit: Int64 = 0
  /// When the last command was begun or done.
  var lastCommand: Int64 = 0
  /// 0 to 255.
  var fan: Int64 = 0
  var startedAt: Int64 = 0
  /// When the first heating of the job began.
  var jobStartedAt: Int64?
}

/// Reports that come by themselves and when they are due; nil for off.
struct Reports: Sendable {
  var temperatureInterval: Int64 = 0
  var nextTemperature: Int64?
  var positionInterval: Int64 = 0
  var nextPosition: Int64?
  var cardInterval: Int64 = 0
  var nextCardStatus: Int64?
  /// ns between `busy` lines; 0 for none.
  var busyInterval: Int64 = 0
  var nextBusy: Int64?
  var nextHeaterCheck: Int64 = 0
}

/// A print from the SD card: bytes that go by with time, no more than `M27` can show.
struct CardPrint: Sendable {
  var isOpen: Bool
  var isPrinting: Bool
  var isWriting = false
  let size: Int64 = 1_234_567
  var position: Int64 = 0
  var since: Int64 = 0
  /// Bytes printed in a second.
  static let rate: Int64 = 400

  init(running: Bool) {
    isOpen = running
    isPrinting = running
    position = running ? 345_678 : 0
  }

  /// Lets the print go on to `now`.
  mutating func advance(to now: Int64) {
    let seconds = (now - since) / 1_000_000_000
    if seconds <= 0 { return }
    since += seconds * 1_000_000_000
    guard isPrinting else { return }
    position = min(size, position + seconds * Self.rate)
    if position == size { isPrinting = false }
  }
}

extension VirtualFirmware {
  /// The values at boot.
  mutating func startModes() {
    modes = Modes()
    modes.maxFeedrate = profile.maxFeedrate
    modes.maxAcceleration = profile.maxAcceleration
    modes.stepsPerUnit = profile.stepsPerUnit
    modes.printAcceleration = profile.acceleration
    modes.travelAcceleration = profile.acceleration
    modes.retractAcceleration = profile.acceleration
    modes.stepperTimeout = profile.stepperTimeoutSeconds * 1_000_000_000
    modes.startedAt = clock
    reports.busyInterval = profile.keepaliveSeconds * 1_000_000_000
    card.since = clock
  }
}
