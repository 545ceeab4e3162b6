import VirtualFirmware

/// Which firmware a profile's name stands for.
enum Profile {
  case printer(FirmwareProfile)
  case grbl(GrblProfile)

  /// The profile of that name, or nil.
  static func named(_ name: String) -> Profile? {
    if let profile = FirmwareProfile.named(name) { return .printer(profile) }
    return GrblProfile.named(name).map { .grbl($0) }
  }

  /// Its name.
  var name: String {
    switch self {
    case .printer(let profile): "\(profile.name)"
    case .grbl(let profile): "\(profile.name)"
    }
  }

  /// The right speed, bits/s.
  var baud: Int64 {
    get {
      switch self {
      case .printer(let profile): profile.baud
      case .grbl(let profile): profile.baud
      }
    }
    set { change({ $0.baud = newValue }, { $0.baud = newValue }) }
  }

  /// Changes the profile, whichever it is.
  mutating func change(_ printer: (inout FirmwareProfile) -> Void, _ grbl: (inout GrblProfile) -> Void) {
    switch self {
    case .printer(var profile):
      printer(&profile)
      self = .printer(profile)
    case .grbl(var profile):
      grbl(&profile)
      self = .grbl(profile)
    }
  }
}

/// The firmware behind the terminal, of either kind, behind the one small surface that the loop needs.
///
/// Two optionals of which at most one is set, and no enum: the firmware is changed in place, never copied.
struct Controller {
  private var printer: VirtualFirmware?
  private var grbl: GrblFirmware?

  init(_ options: Options) {
    switch options.profile {
    case .printer(let profile):
      var firmware = VirtualFirmware(
        profile: profile, faults: options.faults, seed: options.seed, paced: options.paced,
        coldStart: options.coldStart, printingFromCard: options.cardPrint)
      firmware.resetsOnOpen = options.resetOnOpen
      printer = firmware
    case .grbl(let profile):
      var firmware = GrblFirmware(
        profile: profile, faults: options.faults, seed: options.seed, paced: options.paced,
        coldStart: options.coldStart)
      firmware.resetsOnOpen = options.resetOnOpen
      grbl = firmware
    }
  }

  var record: ExecutionRecord { printer?.record ?? grbl?.record ?? ExecutionRecord() }
  /// What came out of a laser or spindle; nothing for a printer.
  var beam: GrblBeam { grbl?.beam ?? GrblBeam() }
  /// What the heaters are asked for now, °C; nothing for a GRBL machine.
  var targets: (hotEnd: Double, bed: Double) { (printer?.hotEndTarget ?? 0, printer?.bedTarget ?? 0) }
  /// Lines answered with `error:`.
  var errors: Int64 { grbl?.errors ?? 0 }
  /// Realtime bytes by what they ask for; none for a printer.
  var asked: GrblRealtimeCounts { grbl?.asked ?? GrblRealtimeCounts() }
  /// Code of the last alarm.
  var lastAlarm: UInt8 { grbl?.lastAlarm ?? 0 }
  /// Bytes that arrived while an EEPROM was written.
  var bytesLostToMemory: Int64 { grbl?.bytesLostToMemory ?? 0 }

  var keepsExecuted: Bool {
    get { printer?.keepsExecuted ?? grbl?.keepsExecuted ?? false }
    set {
      printer?.keepsExecuted = newValue
      grbl?.keepsExecuted = newValue
    }
  }

  var hostSpeedMatches: Bool {
    get { printer?.hostSpeedMatches ?? grbl?.hostSpeedMatches ?? true }
    set {
      printer?.hostSpeedMatches = newValue
      grbl?.hostSpeedMatches = newValue
    }
  }

  var isHeating: Bool { printer?.isHeating ?? false }
  var isBusy: Bool { printer?.isBusy ?? grbl?.isBusy ?? false }
  var nextDeadline: Int64? { printer != nil ? printer?.nextDeadline : grbl?.nextDeadline }
  var nextMilestone: Int64? { printer != nil ? printer?.nextMilestone : grbl?.nextMilestone }

  mutating func run(until now: Int64) {
    printer?.run(until: now)
    grbl?.run(until: now)
  }

  mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    printer?.receive(bytes, now: now)
    grbl?.receive(bytes, now: now)
  }

  mutating func takeOutput(upTo now: Int64, into sink: inout [UInt8]) {
    printer?.takeOutput(upTo: now, into: &sink)
    grbl?.takeOutput(upTo: now, into: &sink)
  }

  mutating func takeExecuted() -> [ExecutedLine] { printer?.takeExecuted() ?? grbl?.takeExecuted() ?? [] }
  mutating func nextEvent() -> FirmwareEvent? {
    printer != nil ? printer?.nextEvent() : grbl?.nextEvent()
  }

  mutating func hostOpened(now: Int64) {
    printer?.hostOpened(now: now)
    grbl?.hostOpened(now: now)
  }

  mutating func hostClosed(now: Int64) {
    printer?.hostClosed(now: now)
    grbl?.hostClosed(now: now)
  }

  mutating func reset(now: Int64) {
    printer?.reset(now: now)
    grbl?.reset(now: now)
  }

  mutating func settle(now: Int64) {
    printer?.settle(now: now)
    grbl?.settle(now: now)
  }
}
