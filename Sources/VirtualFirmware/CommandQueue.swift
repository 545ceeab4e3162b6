/// The ring of command lines between reader and execution; the line being executed keeps its slot until it is done.
struct CommandQueue: Sendable {
  /// Slots in all.
  let slots: Int
  private let width: Int
  private var store: [UInt8]
  private var lengths: [Int]
  private var head = 0
  private(set) var count = 0

  init(slots: Int, width: Int) {
    self.slots = slots
    self.width = width
    store = [UInt8](repeating: 0, count: slots * width)
    lengths = [Int](repeating: 0, count: slots)
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count == slots }

  /// Appends a line; the caller has made sure that there is room.
  mutating func append(_ line: ArraySlice<UInt8>) {
    var slot = head + count
    if slot >= slots { slot -= slots }
    var position = slot * width
    let length = min(line.count, width)
    for byte in line.prefix(length) {
      store[position] = byte
      position += 1
    }
    lengths[slot] = length
    count += 1
  }

  /// Copies the oldest line.
  func copyFirst(into line: inout [UInt8]) {
    line.removeAll(keepingCapacity: true)
    line.append(contentsOf: store[head * width..<head * width + lengths[head]])
  }

  mutating func removeFirst() {
    if count == 0 { return }
    head += 1
    if head == slots { head = 0 }
    count -= 1
  }

  mutating func removeAll() {
    head = 0
    count = 0
  }
}
