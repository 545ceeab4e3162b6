import Foundation
import GCode

/// Swift Testing has an `Expectation` of its own.
typealias Expectation = GCode.Expectation

/// Numbers that a seed repeats, for property tests; the algorithm is SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// The command of a line; an unread one where the line has none, which no expectation takes for right.
func command(_ line: String) -> Command? { Command(bytes(line)) }

/// Cuts bytes into pieces of 0 to `longest` bytes.
func pieces(_ bytes: [UInt8], longest: Int, _ generator: inout SeededGenerator) -> [ArraySlice<UInt8>] {
  var result: [ArraySlice<UInt8>] = []
  var start = 0
  while start < bytes.count {
    let end = min(bytes.count, start + Int.random(in: 0...longest, using: &generator))
    result.append(bytes[start..<end])
    start = end
  }
  return result
}

/// A state that has seen these lines.
func state(after lines: String..., rule: ExtruderModeRule = .setByG90) -> ModalState {
  var state = ModalState(extruderRule: rule)
  for line in lines {
    if let command = command(line) { state.apply(command) }
  }
  return state
}

/// A file of Tests/Fixtures/gcode.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/gcode/\(name)")))
}

func closeTo(_ a: Double?, _ b: Double, within tolerance: Double = 1e-9) -> Bool {
  guard let a else { return false }
  return abs(a - b) <= tolerance
}
