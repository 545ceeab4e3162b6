import PrinterProtocol
import VirtualFirmware

extension PrintedWorld {
  /// Compares what was executed with the file.
  func judgement(file: [String]) -> Judgement {
    guard let ended = end else {
      if let fault = faults.first { return .stopped(code: fault.code) }
      return .wrong("neither an end nor a fault")
    }
    let ofFile = log.filter(Self.isOfFile).map {
      (number: $0.number, text: String(decoding: $0.text, as: UTF8.self))
    }
    let numbered = ofFile.filter { $0.number != nil }.map(\.text)
    let loose = ofFile.filter { $0.number == nil }.map(\.text)
    // A piece of a line that extrudes relatively must not run and be followed by the whole line.
    if file.contains("M83"), let twice = loose.first(where: { $0.contains(" E") && numbered.contains($0) }) {
      return .wrong("\(twice) ran twice, \(ended.end)")
    }
    let common = min(numbered.count, file.count)
    switch ended.end {
    case .done:
      guard numbered.count == file.count else {
        return .wrong("done, but \(Self.difference(numbered, file)); loose: \(loose)")
      }
      if numbered == file { return loose.isEmpty ? .intact : .repeatedAfterFragment }
      return Self.damaged(numbered, file, common)
    case .failed, .cancelled, .uncertain:
      let reached = min(Int(session.progress.fileLine), file.count)
      guard numbered.count >= reached else {
        return .wrong("\(ended.end) at \(reached), but \(numbered.count) lines ran; loose: \(loose)")
      }
      if numbered.prefix(reached).elementsEqual(file.prefix(reached)) {
        return .stopped(code: ended.fault?.code ?? "none")
      }
      return Self.damaged(numbered, file, reached)
    }
  }

  /// Lines whose words differ while their places agree: two flipped bits that the checksum does not see. More than a few
  /// of them in a row would be a shift.
  private static func damaged(_ executed: [String], _ file: [String], _ count: Int) -> Judgement {
    let different = (0..<count).filter { executed[$0] != file[$0] }
    for index in different where index + 1 < count && different.contains(index + 1) {
      return .wrong("\(difference(executed, file)); \(different.count) lines differ")
    }
    return .undetectable(different.first.map { "\(file[$0]) ran as \(executed[$0])" } ?? "")
  }

  private static func difference(_ executed: [String], _ file: [String]) -> String {
    for (index, pair) in zip(executed, file).enumerated() where pair.0 != pair.1 {
      return "line \(index + 1) is \(pair.1) and ran as \(pair.0)"
    }
    return "\(executed.count) lines of \(file.count) ran"
  }
}
