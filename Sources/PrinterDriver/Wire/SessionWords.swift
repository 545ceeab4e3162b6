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
  init(_ act: ManualAct) {
    self =
      switch act {
      case .home(let axes): .home(axes: axes)
      case .jog(let x, let y, let z, let e, let feedrate, let unhomed):
        .jog(x: x, y: y, z: z, e: e, feedrate: feedrate, unhomed: unhomed)
      case .heatTool(let tool, let target): .heatTool(tool: tool, target: target)
      case .heatBed(let target): .heatBed(target: target)
      case .cool: .cool
      case .feedrate(let percent): .feedrate(percent: percent)
      case .flow(let percent): .flow(percent: percent)
      case .fan(let speed): .fan(speed: speed)
      case .babystep(let z): .babystep(z: z)
      case .load(let tool, let target, let length): .load(tool: tool, target: target, length: length)
      case .unload(let tool, let target, let length): .unload(tool: tool, target: target, length: length)
      case .script(let name, let lines): .script(name: name, lines: lines)
      case .sdPrint(.pause): .pauseSD
      case .sdPrint(.resume): .resumeSD
      case .sdPrint(.stop): .stopSD
      }
  }
}
