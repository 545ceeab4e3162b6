import DriverInterface
import GCode
import JobStore
import Recovery

/// A driver's resume point: kept in the words in which it came, and read as the record that a plan is made from.
extension ResumePoint {
  /// The frame that carried it; empty where it is larger than a frame, which none is.
  var stored: [UInt8] {
    var bytes: [UInt8] = []
    do { try DriverMessage.reply(number: 0, .resumePoint(self)).encode(into: &bytes) } catch { return [] }
    return bytes
  }

  /// Reads what `stored` wrote; nil for what another version wrote that this one cannot read.
  init?(stored bytes: [UInt8]) {
    var decoder = FrameDecoder()
    decoder.receive(bytes[...])
    guard case .message(.reply(_, .resumePoint(let point?)))? = try? decoder.next() else { return nil }
    self = point
  }
}

extension StopRecord {
  /// What the driver's words say of the stop.
  init(_ point: ResumePoint) {
    self.init()
    acknowledged = Anchor(line: point.acknowledged.fileLine, end: point.acknowledged.byteOffset)
    sent = Anchor(line: point.sent.fileLine, end: point.sent.byteOffset)
    firstUnsure = point.mayNotHaveRun.first.map { Anchor(line: $0.fileLine, end: $0.byteOffset) }
    staleSeconds = Double(max(0, min(point.staleMs, 3_600_000))) / 1000
    earlierLine = max(0, point.earlier.fileLine)
    earlierSeconds = Double(max(0, point.earlierMs)) / 1000
    let modal = point.modal
    position = Position(x: modal.x, y: modal.y, z: modal.z, e: modal.e)
    for (letter, axis) in [("X", Axes.x), ("Y", .y), ("Z", .z), ("E", .e)] where modal.known.contains(letter)
    {
      known.insert(axis)
    }
    isRelative = modal.isRelative
    isExtruderRelative = modal.isExtruderRelative
    isInch = modal.isInch
    tool = modal.tool
    toolTargets = Array(repeating: 0, count: ModalState.maximumTools)
    for entry in modal.toolTargets where toolTargets.indices.contains(Int(entry.tool)) {
      toolTargets[Int(entry.tool)] = entry.target
    }
    bedTarget = modal.bed
    chamberTarget = modal.chamber
    fans = modal.fans
    speedFactor = modal.speed
    flowFactor = modal.flow
    babySteps = modal.babystep
    levelling =
      switch modal.levelling {
      case .unknown: nil
      case .no: false
      case .yes: true
      }
    isParked = modal.isParked
    if modal.parkedAt.count == 3 {
      parkedAt = Position(x: modal.parkedAt[0], y: modal.parkedAt[1], z: modal.parkedAt[2])
    }
  }
}
