/// What befalls bytes between host and firmware, by the fault plan: the same for every kind of controller.
struct SerialNoise: Sendable {
  private var lineBegins = true
  /// A burst of lost bytes: how many go by before it, how many it takes.
  private var burstBegins = 0
  private var burstBytes = 0

  /// What becomes of a byte from the host; nil when it vanishes.
  mutating func arrived(
    _ byte: UInt8, _ faults: FaultPlan, speedMatches: Bool, _ random: inout Randomness,
    _ record: inout ExecutionRecord
  ) -> UInt8? {
    let ends = byte == 10
    var result: UInt8? = byte
    if !speedMatches, !ends { result = UInt8(truncatingIfNeeded: random.next()) }
    if lineBegins, random.happens(faults.overrun) {
      burstBegins = random.below(30)
      burstBytes = 1 + random.below(20)
      record.faults.overruns += 1
    }
    lineBegins = ends
    if burstBegins > 0 {
      burstBegins -= 1
    } else if burstBytes > 0 {
      burstBytes -= 1
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

/// A reply on its way to the transmitter, and what befalls it there.
struct DepartingReply {
  var faults: FaultPlan
  /// It is the answer to a line that was taken.
  var isOk: Bool
  /// How a request to send again begins, where the firmware makes any.
  var resend: StaticString?
  /// The CPU's time, which a reply may cost.
  var clock: Int64
  /// Until when the firmware stands still; nil where it does not.
  var stalledUntil: Int64?

  /// Sends it once, twice or not at all.
  mutating func leave(
    _ reply: [UInt8], by tx: inout TransmitLine, _ random: inout Randomness, _ record: inout ExecutionRecord
  ) {
    if random.happens(faults.stall) {
      clock += 200_000_000 + Int64(random.below(2_800)) * 1_000_000
      stalledUntil = clock
      record.faults.stalled += 1
    }
    if isOk, random.happens(faults.loseOk) {
      record.okLost += 1
      record.faults.okLost += 1
      return
    }
    transmit(reply, &tx, &random, &record)
    guard isOk, random.happens(faults.doubleOk) else { return }
    record.okDoubled += 1
    record.faults.okDoubled += 1
    transmit(reply, &tx, &random, &record)
  }

  private mutating func transmit(
    _ reply: [UInt8], _ tx: inout TransmitLine, _ random: inout Randomness, _ record: inout ExecutionRecord
  ) {
    var bytes = reply
    if faults.damageResend > 0, let resend, bytes.prefix(resend.utf8CodeUnitCount).spells(resend) {
      damageNumber(&bytes, &random, &record)
    }
    if random.happens(faults.cut), bytes.count > 1 {
      bytes.removeLast(1 + random.below(bytes.count - 1))
      record.faults.cut += 1
      record.faults.lineEndsOut += 1
    } else if random.happens(faults.loseLineEndOut) {
      bytes.removeLast()
      record.faults.lineEndsOut += 1
    }
    if faults.flipOut > 0 || faults.loseByteOut > 0 { damage(&bytes, &random, &record) }
    if bytes.count > 1, random.happens(faults.split) {
      record.faults.split += 1
      let cut = 1 + random.below(bytes.count - 1)
      clock = tx.send(bytes[..<cut], at: clock)
      clock += 5_000_000 + Int64(random.below(45)) * 1_000_000
      clock = tx.send(bytes[cut...], at: clock)
    } else {
      clock = tx.send(bytes[...], at: clock)
    }
  }

  /// `Resend: 034497` for 134497: a digit more, less, or another one.
  private func damageNumber(
    _ bytes: inout [UInt8], _ random: inout Randomness, _ record: inout ExecutionRecord
  ) {
    guard let first = bytes.firstIndex(where: isDigit), random.happens(faults.damageResend) else { return }
    let digits = bytes[first...].prefix(while: isDigit).count
    let place = first + random.below(digits)
    let digit = UInt8(ascii: "0") + UInt8(random.below(10))
    switch random.below(3) {
    case 0: bytes.insert(digit, at: place)
    case 1 where digits > 1: bytes.remove(at: place)
    default: bytes[place] = bytes[place] == digit ? UInt8(ascii: "0") + (digit - 47) % 10 : digit
    }
    record.faults.resendsDamaged += 1
  }

  private func damage(
    _ bytes: inout [UInt8], _ random: inout Randomness, _ record: inout ExecutionRecord
  ) {
    var index = 0
    while index < bytes.count {
      let ends = bytes[index] == 10
      if random.happens(faults.flipOut) {
        record.bytesDamaged += 1
        record.faults.flippedOut += 1
        if ends { record.faults.lineEndsOut += 1 }
        bytes[index] ^= 1 << UInt8(random.below(8))
      }
      if random.happens(faults.loseByteOut) {
        record.bytesDamaged += 1
        record.faults.lostOut += 1
        if ends { record.faults.lineEndsOut += 1 }
        bytes.remove(at: index)
      } else {
        index += 1
      }
    }
  }
}

/// Appends a number's digits, with zeros before them up to a width.
func appendDigits(_ number: UInt64, atLeast count: Int, to bytes: inout [UInt8]) {
  var digits = InlineArray<20, UInt8>(repeating: 0)
  var rest = number
  var used = 0
  repeat {
    digits[used] = UInt8(ascii: "0") + UInt8(rest % 10)
    rest /= 10
    used += 1
  } while rest > 0
  for _ in 0..<max(0, count - used) { bytes.append(UInt8(ascii: "0")) }
  while used > 0 {
    used -= 1
    bytes.append(digits[used])
  }
}
