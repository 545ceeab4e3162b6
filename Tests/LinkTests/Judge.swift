import PrinterProtocol
import VirtualFirmware

extension PrintedWorld {
  /// Compares what was executed with the file.
  func judgement(file: [String]) -> Judgement {
    guard let ended = end else {
      if let fault = faults.first { return .stopped(code: fault.code) }
      return .wrong("neither an end nor a fault")
    }
    let ofFile = log.filter(Self.isOfFile).map { (number: $0.number, text: String(decoding: $0.text, as: UTF8.self)) }
    let numbered = ofFile.filter { $0.number != nil }.map(\.text)
    let loose = ofFile.filter { $0.number == nil }.map(\.text)
    switch ended.end {
    case .done:
      if numbered == file { return loose.isEmpty ? .intact : .repeatedAfterFragment }
      // The checksum of a line with two flipped bits may hold: the same place, other words.
      if numbered.count == file.count {
        let different = zip(numbered, file).filter { $0 != $1 }
        return .undetectable("\(different.first.map { "\($0.1) ran as \($0.0)" } ?? "")")
      }
      return .wrong("done, but \(Self.difference(numbered, file)); loose: \(loose)")
    case .failed, .cancelled, .uncertain:
      let reached = min(Int(session.progress.fileLine), file.count)
      let count = zip(numbered, file).prefix(while: { $0 == $1 }).count
      guard count >= min(reached, file.count) || count == numbered.count else {
        return .wrong("\(ended.end) at \(reached), but \(Self.difference(numbered, file)); loose: \(loose)")
      }
      return .stopped(code: ended.fault?.code ?? "none")
    }
  }

  private static func difference(_ executed: [String], _ file: [String]) -> String {
    for (index, pair) in zip(executed, file).enumerated() where pair.0 != pair.1 {
      return "line \(index + 1) is \(pair.1) and ran as \(pair.0)"
    }
    return "\(executed.count) lines of \(file.count) ran"
  }
}
