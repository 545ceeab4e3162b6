import CLinux
import Glibc

// One sentence (or two: the second says what to do) for each reason. No newline, no errno without its words.
extension SerialPortError: CustomStringConvertible {
  /// What happened, to which port, and what to do about it.
  public var sentence: String {
    switch reason {
    case .missing(let target, let existing): missing(target, existing)
    case .permission(let facts): forbidden(facts)
    case .busy(let holders): busy(holders)
    case .notATerminal(let kind): "\(path) is \(kind.rawValue); a printer's port looks like /dev/ttyUSB0."
    case .unplugged: "\(path) was unplugged or its adapter switched off; plug it in again."
    case .hungUp:
      "\(path): the other end hung up; the adapter lost its device, or the program behind the port ended."
    case .noHardware:
      "\(path) exists, but no hardware answers behind it; choose another port or check the adapter."
    case .speed(let baud):
      "\(path) refuses \(baud) baud; set the speed that the printer's firmware and the adapter both know."
    case .framing: "\(path) refuses 8 data bits without parity; this adapter cannot talk to a printer."
    case .tooManyFiles: "\(path) cannot be opened: too many files are open; raise the limit (ulimit -n)."
    case .other: "\(path): \(call) failed: \(errnoText)."
    }
  }

  /// Same as `sentence`.
  public var description: String { sentence }

  private func missing(_ target: String?, _ existing: [String]) -> String {
    let fact =
      if let target { "\(path) points to \(target), which does not exist" } else { "there is no \(path)" }
    if existing.isEmpty {
      return "\(fact), nor any other serial port; is the printer switched on and its cable plugged in?"
    }
    return "\(fact); serial ports that exist: \(existing.joined(separator: ", "))."
  }

  private func forbidden(_ facts: PortPermission) -> String {
    let user = facts.user
    let group = facts.group
    return switch facts.remedy {
    case .joinGroup:
      "\(user) may not open \(path), which belongs to the group \(group); join it with "
        + "`sudo usermod -aG \(group) \(user)` and log in again."
    case .logInAgain:
      "\(user) may not open \(path) yet: the membership in the group \(group) counts from the next login; "
        + "log out and in again, or restart the service."
    case .changeMode:
      "\(user) may not open \(path): its mode is \(octal(facts.mode)), group \(group); install the udev rules "
        + "of udev-rules/, which give it to the group dialout."
    case .outsideRules:
      "\(user) may not open \(path) although its mode \(octal(facts.mode)) allows it; a container or a "
        + "service's device rules (DeviceAllow, PrivateDevices) forbid it."
    }
  }

  private func busy(_ holders: [PortHolder]) -> String {
    if holders.isEmpty {
      return "another program holds \(path), a process of another user; "
        + "`sudo fuser -v \(path)` names it. Stop it, or choose another port."
    }
    let names = holders.map { "\($0.name) (pid \($0.pid))" }.joined(separator: ", ")
    let subject = holders.count == 1 ? "another program holds" : "other programs hold"
    return "\(subject) \(path): \(names); stop \(holders.count == 1 ? "it" : "them"), or choose another port."
  }

  private func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private var errnoText: String {
    guard let text = clinux_error_text(errno), let name = clinux_error_name(errno) else {
      return "error \(errno)"
    }
    return "\(String(cString: text)) (\(String(cString: name)))"
  }
}
