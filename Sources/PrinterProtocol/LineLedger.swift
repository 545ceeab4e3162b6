/// The lines in flight, oldest first.
///
/// A ring that grows where it is full and gives no memory back: the oldest line leaves without the others being moved, and
/// nothing is allocated for a line.
struct LineLedger: RandomAccessCollection, Sendable {
  /// Their number is a power of two.
  private var slots: [SentLine]
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 16) {
    var size = 1
    while size < capacity { size *= 2 }
    slots = [SentLine](repeating: .none, count: size)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { count }
  @inline(__always)
  var isEmpty: Bool { count == 0 }
  @inline(__always)
  var first: SentLine? { count > 0 ? slots[head] : nil }

  subscript(index: Int) -> SentLine {
    @inline(__always) get { slots[place(index)] }
    @inline(__always) _modify { yield &slots[place(index)] }
  }

  @inline(__always)
  mutating func append(_ line: SentLine) {
    if count == slots.count { grow() }
    slots[place(count)] = line
    count &+= 1
  }

  /// Takes the oldest out; nil where there is none.
  @inline(__always)
  mutating func popFirst() -> SentLine? {
    guard count > 0 else { return nil }
    let line = slots[head]
    removeFirst(1)
    return line
  }

  @inline(__always)
  mutating func removeFirst(_ number: Int = 1) {
    precondition(number <= count)
    head = place(number)
    count &-= number
  }

  mutating func removeLast(_ number: Int) {
    precondition(number <= count)
    count &-= number
  }

  mutating func removeAll() {
    head = 0
    count = 0
  }

  /// Takes out all lines for which `isGone` says so; the others keep their order.
  mutating func removeAll(where isGone: (SentLine) -> Bool) {
    var kept = 0
    for index in 0..<count where !isGone(self[index]) {
      self[kept] = self[index]
      kept += 1
    }
    count = kept
  }

  @inline(__always)
  private func place(_ index: Int) -> Int { (head &+ index) & (slots.count &- 1) }

  private mutating func grow() {
    let lines = Array(self)
    slots = lines + [SentLine](repeating: .none, count: lines.count)
    head = 0
  }
}
