/// The ring of command lines between reader and execution; the line being executed keeps its slot until it is done.
struct CommandQueue: Sendable {
  /// Slots in all.
  let slots: Int
  private let width: Int
  private var store: [UInt8]
  private var lengths: [Int]
  private var damages: [Bool]
  private var head = 0
  private(set) var count = 0
  /// Bytes that all lines share, each with four more; 0 where each has its slot.
  private let shared: Int
  private var used = 0

  init(_ profile: FirmwareProfile) {
    slots = profile.queueSlots
    width = profile.maxCommandSize
    shared = profile.queueBytes
    store = [UInt8](repeating: 0, count: slots * width)
    lengths = [Int](repeating: 0, count: slots)
    damages = [Bool](repeating: false, count: slots)
  }

  var isEmpty: Bool { count == 0 }
  /// The oldest line was damaged on its way.
  var firstIsDamaged: Bool { damages[head] }
  var isFull: Bool { count == slots || shared > 0 && used + width + 3 > shared }

  /// Appends a line; the caller has made sure that there is room.
  mutating func append(_ line: ArraySlice<UInt8>, isDamaged: Bool) {
    if shared > 0 { used += storedLength(line) }
    var slot = head + count
    if slot >= slots { slot -= slots }
    var position = slot * width
    let length = min(line.count, width)
    for byte in line.prefix(length) {
      store[position] = byte
      position += 1
    }
    lengths[slot] = length
    damages[slot] = isDamaged
    count += 1
  }

  /// Copies the oldest line.
  func copyFirst(into line: inout [UInt8]) {
    line.removeAll(keepingCapacity: true)
    line.append(contentsOf: store[head * width..<head * width + lengths[head]])
  }

  mutating func removeFirst() {
    if count == 0 { return }
    if shared > 0 { used -= storedLength(store[head * width..<head * width + lengths[head]]) }
    head += 1
    if head == slots { head = 0 }
    count -= 1
  }

  mutating func removeAll() {
    head = 0
    count = 0
    used = 0
  }

  /// Where lines lie one behind the other, number and checksum are cut off; a header and a zero come with each.
  private func storedLength(_ line: ArraySlice<UInt8>) -> Int {
    var text = line.prefix { $0 != UInt8(ascii: "*") }
    if text.first == UInt8(ascii: "N") {
      text = text.dropFirst().drop { isDigit($0) || $0 == UInt8(ascii: "-") }
      text = text.drop { $0 == UInt8(ascii: " ") }
    }
    return text.count + 4
  }
}
