import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a port of its own that answers with what it was told and keeps what came.
final class Receiver: Sendable {
  struct Request: Sendable {
    var method: String
    var path: String
    var headers: [String: String]
    var body: String
  }

  private struct State {
    var answers: [(Int, [(String, String)])]
    var waiting: [Request] = []
    var reader: CheckedContinuation<Request, Never>?
  }

  private let state: Mutex<State>
  private let channel: any Channel

  /// Answers with `answers` in turn, with 200 afterwards.
  init(_ answers: [(Int, [(String, String)])] = []) async throws {
    state = Mutex(State(answers: answers))
    let inbox = Inbox()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(inbox: inbox))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    inbox.receiver.withLock { $0 = self }
  }

  var address: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

  /// The next request; waits for it.
  func next() async -> Request {
    await withCheckedContinuation { continuation in
      let there: Request? = state.withLock { state in
        if state.waiting.isEmpty {
          state.reader = continuation
          return nil
        }
        return state.waiting.removeFirst()
      }
      if let there { continuation.resume(returning: there) }
    }
  }

  func close() async { try? await channel.close() }

  fileprivate func take(_ request: Request) -> (Int, [(String, String)]) {
    let (reader, answer) = state.withLock { state in
      defer { state.reader = nil }
      if state.reader == nil { state.waiting.append(request) }
      let answer = state.answers.isEmpty ? (200, []) : state.answers.removeFirst()
      return (state.reader, answer)
    }
    reader?.resume(returning: request)
    return answer
  }

  fileprivate final class Inbox: Sendable {
    let receiver = Mutex<Receiver?>(nil)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let inbox: Inbox
    private var head: HTTPRequestHead?
    private var body = ""

    init(inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        body = ""
      case .body(let part): body += String(buffer: part)
      case .end: answer(context)
      }
    }

    private func answer(_ context: ChannelHandlerContext) {
      guard let head, let receiver = inbox.receiver.withLock({ $0 }) else { return }
      let headers = Dictionary(head.headers.map { ($0.name, $0.value) }) { first, _ in first }
      let request = Request(method: head.method.rawValue, path: head.uri, headers: headers, body: body)
      let (status, fields) = receiver.take(request)
      var answer = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
      answer.headers.add(name: "Content-Length", value: "0")
      for (name, value) in fields { answer.headers.add(name: name, value: value) }
      context.write(wrapOutboundOut(.head(answer)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
