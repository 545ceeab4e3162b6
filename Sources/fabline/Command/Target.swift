import ArgumentParser

/// What most verbs act on: a job by its number, or a machine by its name, which is never all digits.
enum Target: Equatable, Sendable, ExpressibleByArgument {
  case job(Int64)
  case machine(String)

  /// Reads `12` as a job and `ender` as a machine; nil for what can be neither.
  init?(argument: String) {
    if let number = JobNumber(argument: argument) {
      self = .job(number.value)
    } else if let name = MachineName(argument: argument) {
      self = .machine(name.value)
    } else {
      return nil
    }
  }

  static var defaultCompletionKind: CompletionKind { MachineName.defaultCompletionKind }
}

/// A job's number: digits, from 1.
struct JobNumber: Equatable, Sendable, ExpressibleByArgument {
  var value: Int64

  init?(argument: String) {
    guard argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(argument), number > 0
    else { return nil }
    value = number
  }
}

/// A machine's name: ASCII letters, digits, `-` and `_`, at most 64, never all digits, never starting with `-`.
struct MachineName: Equatable, Sendable, ExpressibleByArgument {
  var value: String

  init?(argument: String) {
    let bytes = argument.utf8
    let allowed = bytes.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
      default: false
      }
    }
    let digitsOnly = bytes.allSatisfy { (0x30...0x39).contains($0) }
    guard allowed, !digitsOnly, (1...64).contains(bytes.count), bytes.first != 0x2D else { return nil }
    value = argument
  }

  static var defaultCompletionKind: CompletionKind {
    .shellCommand("fabline machine list --names 2>/dev/null")
  }
}
