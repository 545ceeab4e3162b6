import CLinux
import DriverInterface
import Glibc

/// The descriptors of the event loop.
final class WireDescriptors {
  let epoll: Int32
  let timer: Int32
  /// -1 where signals are not taken.
  let signals: Int32

  /// Makes them and adds the listener and the bell.
  init(listener: Int32, bell: Int32, takesSignals: Bool) throws(Fault) {
    epoll = clinux_epoll_create()
    timer = clinux_timerfd_create()
    let numbers = [SIGTERM, SIGINT]
    signals = takesSignals ? clinux_signalfd_create(numbers, 2) : -1
    guard epoll >= 0, timer >= 0, signals >= 0 || !takesSignals else {
      throw WireDescriptors.fault(min(epoll, timer))
    }
    let entries: [(Int32, UInt64)] = [
      (bell, WireLoop.Token.bell), (timer, WireLoop.Token.timer), (listener, WireLoop.Token.listener),
      (signals, WireLoop.Token.signals),
    ]
    for (descriptor, token) in entries where descriptor >= 0 {
      let result = clinux_epoll_add(epoll, descriptor, CLINUX_EPOLLIN, token)
      guard result == 0 else { throw WireDescriptors.fault(result) }
    }
  }

  deinit {
    for descriptor in [epoll, timer, signals] where descriptor >= 0 { close(descriptor) }
  }

  /// Blocks the signals that the loop takes, in this thread and all that it starts. To be called before any is started.
  static func blockSignals() {
    let numbers = [SIGTERM, SIGINT]
    _ = clinux_signal_block(numbers, 2)
    // A dead terminal and a client that went away are no reasons to end.
    _ = clinux_signal_ignore(SIGHUP)
    _ = clinux_signal_ignore(SIGPIPE)
    // A file that grew to its limit is a disk that is full: an error of the write, not the end of a print.
    _ = clinux_signal_ignore(SIGXFSZ)
  }

  private static func fault(_ number: Int32) -> Fault {
    Fault(
      code: "driver.descriptors", sentence: "the event loop cannot be made: \(systemWords(-number))",
      scope: .process)
  }
}
