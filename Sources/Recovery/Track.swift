import GCode

/// What the file has done up to a line, as far as a plan has to bring it about again.
struct Track: Sendable {
  /// The modal state before the line.
  var state: ModalState
  /// Filament that is drawn back now, in mm.
  var drawnBack: Double = 0
  /// The greatest height at which plastic was laid down; nil where none was.
  var highest: Double?
  /// The box in X and Y that holds all plastic laid down.
  var box: Box?
  /// The settings that a reset takes from the firmware, in the order of the file.
  var settings = RememberedSettings()

  /// A box in X and Y, in mm.
  struct Box: Equatable, Sendable {
    var minX: Double
    var maxX: Double
    var minY: Double
    var maxY: Double

    mutating func include(_ other: Box) {
      minX = min(minX, other.minX)
      maxX = max(maxX, other.maxX)
      minY = min(minY, other.minY)
      maxY = max(maxY, other.maxY)
    }

    /// Whether a point lies at least `margin` beside the box.
    func isBeside(_ x: Double, _ y: Double, margin: Double) -> Bool {
      x < minX - margin || x > maxX + margin || y < minY - margin || y > maxY + margin
    }
  }

  /// Follows one command; returns the move where it is one.
  @discardableResult
  mutating func follow(_ command: Command, _ bytes: ArraySlice<UInt8>) -> Move? {
    guard let move = state.apply(command) else {
      if command.matches("G", 92), command["E"] == nil || command.isBare { return nil }
      settings.note(command, bytes)
      return nil
    }
    let extruded = move.extruded
    if move.isExtruding {
      lay(move)
      drawnBack = 0
    } else if extruded != 0 {
      // What is pushed back out was drawn in before; more than that is a prime.
      drawnBack = max(0, drawnBack - extruded)
    }
    return move
  }

  private mutating func lay(_ move: Move) {
    let z = max(move.start.z, move.end.z)
    highest = max(highest ?? z, z)
    // A start that is a guess, after homing, is no place of the part.
    let bounds = move.bounds
    let knows = move.known.isSuperset(of: [.x, .y])
    let laid = Box(
      minX: knows ? bounds.minX : move.end.x, maxX: knows ? bounds.maxX : move.end.x,
      minY: knows ? bounds.minY : move.end.y, maxY: knows ? bounds.maxY : move.end.y)
    if box == nil { box = laid } else { box?.include(laid) }
  }
}

/// The last of each setting that files make and that a firmware forgets: limits, jerk, linear advance, retraction, …
///
/// M92 M201 M203 M205 M207 M208 M209 M301 M304 M566 M572 M593 M900, apart by the parameters that they name: `M201 X` and `M201 E`
/// are two settings.
struct RememberedSettings: Equatable, Sendable {
  private struct Line: Equatable, Sendable {
    var number: Int32
    var letters: UInt32
    var bytes: [UInt8]
  }

  private static let most = 48
  private var kept: [Line] = []

  /// The lines, oldest first.
  var lines: [[UInt8]] { kept.map { $0.bytes } }

  mutating func note(_ command: Command, _ bytes: ArraySlice<UInt8>) {
    guard Self.isSetting(command), bytes.count <= 80 else { return }
    let letters = Self.letters(of: command)
    kept.removeAll { $0.number == command.number && $0.letters == letters }
    kept.append(Line(number: command.number, letters: letters, bytes: Array(bytes)))
    if kept.count > Self.most { kept.removeFirst() }
  }

  private static func isSetting(_ command: Command) -> Bool {
    guard command.letter == UInt8(ascii: "M") else { return false }
    return switch command.number {
    case 92, 201, 203, 205, 207, 208, 209, 301, 304, 566, 572, 593, 900: true
    default: false
    }
  }

  private static func letters(of command: Command) -> UInt32 {
    var letters: UInt32 = 0
    for index in 0..<UInt32(26) {
      guard let letter = Unicode.Scalar(65 + index), command.has(letter) else { continue }
      letters |= 1 << index
      // Whose setting it is makes part of which it is.
      if index == 19, let tool = command["T"] { letters |= UInt32(max(0, min(15, tool))) << 26 }
    }
    return letters
  }
}
