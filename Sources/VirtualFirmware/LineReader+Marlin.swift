/// Marlin's two readers and the one that Prusa made of the first.
extension LineReader {
  // MARK: Marlin 2.1

  mutating func readMarlin2(_ byte: UInt8) -> OnByte {
    if byte == 10 || byte == 13 {
      ignoring = false
      escaped = false
      if pending.isEmpty { return .nothing }
      swap(&line, &pending)
      pending.removeAll(keepingCapacity: true)
      return judgeMarlin2()
    }
    if ignoring { return .nothing }
    if escaped {
      escaped = false
    } else if byte == UInt8(ascii: "\\") {
      escaped = true
      return .nothing
    } else if byte == UInt8(ascii: ";") {
      ignoring = true
      return .nothing
    }
    if byte == 8 {
      if !pending.isEmpty { pending.removeLast() }
    } else {
      pending.append(byte)
      if pending.count >= limit { ignoring = true }
    }
    return .nothing
  }

  mutating func judgeMarlin2() -> OnByte {
    cutAtZero()
    let start = line.firstIndex { $0 != UInt8(ascii: " ") } ?? line.endIndex
    guard start < line.endIndex, line[start] == UInt8(ascii: "N") else { return .command }
    let setsNumber = position(of: "M110", from: start) != nil
    var numberMark = start
    if setsNumber, start + 4 <= line.endIndex,
      let second = line[(start + 4)...].firstIndex(of: UInt8(ascii: "N"))
    {
      numberMark = second
    }
    let number = leadingInteger(line[(numberMark + 1)...])
    if number != lastNumber &+ 1 && !setsNumber {
      if number == lastNumber || number == lastNumber &- 1 {
        repeatsDropped += 1
        return .nothing
      }
      return .rejected(.lineNumber)
    }
    guard let star = line.lastIndex(of: UInt8(ascii: "*")), star >= start else {
      return .rejected(.noChecksum)
    }
    if Int32(exclusiveOr(line[start..<star])) != leadingInteger(line[(star + 1)...]) {
      return .rejected(.checksum)
    }
    lastNumber = number
    return .command
  }

  // MARK: Marlin 1.0

  mutating func readMarlin1(_ byte: UInt8) -> OnByte {
    let ends =
      byte == 10 || byte == 13 || (byte == UInt8(ascii: ":") && !ignoring) || pending.count >= limit
    if !ends {
      if byte == UInt8(ascii: ";") { ignoring = true }
      if !ignoring { pending.append(byte) }
      return .nothing
    }
    if pending.isEmpty {
      ignoring = false
      return .nothing
    }
    swap(&line, &pending)
    pending.removeAll(keepingCapacity: true)
    // The comment mode is left on: the next line is lost as well.
    return ignoring ? .nothing : judgeMarlin1()
  }

  mutating func judgeMarlin1() -> OnByte {
    cutAtZero()
    let star = line.firstIndex(of: UInt8(ascii: "*"))
    guard let mark = line.firstIndex(of: UInt8(ascii: "N")) else {
      return star == nil ? .command : .rejected(.noLineNumber)
    }
    let number = leadingInteger(line[(mark + 1)...])
    if number != lastNumber &+ 1 && position(of: "M110", from: 0) == nil { return .rejected(.lineNumber) }
    guard let star else { return .rejected(.noChecksum) }
    if Int32(exclusiveOr(line[..<star])) != leadingInteger(line[(star + 1)...]) {
      return .rejected(.checksum)
    }
    lastNumber = number
    return .command
  }

  // MARK: Prusa

  mutating func readPrusa(_ byte: UInt8) -> OnByte {
    if byte > 127 { return .nothing }
    guard byte == 10 || byte == 13 || pending.count >= limit else {
      if byte == UInt8(ascii: ";") { ignoring = true }
      if !ignoring { pending.append(byte) }
      return .nothing
    }
    if pending.isEmpty {
      ignoring = false
      return .nothing
    }
    takePending()
    // As in Marlin 1.0 the comment mode is left on.
    return ignoring ? .nothing : judgePrusa()
  }

  private mutating func judgePrusa() -> OnByte {
    cutAtZero()
    guard line.first == UInt8(ascii: "N") else {
      numberBefore = lastNumber
      return line.contains(UInt8(ascii: "*")) ? .rejected(.noLineNumber) : .command
    }
    numberBefore = lastNumber
    let number = leadingInteger(line[1...])
    let command = line.dropFirst().firstIndex { !isDigit($0) && $0 != UInt8(ascii: "-") } ?? line.endIndex
    let start = line[command...].firstIndex { $0 != UInt8(ascii: " ") } ?? line.endIndex
    if number != lastNumber &+ 1, !line[start...].prefix(4).spells("M110") { return .rejected(.lineNumber) }
    guard let star = line[start...].firstIndex(of: UInt8(ascii: "*")) else { return .rejected(.noChecksum) }
    if Int32(exclusiveOr(line[..<star])) != leadingInteger(line[(star + 1)...]) {
      return .rejected(.checksum)
    }
    lastNumber = number
    return .command
  }
}
