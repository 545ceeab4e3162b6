/// Bytes from the host and what befalls them before they arrive.
extension GrblFirmware {
  mutating func receiveByte(_ byte: UInt8, now: Int64) {
    guard spoils else {
      rx.send(byte, now: now)
      return
    }
    if let arrived = noise.arrived(
      byte, faults, speedMatches: hostSpeedMatches, &random, &record)
    {
      rx.send(arrived, now: now, isDamaged: arrived != byte)
    } else {
      rx.lose(now: now)
    }
  }

  private var spoils: Bool {
    !hostSpeedMatches || faults.flipIn + faults.loseByteIn + faults.loseLineEndIn + faults.overrun > 0
  }
}
