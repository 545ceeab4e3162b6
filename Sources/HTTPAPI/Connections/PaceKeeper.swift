import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Holds a connection to its pace: the shell of `ConnectionPace` in the connection's own event loop.
///
/// Sits between HTTP's parts and their use, and sees what is read, what is asked for, and what is written.
final class PaceKeeper: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private var pace: ConnectionPace
  private var timer: Scheduled<Void>?
  private var timerDeadline: Int64?
  /// The head that came last was larger than a head may be.
  private var isHeadTooLarge = false

  init(limits: ConnectionLimits) { pace = ConnectionPace(limits: limits, now: PaceKeeper.now) }

  private static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

  func handlerAdded(context: ChannelHandlerContext) { schedule(context) }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head: pace.headRead(now: Self.now)
    case .body(let buffer): pace.bodyRead(buffer.readableBytes, now: Self.now)
    case .end: pace.endRead(now: Self.now)
    }
    schedule(context)
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    pace.asks(false)
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    pace.asks(true)
    context.read()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    // The server answers every head that it cannot read alike (RFC 6585 has a status for this one).
    case .head(var response) where isHeadTooLarge && !pace.owesAnswer && response.status == .badRequest:
      response.status = .requestHeaderFieldsTooLarge
      return context.write(wrapOutboundOut(.head(response)), promise: promise)
    case .end:
      pace.answered(now: Self.now)
      schedule(context)
    default: break
    }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case HTTPParserError.headerOverflow = error { isHeadTooLarge = true }
    context.fireErrorCaught(error)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pace.takes(context.channel.isWritable, now: Self.now)
    schedule(context)
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      pace.ending(now: Self.now)
      schedule(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// One timer at most; one that fires too early is set again.
  private func schedule(_ context: ChannelHandlerContext) {
    guard let deadline = pace.nextDeadline, context.channel.isActive || timerDeadline == nil else { return }
    if let timerDeadline, timerDeadline <= deadline { return }
    timer?.cancel()
    timerDeadline = deadline
    let loop = context.eventLoop.assumeIsolated()
    timer = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline)))) { [self] in
      timer = nil
      timerDeadline = nil
      if pace.timeout(now: Self.now) {
        context.close(promise: nil)
      } else {
        schedule(context)
      }
    }
  }
}

@available(*, unavailable)
extension PaceKeeper: Sendable {}
