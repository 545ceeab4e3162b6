/// What is not executed: commands after a halt, and commands that nobody knows, each refused in the firmware's own words.
extension VirtualFirmware {
  /// After the end (`AfterKill.refusal`): true unless the command is one of those that still work.
  mutating func refuses() -> Bool {
    let isReset = words.spells(letter: UInt8(ascii: "M"), 999)
    switch profile.lineRules {
    case .smoothie:
      if words.letter == UInt8(ascii: "M") {
        switch words.number {
        case 2, 5, 9, 30, 80, 81, 105, 106, 107, 114, 115, 119, 503, 911: return false
        default: break
        }
      }
      if isReset {
        isHalted = false
        say("WARNING: After HALT you should HOME as position is currently unknown")
        say("ok")
      } else if let text = profile.wording.refusal {
        say(text)
      }
    case .repRapFirmware where isReset:
      restart(now: clock)
      return true
    default:
      if words.spells(letter: UInt8(ascii: "M"), 115) || words.spells(letter: UInt8(ascii: "M"), 105) {
        return false
      }
      if profile.lineRules == .repRapFirmware {
        put("Error: ")
        putCommandName()
      }
      if let text = profile.wording.refusal { say(text) }
      say("ok")
    }
    finishSilently()
    return true
  }

  mutating func sayUnknown() {
    record.unknownCommands += 1
    let text = line[words.start..<max(words.start, words.end)]
    switch profile.lineRules {
    case .marlin2:
      put("echo:Unknown command: \"")
      put(text)
      say("\"")
    case .marlin1:
      put("echo:Unknown command: \"")
      put(line[...])
      say("\"")
    case .prusa: sayUnknownPrusa(text)
    case .repetier:
      put("Unknown command:")
      put(line.prefix(words.end))
      say(" ")
    case .repRapFirmware:
      put(words.letter == 0 ? "Error: Bad command: " : "Warning: ")
      if words.letter == 0 {
        put(text)
        endLine()
      } else {
        putCommandName()
        say(": Command is not supported")
      }
    case .smoothie:
      guard let first = text.first, first >= UInt8(ascii: "a") || first == UInt8(ascii: "$") else { break }
      put("error:Unsupported command - ")
      put(text)
      endLine()
      finishSilently()
      return
    case .klipper:
      put("// Unknown command:\"")
      put(text)
      say("\"")
    }
    finish()
  }

  private mutating func putCommandName() {
    reply.append(words.letter)
    put(Int64(words.number))
  }

  private mutating func sayUnknownPrusa(_ text: ArraySlice<UInt8>) {
    if words.letter == 0 {
      put("echo:Unknown command: \"")
      put(text)
      say("\"(2)")
      return
    }
    put("Unknown ")
    reply.append(words.letter)
    put(" code: ")
    put(text)
    endLine()
  }

  /// Some take any G and M code that they do not know for done.
  mutating func executeUnlisted() {
    switch profile.lineRules {
    case .marlin1, .smoothie:
      record.unknownCommands += 1
      finish()
    case .marlin2, .prusa, .repetier, .repRapFirmware, .klipper: sayUnknown()
    }
  }
}
