/// Bytes from the host and what befalls them before they arrive.
extension GrblFirmware {
  mutating func receiveByte(_ byte: UInt8, now: Int64) {
    guard spoils else {
      rx.send(byte, now: now)
      return
    }
    if let arrived = spoiled(byte) {
      rx.send(arrived, now: now, isDamaged: arrived != byte)
    } else {
      rx.lose(now: now)
    }
  }

  private var spoils: Bool {
    !hostSpeedMatches || faults.flipIn + faults.loseByteIn + faults.loseLineEndIn + faults.overrun > 0
  }

  /// What becomes of a byte from the host; nil when it vanishes.
  private mutating func spoiled(_ byte: UInt8) -> UInt8? {
    let ends = byte == 10
    var result: UInt8? = byte
    if !hostSpeedMatches, !ends { result = UInt8(truncatingIfNeeded: random.next()) }
    if burst.lineBegins, random.happens(faults.overrun) {
      burst.begins = random.below(30)
      burst.bytes = 1 + random.below(20)
      record.faults.overruns += 1
    }
    burst.lineBegins = ends
    if burst.begins > 0 {
      burst.begins -= 1
    } else if burst.bytes > 0 {
      burst.bytes -= 1
      result = nil
    }
    if random.happens(faults.loseByteIn) {
      record.faults.lostIn += 1
      result = nil
    } else if ends, random.happens(faults.loseLineEndIn) {
      result = nil
    } else if random.happens(faults.flipIn), let whole = result {
      record.faults.flippedIn += 1
      result = whole ^ 1 << UInt8(random.below(8))
    }
    if result != byte {
      record.bytesDamaged += 1
      if ends { record.faults.lineEndsIn += 1 }
    }
    return result
  }
}

/// A run of bytes that will vanish.
struct GrblBurst: Sendable {
  var lineBegins = true
  /// Bytes until it begins.
  var begins = 0
  /// Bytes that it takes.
  var bytes = 0
}
