import GCode

/// Layers as bytes of one length each, so that one of them can be read alone.
extension Layer {
  /// The bytes of one layer.
  public static let recordLength = 128

  /// The layer as bytes, least significant byte first.
  public var record: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.recordLength)
    for number in [offset, end, line] { bytes.put(UInt64(bitPattern: number)) }
    for value in [
      z, height, seconds, filament, bounds.minX, bounds.minY, bounds.maxX, bounds.maxY,
      start.position.x, start.position.y, start.position.z, start.position.e,
    ] { bytes.put(value.bitPattern) }
    bytes += [
      start.isRelative ? 1 : 0, start.extruderSetRelative.map { $0 ? 1 : 0 } ?? 2, start.isInch ? 1 : 0,
      start.plane, start.kind.rawValue, start.extrudes ? 1 : 0, start.motion,
      (start.isBeamOn ? 1 : 0) | (start.hasPower ? 2 : 0),
    ]
    return bytes
  }

  /// Reads a layer back; nil where the bytes are none.
  public init?(record bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.recordLength, let kind = PathKind(rawValue: bytes[bytes.startIndex + 124])
    else { return nil }
    func word(_ index: Int) -> UInt64 {
      let place = bytes.startIndex + index * 8
      return bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func value(_ index: Int) -> Double { Double(bitPattern: word(index)) }
    func flag(_ index: Int) -> UInt8 { bytes[bytes.startIndex + 120 + index] }
    var bounds = Bounds()
    (bounds.minX, bounds.minY, bounds.maxX, bounds.maxY) = (value(7), value(8), value(9), value(10))
    var start = PathStart()
    start.position = Position(x: value(11), y: value(12), z: value(13), e: value(14))
    start.isRelative = flag(0) == 1
    start.extruderSetRelative = flag(1) == 2 ? nil : flag(1) == 1
    start.isInch = flag(2) == 1
    start.plane = flag(3)
    start.kind = kind
    start.extrudes = flag(5) == 1
    start.motion = min(flag(6), 3)
    start.isBeamOn = flag(7) & 1 == 1
    start.hasPower = flag(7) & 2 == 2
    self.init(
      offset: Int64(bitPattern: word(0)), end: Int64(bitPattern: word(1)), line: Int64(bitPattern: word(2)),
      z: value(3), height: value(4), seconds: value(5), bounds: bounds, filament: value(6), start: start)
    guard offset >= 0, end >= offset else { return nil }
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
