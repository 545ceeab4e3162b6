import DriverInterface

extension PrintView {
  /// Takes over what an event shows.
  mutating func take(_ event: DriverEventKind) {
    switch event {
    case .phase(.idle, _): break  // before the start and after the end: nothing that a person has to see
    case .phase(let phase, let reason):
      self.phase = Self.word(phase)
      self.reason = reason
    case .progress(let progress): take(progress)
    case .ended(let outcome): take(outcome.progress)
    case .heaters(let readings):
      heaters = readings.map { Heater(name: $0.name, current: $0.current, target: $0.target) }
    case .opened, .connected, .started, .resend, .message, .prompt, .fault, .firmwareReset, .wire,
      .recorderDumped, .link, .openingResets:
      break
    }
  }

  /// Takes over how far an attempt is.
  mutating func take(_ progress: AttemptProgress) {
    fraction = progress.size > 0 ? Double(progress.byteOffset) / Double(progress.size) : 0
    layer = Int(progress.layer)
    layers = progress.layers.map(Int.init)
    elapsed = progress.elapsed
    remaining = progress.remaining
    resends = progress.resends
  }

  /// The phase in words.
  static func word(_ phase: MachinePhase) -> String {
    switch phase {
    case .disconnected: "disconnected"
    case .opening: "opening"
    case .handshaking: "greeting the firmware"
    case .idle: "idle"
    case .printing: "printing"
    case .pausing: "pausing"
    case .paused: "paused"
    case .resuming: "resuming"
    case .cancelling: "cancelling"
    case .needsAttention: "needs attention"
    case .killed: "killed"
    case .linkLost: "link lost"
    case .printingNotOurs: "printing (not ours)"
    }
  }
}
