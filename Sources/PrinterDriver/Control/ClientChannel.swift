import CLinux
import DriverInterface
import Glibc

/// One client's connection on the wire thread: bytes in, frames out, never waiting.
///
/// Output that the client does not read is queued up to a bound. Beyond `eventLimit` its subscription ends and it is told so;
/// beyond `outputLimit` the connection ends. So a client that sleeps costs a bounded piece of memory and no time.
final class ClientChannel {
  /// The most bytes that may wait when an event is added.
  static let eventLimit = 128 * 1024
  /// The most bytes that may wait at all. A recorder's lines take some 100 KB.
  static let outputLimit = 512 * 1024
  /// The longest request taken.
  static let requestLimit = 64 * 1024

  /// Names it in the event loop.
  let id: UInt64
  let descriptor: Int32
  private var decoder = FrameDecoder(limit: ClientChannel.requestLimit)
  private var output: [UInt8] = []
  private var written = 0
  /// The client has greeted us.
  var isGreeted = false
  /// It wants events.
  private(set) var isSubscribed = false
  /// It is to be closed when everything is written.
  var closesWhenWritten = false
  /// It is over.
  private(set) var isBroken = false
  /// The event loop waits for room to write.
  var awaitsRoom = false

  init(id: UInt64, descriptor: Int32) {
    self.id = id
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  var hasOutput: Bool { written < output.count }

  /// Reads what is there and gives out whole frames. A client that breaks the rules breaks its connection.
  func receive(_ space: UnsafeMutableRawBufferPointer) -> [ReceivedFrame] {
    var frames: [ReceivedFrame] = []
    // One piece a turn: a client that floods us takes its turn with the wire.
    let count = recv(descriptor, space.baseAddress, space.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return [] }
    guard count > 0 else {
      isBroken = true
      return []
    }
    decoder.receive(UnsafeRawBufferPointer(rebasing: space[..<count]))
    do {
      while let frame = try decoder.next() { frames.append(frame) }
    } catch {
      isBroken = true
    }
    return frames
  }

  func subscribe(_ held: [[UInt8]]) {
    isSubscribed = true
    for frame in held { sendEvent(frame, sequence: 0) }
  }

  /// Queues an event; a client too far behind is told that it gets no more.
  func sendEvent(_ frame: [UInt8], sequence: Int64) {
    guard isSubscribed else { return }
    if output.count - written + frame.count > ClientChannel.eventLimit {
      isSubscribed = false
      let fault = Fault(
        code: "client.slow",
        sentence: "this client reads too slowly and gets no more events: subscribe again to go on",
        scope: .connection)
      let event = DriverEvent(sequence: sequence, at: clinux_realtime_ns() / 1_000_000, kind: .fault(fault))
      send(.event(event))
    } else {
      queue(frame)
    }
  }

  /// Queues a message.
  func send(_ message: DriverMessage) {
    var frame: [UInt8] = []
    do {
      try message.encode(into: &frame)
    } catch {
      isBroken = true
    }
    queue(frame)
  }

  private func queue(_ frame: [UInt8]) {
    if output.count - written + frame.count > ClientChannel.outputLimit { isBroken = true }
    if !isBroken { output.append(contentsOf: frame) }
  }

  /// Writes what fits now.
  func flush() {
    while hasOutput, !isBroken {
      let count = output.withUnsafeBytes {
        clinux_send(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count == -Int(EAGAIN) { break }
      if count == -Int(EINTR) { continue }
      if count < 0 { isBroken = true } else { written += count }
    }
    if !hasOutput {
      // A large reply's memory is given back; the usual few hundred bytes are kept.
      output.removeAll(keepingCapacity: output.capacity <= 8192)
      written = 0
    } else if written > ClientChannel.eventLimit {
      output.removeFirst(written)
      written = 0
    }
  }
}
