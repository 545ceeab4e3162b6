/// One frame, understood as far as this version can.
public enum ReceivedFrame: Equatable, Sendable {
  /// A message.
  case message(DriverMessage)
  /// A request of a newer version: answer it with `refused`, code `interface.unknownRequest`.
  case unknownRequest(number: UInt32)
  /// A reply of a newer version to the request with this number.
  case unknownReply(number: UInt32)
  /// An event or another kind of message of a newer version: to be ignored.
  case unknown
}

/// Turns bytes in any pieces into messages.
///
/// A frame is a length of four bytes, lowest first, and as many bytes of one record. Whatever the other end sends becomes a
/// message or a `FrameError`; after an error the decoder takes nothing more. It holds at most one frame of `limit` bytes
/// besides the bytes of one `receive`, if `next` is called until nil after each.
public struct FrameDecoder: Sendable {
  /// The most bytes that a record may have: 1 MB.
  public static let maximumLength = 1 << 20

  private var buffer: [UInt8] = []
  private var position = 0
  private var failure: FrameError?
  private let limit: Int

  /// Makes a decoder that takes records of up to `limit` bytes.
  public init(limit: Int = FrameDecoder.maximumLength) {
    self.limit = limit
  }

  /// Bytes held and not yet given out as messages.
  public var pendingBytes: Int { buffer.count - position }

  /// Takes bytes as they arrived.
  public mutating func receive(_ bytes: some Collection<UInt8>) {
    guard failure == nil else { return }
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame, or nil where more bytes are needed. An error repeats for ever.
  public mutating func next() throws(FrameError) -> ReceivedFrame? {
    if let failure { throw failure }
    do {
      return try decodeNext()
    } catch {
      failure = error
      buffer = []
      position = 0
      throw error
    }
  }

  private mutating func decodeNext() throws(FrameError) -> ReceivedFrame? {
    guard pendingBytes >= 4 else { return nil }
    var length = 0
    for offset in 0..<4 { length |= Int(buffer[position + offset]) << (8 * offset) }
    guard length <= limit else { throw .oversized(length: Int64(length), limit: Int64(limit)) }
    guard pendingBytes - 4 >= length else { return nil }
    let start = position + 4
    let frame = try ReceivedFrame(record: FieldReader(buffer, range: start..<start + length))
    position = start + length
    return frame
  }
}

extension DriverMessage {
  private enum Tag {
    static let number: UInt8 = 1
    static let request: UInt8 = 2
    static let reply: UInt8 = 3
    static let event: UInt8 = 4
  }

  /// Appends the message's frame to `bytes`; throws `oversized`, and appends nothing, where no reader would take it.
  public func encode(into bytes: inout [UInt8]) throws(FrameError) {
    var writer = FieldWriter()
    switch self {
    case .request(let number, let request):
      writer.unsigned(Tag.number, UInt64(number))
      writer.record(Tag.request, request)
    case .reply(let number, let reply):
      writer.unsigned(Tag.number, UInt64(number))
      writer.record(Tag.reply, reply)
    case .event(let event):
      writer.record(Tag.event, event)
    }
    let length = writer.bytes.count
    guard length <= FrameDecoder.maximumLength else {
      throw .oversized(length: Int64(length), limit: Int64(FrameDecoder.maximumLength))
    }
    bytes.reserveCapacity(bytes.count + 4 + length)
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    bytes.append(contentsOf: writer.bytes)
  }
}

extension ReceivedFrame {
  fileprivate init(record: FieldReader) throws(FrameError) {
    var reader = record
    var number: UInt32 = 0
    var body: Field?
    while let field = try reader.next() {
      switch field.tag {
      case 1: number = try field.unsigned32()
      case 2, 3, 4: body = field
      default: break
      }
    }
    guard let body else {
      self = .unknown
      return
    }
    do {
      self = .message(try DriverMessage(body: body, number: number))
    } catch .unknownValue {
      self =
        switch body.tag {
        case 2: .unknownRequest(number: number)
        case 3: .unknownReply(number: number)
        default: .unknown
        }
    }
  }
}

extension DriverMessage {
  fileprivate init(body: Field, number: UInt32) throws(FrameError) {
    switch body.tag {
    case Tag.request: self = .request(number: number, try body.record())
    case Tag.reply: self = .reply(number: number, try body.record())
    case Tag.event: self = .event(try body.record())
    default: throw .unknownValue
    }
  }
}
