import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Lets a connection in if the ledger has room for it, before anything is spent on it.
struct BoundedChannel<Base: ServerChildChannel>: ServerChildChannel {
  typealias Value = Base.Value

  let base: Base
  let ledger: ConnectionLedger

  /// The address has its share of connections, or all are taken.
  struct Full: Error {}

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let address = channel.remoteAddress?.ipAddress ?? ""
    guard ledger.enter(address) else {
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(Full())
    }
    let ledger = ledger
    channel.closeFuture.whenComplete { _ in ledger.leave(address) }
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
