import APIModel
import Hummingbird
import NIOCore
import ServiceLifecycle
import Supervisor

/// An event stream (`text/event-stream`): each event with its number, a comment now and then as a sign of life.
///
/// Ends when the client goes, when it is let in no more, when the supervisor is asked to end, and when the client does not keep up; the last thing it
/// is told then is that events were missed, and it may come back with the last number that it saw.
struct EventStreamBody: Sendable {
  let hub: EventHub
  let filter: EventFilter
  let after: Int64?
  let heartbeat: Int
  /// Knows when whoever opened it is let in no more.
  let door: Doorkeeper
  let principal: Principal

  /// The response; the subscription begins before its first byte is sent, so that nothing falls in between.
  func response(to request: Request) -> Response {
    let subscription = hub.subscribe(filter, after: after)
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        // The client's end of the connection is watched too: a stream that nobody reads does not wait for its next event.
        try await request.body.consumeWithCancellationOnInboundClose { _ in
          try await withGracefulShutdownHandler {
            try await door.whileLetIn(principal, end: { subscription.end() }) {
              try await send(subscription, to: &writer)
            }
          } onGracefulShutdown: {
            subscription.end()
          }
        }
        try await writer.finish(nil)
      })
  }

  private func send(_ subscription: EventSubscription, to writer: inout any ResponseBodyWriter) async throws {
    let beat = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .seconds(heartbeat))
        subscription.beat()
      }
    }
    defer { beat.cancel() }
    try await writer.write(ByteBuffer(string: ": fabline\nretry: 2000\n\n"))
    if let gap = subscription.gap {
      try await writer.write(
        note(
          "gap",
          "the events \(gap.after + 1) to \(gap.upTo) are not held any more; the log has its part of them"))
    }
    for await delivery in subscription.deliveries {
      switch delivery {
      case .event(let event): try await writer.write(try buffer(event))
      case .beat: try await writer.write(ByteBuffer(string: ":\n\n"))
      }
    }
    if subscription.missed {
      try await writer.write(
        note("dropped", "this stream was not read fast enough and ends: come back with the last id seen"))
    }
  }

  private func buffer(_ event: HostEvent) throws -> ByteBuffer {
    var buffer = ByteBuffer(string: "id: \(event.id)\nevent: \(event.kind.rawValue)\ndata: ")
    buffer.writeBytes(try Response.encoded(EventModel(event)))
    buffer.writeString("\n\n")
    return buffer
  }

  /// Something about the stream itself: an event without an id, so that the last number seen stays what it was.
  private func note(_ kind: String, _ text: String) -> ByteBuffer {
    var event = EventModel(id: hub.last, at: LocalTime.iso8601(LocalTime.now()), kind: kind)
    event.level = LogLevel.warning.rawValue
    event.message = text
    var buffer = ByteBuffer(string: "event: \(kind)\ndata: ")
    buffer.writeBytes((try? Response.encoded(event)) ?? .init())
    buffer.writeString("\n\n")
    return buffer
  }
}
