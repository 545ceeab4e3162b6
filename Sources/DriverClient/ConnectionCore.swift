import CLinux
import DriverInterface
import Glibc
import Synchronization

/// The thread behind a `DriverConnection`, and what it shares with the callers.
///
/// Callers append frames to `outgoing` and ring; the thread alone touches the socket, finishes requests and closes.
/// It keeps itself alive until the connection ends.
final class ConnectionCore: Sendable {
  private struct Pending {
    var deadline: Int64
    var answer: CheckedContinuation<Result<DriverReply, ConnectionError>, Never>
  }

  private struct State {
    var outgoing: [UInt8] = []
    var pending: [UInt32: Pending] = [:]
    var nextNumber: UInt32 = 1
    var closing = false
    var ended: ConnectionError?
    /// Rung to wake the thread; -1 once the thread has closed it, so that a late caller rings nobody else's descriptor.
    var bell: Int32
  }

  private let socket: Int32
  private let events: AsyncStream<DriverEvent>.Continuation
  private let state: Mutex<State>

  /// Takes over `descriptor` and starts the thread; nil, with the descriptor closed, where the system refuses either.
  init?(descriptor: Int32, events: AsyncStream<DriverEvent>.Continuation) {
    let bell = clinux_eventfd_create()
    guard bell >= 0 else {
      Glibc.close(descriptor)
      return nil
    }
    self.socket = descriptor
    self.events = events
    self.state = Mutex(State(bell: bell))
    guard startThread({ self.run() }) else {
      finish(.lost)
      return nil
    }
  }

  var ended: ConnectionError? { state.withLock { $0.ended } }

  func close() {
    state.withLock { state in
      state.closing = true
      ring(state)
    }
  }

  func request(_ request: DriverRequest, timeout: Duration) async throws(ConnectionError) -> DriverReply {
    let number = state.withLock { state in
      defer { state.nextNumber &+= 1 }
      return state.nextNumber
    }
    var frame: [UInt8] = []
    do {
      try DriverMessage.request(number: number, request).encode(into: &frame)
    } catch {
      throw .requestTooLarge
    }
    let deadline = clinux_monotonic_ns() + timeout.nanoseconds
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let refusal: ConnectionError? = state.withLock { state in
          if let ended = state.ended { return ended }
          if state.closing { return .closed }
          if Task.isCancelled { return .cancelled }
          state.pending[number] = Pending(deadline: deadline, answer: continuation)
          state.outgoing.append(contentsOf: frame)
          ring(state)
          return nil
        }
        if let refusal { continuation.resume(returning: .failure(refusal)) }
      }
    } onCancel: {
      answer(number, .failure(.cancelled))
    }
    return try result.get()
  }

  // MARK: - The thread

  private func run() {
    var decoder = FrameDecoder()
    var space = [UInt8](repeating: 0, count: 16 * 1024)
    var end: ConnectionError?
    while end == nil {
      let (closing, hasOutput, deadline, bell) = state.withLock { state in
        (state.closing, !state.outgoing.isEmpty, state.pending.values.map(\.deadline).min(), state.bell)
      }
      if closing {
        end = .closed
        break
      }
      waitForWork(hasOutput: hasOutput, deadline: deadline, bell: bell)
      expire(clinux_monotonic_ns())
      end = flush() ?? readAll(&decoder, &space)
    }
    finish(end ?? .lost)
  }

  private func waitForWork(hasOutput: Bool, deadline: Int64?, bell: Int32) {
    let wanted = Int16(POLLIN) | (hasOutput ? Int16(POLLOUT) : 0)
    var entries = [
      pollfd(fd: socket, events: wanted, revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
    ]
    let timeout = deadline.map(UnixSocket.milliseconds(until:)) ?? -1
    guard poll(&entries, 2, timeout) > 0, entries[1].revents != 0 else { return }
    var rings: UInt64 = 0
    _ = clinux_eventfd_take(bell, &rings)
  }

  private func flush() -> ConnectionError? {
    state.withLock { state in
      guard !state.outgoing.isEmpty else { return nil }
      guard let count = UnixSocket.write(state.outgoing[...], to: socket) else { return .lost }
      state.outgoing.removeFirst(count)
      return nil
    }
  }

  private func readAll(_ decoder: inout FrameDecoder, _ space: inout [UInt8]) -> ConnectionError? {
    while true {
      let count = space.withUnsafeMutableBytes { UnixSocket.read(into: $0, from: socket) }
      guard let count else { return .lost }
      if count == 0 { return nil }
      decoder.receive(space[0..<count])
      do {
        while let frame = try decoder.next() { deliver(frame) }
      } catch {
        return .malformed(error)
      }
    }
  }

  private func deliver(_ frame: ReceivedFrame) {
    switch frame {
    case .message(.reply(let number, let reply)): answer(number, .success(reply))
    case .message(.event(let event)): events.yield(event)
    case .unknownReply(let number): answer(number, .failure(.malformed(.unknownValue)))
    case .message(.request), .unknownRequest, .unknown: break  // not for a client, or of a newer driver
    }
  }

  private func expire(_ now: Int64) {
    let late = state.withLock { state in state.pending.filter { $0.value.deadline <= now }.map(\.key) }
    for number in late { answer(number, .failure(.timedOut)) }
  }

  /// Finishes one request; nothing where it is finished already.
  private func answer(_ number: UInt32, _ result: Result<DriverReply, ConnectionError>) {
    let pending = state.withLock { $0.pending.removeValue(forKey: number) }
    pending?.answer.resume(returning: result)
  }

  private func finish(_ reason: ConnectionError) {
    let pending = state.withLock { state in
      state.ended = reason
      Glibc.close(state.bell)
      state.bell = -1
      defer { state.pending = [:] }
      return state.pending
    }
    Glibc.close(socket)
    events.finish()
    for request in pending.values { request.answer.resume(returning: .failure(reason)) }
  }

  private func ring(_ state: borrowing State) {
    guard state.bell >= 0 else { return }
    _ = clinux_eventfd_add(state.bell, 1)
  }
}
