import DriverInterface

/// Numbers events and holds the latest that matter, so that a client which comes back misses nothing.
///
/// Progress, heaters and wire lines are passing: they are sent to whoever listens and are not held, because `status` tells
/// the same. They take numbers like the others, so a replay may show gaps where they were.
struct EventLog {
  private struct Held {
    var sequence: Int64
    var frame: [UInt8]
  }

  /// How many events are held.
  static let capacity = 512
  private var held: [Held] = []
  private var start = 0
  /// The highest number given out.
  private(set) var last: Int64 = 0

  /// Numbers an event; its frame.
  mutating func append(_ kind: DriverEventKind, at: Int64) -> [UInt8] {
    last += 1
    var frame: [UInt8] = []
    // No event comes near the size of a frame; one that did would be better lost than fatal.
    try? DriverMessage.event(DriverEvent(sequence: last, at: at, kind: kind)).encode(into: &frame)
    if !EventLog.isPassing(kind) { hold(Held(sequence: last, frame: frame)) }
    return frame
  }

  /// The frames held of events above `sequence`, in order.
  func frames(after sequence: Int64) -> [[UInt8]] {
    (held[start...] + held[..<start]).filter { $0.sequence > sequence }.map { $0.frame }
  }

  private mutating func hold(_ event: Held) {
    if held.count < EventLog.capacity {
      held.append(event)
    } else {
      held[start] = event
      start = (start + 1) % EventLog.capacity
    }
  }

  private static func isPassing(_ kind: DriverEventKind) -> Bool {
    switch kind {
    case .progress, .heaters, .wire: true
    case .phase, .opened, .connected, .started, .resend, .message, .prompt, .fault, .ended, .firmwareReset,
      .recorderDumped, .link, .openingResets:
      false
    }
  }
}
