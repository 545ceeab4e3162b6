/// The readers of the firmwares that are no Marlins.
extension LineReader {
  // MARK: Repetier

  mutating func readRepetier(_ byte: UInt8) -> OnByte {
    if byte == 0 || byte == 10 || byte == 13 {
      ignoring = false
      if pending.isEmpty { return .nothing }
      takePending()
      return judgeRepetier()
    }
    if byte == UInt8(ascii: ";") { ignoring = true }
    if ignoring { return .nothing }
    pending.append(byte)
    if pending.count < limit { return .nothing }
    pending.removeAll(keepingCapacity: true)
    return .rejected(.unfinished)
  }

  private mutating func judgeRepetier() -> OnByte {
    let parts = repetierParts()
    if let checksum = parts.wrongChecksum, checksum { return .rejected(.checksum) }
    if parts.isNumbering {
      if let number = parts.number { lastNumber = number }
      staleLinesLeft = -1
      return .done
    }
    if let number = parts.number,
      UInt16(truncatingIfNeeded: lastNumber &+ 1) != UInt16(truncatingIfNeeded: number)
    {
      if UInt16(truncatingIfNeeded: lastNumber &- number) < 40 {
        repeatsDropped += 1
        return .skipped(number)
      }
      if staleLinesLeft < 0 { return .rejected(.lineNumber) }
      staleLinesLeft -= 1
      return .skipped(number)
    }
    if let number = parts.number { lastNumber = number }
    staleLinesLeft = -1
    return .command
  }

  /// The last `N`, whether there is an `M110`, and whether the checksum is wrong; nothing behind free text is looked at.
  private func repetierParts() -> (number: Int32?, isNumbering: Bool, wrongChecksum: Bool?) {
    var number: Int32?
    var isNumbering = false
    var index = 0
    while index < line.count {
      let byte = smallLetter(line[index])
      index += 1
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "%"): return (number, isNumbering, nil)
      case UInt8(ascii: "n"): number = leadingInteger(line[index...])
      case UInt8(ascii: "m"):
        switch leadingInteger(line[index...]) {
        case 110: isNumbering = true
        case 20, 23, 28, 29, 30, 32, 36, 117, 118, 531: return (number, isNumbering, nil)
        default: break
        }
      case UInt8(ascii: "*"):
        let given = UInt8(truncatingIfNeeded: leadingInteger(line[index...]))
        return (number, isNumbering, exclusiveOr(line[..<(index - 1)]) != given)
      default: break
      }
    }
    return (number, isNumbering, nil)
  }

  // MARK: RepRapFirmware

  mutating func readRepRap(_ byte: UInt8) -> OnByte {
    if byte == 0 || byte == 10 || byte == 13 {
      let overran = escaped
      escaped = false
      if pending.isEmpty { return .nothing }
      takePending()
      return overran ? .nothing : judgeRepRap()
    }
    // An overrun of the receiver is stored as 0x7F: the line is thrown away.
    if byte == 0x7f { escaped = true }
    if pending.count <= limit + 32 { pending.append(byte) }
    return .nothing
  }

  private mutating func judgeRepRap() -> OnByte {
    let start = line.firstIndex { $0 != UInt8(ascii: " ") && $0 != 9 } ?? line.endIndex
    guard start < line.endIndex else { return .nothing }
    var end = line[start...].firstIndex(of: UInt8(ascii: ";")) ?? line.endIndex
    if end == start { return .done }
    let isNumbered = smallLetter(line[start]) == UInt8(ascii: "n")
    if isNumbered, let star = line[start..<end].firstIndex(of: UInt8(ascii: "*")) {
      let digits = line[(star + 1)..<end].prefix(while: isDigit)
      let given = leadingInteger(digits)
      switch digits.count {
      case 1...3 where Int32(exclusiveOr(line[..<star])) == given: break
      case 5 where Int32(cyclicRedundancy(line[start..<star])) == given: break
      default: return .rejected(.checksum)
      }
      end = star
    }
    if isNumbered { lastNumber = leadingInteger(line[(start + 1)..<end]) }
    line.removeSubrange(end...)
    return line.count > limit ? .tooLong : .command
  }

  /// CRC-16 with polynomial 0x1021, begun at zero.
  private func cyclicRedundancy(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var sum: UInt16 = 0
    for byte in bytes {
      sum ^= UInt16(byte) << 8
      for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
    return sum
  }

  // MARK: Smoothieware and Klipper

  mutating func readWhole(_ byte: UInt8) -> OnByte {
    // The LF of a CR LF is no second line.
    let followsReturn = escaped
    escaped = byte == 13
    if byte == 10, followsReturn { return .nothing }
    guard byte == 10 || byte == 13 else {
      pending.append(byte)
      return .nothing
    }
    takePending()
    return rules == .smoothie ? judgeSmoothie() : judgeKlipper()
  }

  private mutating func judgeSmoothie() -> OnByte {
    guard let first = line.first else { return .done }
    switch first {
    case UInt8(ascii: "N"): return judgeNumberedSmoothie()
    case UInt8(ascii: "G"), UInt8(ascii: "M"), UInt8(ascii: "T"), UInt8(ascii: "S"):
      cutComment()
      return .command
    case UInt8(ascii: ";"), UInt8(ascii: "("): return .done
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "$"): return .command
    case UInt8(ascii: "X")...UInt8(ascii: "Z"), UInt8(ascii: "F"): return .command
    default: return .ignored
    }
  }

  private mutating func judgeNumberedSmoothie() -> OnByte {
    let number = leadingInteger(line[1...])
    if let mark = line.firstIndex(of: UInt8(ascii: "M")), leadingInteger(line[(mark + 1)...]) == 110 {
      lastNumber = number
      return .done
    }
    var end = line.endIndex
    if let star = line.firstIndex(of: UInt8(ascii: "*")) {
      if Int32(exclusiveOr(line[..<star])) != leadingInteger(line[(star + 1)...]) {
        return .rejected(.checksum)
      }
      end = star
    }
    if number != lastNumber &+ 1 { return .rejected(.lineNumber) }
    lastNumber = number
    line.removeSubrange(end...)
    cutComment()
    // A number with nothing behind it is counted and not answered.
    let command = line.dropFirst().contains { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }
    return command ? .command : .counted
  }

  private mutating func cutComment() {
    if let mark = line.firstIndex(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "(") }) {
      line.removeSubrange(mark...)
    }
  }

  private mutating func judgeKlipper() -> OnByte {
    if let mark = line.firstIndex(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "*") }) {
      line.removeSubrange(mark...)
    }
    // Control bytes alone get no answer.
    if !line.isEmpty, line.allSatisfy({ $0 < 32 }) { return .nothing }
    return line.contains { $0 > 32 } ? .command : .done
  }
}

/// A capital letter made small; every other byte as it is.
func smallLetter(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}
