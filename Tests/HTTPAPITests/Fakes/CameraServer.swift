import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A small camera on a port of its own: answers each path as it was told, byte for byte.
final class CameraServer: Sendable {
  /// What a path answers.
  enum Answer: Sendable {
    /// These bytes, then the end.
    case bytes([UInt8])
    /// These bytes, and the connection stays.
    case open([UInt8])
    /// These bytes, and then one more whenever the last was taken.
    case endless([UInt8])
  }

  private struct State {
    var answers: [String: Answer]
    var requests: [(path: String, head: String)] = []
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let state: Mutex<State>
  private let channel = Mutex<(any Channel)?>(nil)

  init(_ answers: [String: Answer]) async throws {
    state = Mutex(State(answers: answers))
    let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(server: self))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    channel.withLock { $0 = bound }
  }

  var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
  var address: String { "http://127.0.0.1:\(port)" }
  /// The requests so far.
  var requests: [(path: String, head: String)] { state.withLock { $0.requests } }
  /// Connections that are open.
  var openCount: Int { state.withLock { $0.connections.count } }

  /// Sends to everybody who is connected.
  func send(_ bytes: [UInt8]) async throws {
    for channel in state.withLock({ Array($0.connections.values) }) {
      try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }
  }

  /// Ends every connection, as a camera does that is switched off.
  func hangUp() async {
    for channel in state.withLock({ Array($0.connections.values) }) { try? await channel.close() }
  }

  func close() async {
    await hangUp()
    try? await channel.withLock { $0 }?.close()
  }

  static func head(_ type: String, length: Int? = nil, status: String = "200 OK", _ more: String = "")
    -> [UInt8]
  {
    let size = length.map { "Content-Length: \($0)\r\n" } ?? ""
    return Array(
      "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(size)\(more)Connection: close\r\n\r\n".utf8)
  }

  static func part(_ bytes: [UInt8]) -> [UInt8] {
    Array("--cut\r\nContent-Type: image/jpeg\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8) + bytes + [
      13, 10,
    ]
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let server: CameraServer
    private var head = ""

    init(server: CameraServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) {
      let channel = context.channel
      server.state.withLock { $0.connections[ObjectIdentifier(channel)] = channel }
    }

    func channelInactive(context: ChannelHandlerContext) {
      let channel = context.channel
      server.state.withLock { $0.connections[ObjectIdentifier(channel)] = nil }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      head += String(buffer: unwrapInboundIn(data))
      guard head.contains("\r\n\r\n") else { return }
      let path = String(head.split(separator: " ").dropFirst().first ?? "")
      let answer = server.state.withLock { state in
        state.requests.append((path, head))
        return state.answers[path]
      }
      switch answer ?? .bytes(CameraServer.head("text/html", length: 0, status: "404 Not Found")) {
      case .bytes(let bytes):
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
          bound.value.close(promise: nil)
        }
      case .open(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      case .endless(let bytes):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        more(context)
      }
    }

    private func more(_ context: ChannelHandlerContext) {
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [7]))).whenSuccess {
        bound.value.1.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) {
          let (handler, context) = bound.value
          if context.channel.isActive { handler.more(context) }
        }
      }
    }
  }
}
