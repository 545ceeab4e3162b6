extension OutcomeKind: CustomStringConvertible {
  /// The case's name, as the driver's log has it; spelled out, since Embedded Swift keeps no names of cases.
  public var description: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .cancelled: "cancelled"
    case .uncertain: "uncertain"
    }
  }
}
