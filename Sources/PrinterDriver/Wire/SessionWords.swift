import DriverInterface
import PrinterProtocol

/// The session's words in those of the driver's interface, one to one.
extension MachinePhase {
  init(_ phase: SessionPhase) {
    self =
      switch phase {
      case .disconnected: .disconnected
      case .opening: .opening
      case .handshaking: .handshaking
      case .idle: .idle
      case .printing: .printing
      case .pausing: .pausing
      case .paused: .paused
      case .resuming: .resuming
      case .cancelling: .cancelling
      case .needsAttention: .needsAttention
      case .killed: .killed
      case .linkLost: .linkLost
      case .printingNotOurs: .printingNotOurs
      }
  }
}

extension OutcomeKind {
  init(_ end: JobEnd) {
    self =
      switch end {
      case .done: .done
      case .failed: .failed
      case .cancelled: .cancelled
      case .uncertain: .uncertain
      }
  }
}

extension Fault {
  init(_ fault: SessionFault) {
    let scope: FaultScope =
      switch fault.scope {
      case .line: .line
      case .job: .job
      case .connection: .connection
      }
    self.init(code: fault.code, sentence: fault.sentence, scope: scope, fileLine: fault.fileLine)
  }

  init(_ refusal: SessionRefusal) {
    self.init(code: refusal.code, sentence: refusal.sentence, scope: .job)
  }
}

extension SessionFault {
  init(_ fault: Fault) {
    self.init(code: fault.code, sentence: fault.sentence, scope: .job, fileLine: fault.fileLine)
  }
}

extension FirmwarePrompt {
  init(_ prompt: SessionPrompt) { self.init(text: prompt.text, choices: prompt.choices) }
}

extension LinkCounters {
  init(_ counters: SessionCounters) {
    self.init()
    linesSent = counters.linesSent
    bytesSent = counters.bytesSent
    bytesReceived = counters.bytesReceived
    resends = counters.resends
    garbledReplies = counters.garbledReplies
    asked = counters.asked
    resets = counters.resets
  }
}

extension SessionAct {
  /// The same act in the session's words; nil for one that is not the session's.
  init?(_ act: ManualAct) {
    switch act {
    case .home(let axes): self = .home(axes: axes)
    case .jog(let x, let y, let z, let e, let feedrate, let unhomed):
      self = .jog(x: x, y: y, z: z, e: e, feedrate: feedrate, unhomed: unhomed)
    case .heatTool(let tool, let target): self = .heatTool(tool: tool, target: target)
    case .heatBed(let target): self = .heatBed(target: target)
    case .cool: self = .cool
    case .feedrate(let percent): self = .feedrate(percent: percent)
    case .flow(let percent): self = .flow(percent: percent)
    case .fan(let speed): self = .fan(speed: speed)
    case .babystep(let z): self = .babystep(z: z)
    case .load(let tool, let target, let length): self = .load(tool: tool, target: target, length: length)
    case .unload(let tool, let target, let length): self = .unload(tool: tool, target: target, length: length)
    case .script(let name, let lines): self = .script(name: name, lines: lines)
    case .sdPrint(.pause): self = .pauseSD
    case .sdPrint(.resume): self = .resumeSD
    case .sdPrint(.stop): self = .stopSD
    case .measure, .zero, .frame: return nil
    }
  }
}
