extension MachinePhase {
  /// The phase's name, as clients and logs read it; spelled out, since Embedded Swift keeps no names of cases.
  public var word: String {
    switch self {
    case .disconnected: "disconnected"
    case .opening: "opening"
    case .handshaking: "handshaking"
    case .idle: "idle"
    case .printing: "printing"
    case .pausing: "pausing"
    case .paused: "paused"
    case .resuming: "resuming"
    case .cancelling: "cancelling"
    case .needsAttention: "needsAttention"
    case .killed: "killed"
    case .linkLost: "linkLost"
    case .printingNotOurs: "printingNotOurs"
    }
  }
}
