import DeviceDiscovery
import Foundation
import Glibc

/// What changed among the serial ports, and what is there now.
public struct DeviceNews: Equatable, Sendable {
  /// What is there.
  public var list: DeviceList
  /// What changed; empty in the first news.
  public var changes: [DeviceChange]

  /// Makes news.
  public init(list: DeviceList, changes: [DeviceChange] = []) {
    self.list = list
    self.changes = changes
  }
}

/// Where the supervisor hears of serial ports: udev, or a test.
public protocol DeviceSource: Sendable {
  /// What is there now.
  func current() -> DeviceList
  /// What is there, then each change as it happens. For one reader; ends when that one does.
  func news() -> AsyncStream<DeviceNews>
}

/// No device is known: every port is the path that a person gave.
public struct NoDevices: DeviceSource {
  /// Makes a source of nothing.
  public init() {}
  /// Nothing.
  public func current() -> DeviceList { DeviceList([]) }
  /// Nothing, and the end.
  public func news() -> AsyncStream<DeviceNews> { AsyncStream { $0.finish() } }
}

/// The ports of this machine, followed by a thread of its own: libudev blocks, and a queue of tasks must not wait for it.
public struct SystemDevices: DeviceSource {
  /// Makes a source; it does nothing until it is asked.
  public init() {}

  /// Enumerates: some milliseconds.
  public func current() -> DeviceList { .current() }

  /// Starts the thread. Its list and events come from one monitor that listened before it looked.
  public func news() -> AsyncStream<DeviceNews> {
    let (stream, continuation) = AsyncStream.makeStream(of: DeviceNews.self)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      continuation.finish()
      return stream
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (stop, tellStop) = (ends[0], ends[1])
    continuation.onTermination = { _ in close(tellStop) }
    let thread = Thread {
      let watch = DeviceWatch()
      continuation.yield(DeviceNews(list: watch.list))
      while let changes = watch.changes(orUntil: stop) {
        continuation.yield(DeviceNews(list: watch.list, changes: changes))
      }
      continuation.finish()
      close(stop)
    }
    thread.name = "devices"
    thread.stackSize = 256 << 10
    thread.start()
    return stream
  }
}
