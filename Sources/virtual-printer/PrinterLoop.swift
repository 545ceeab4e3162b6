import CLinux
import Glibc
import VirtualFirmware

/// One epoll loop between a cable and a virtual firmware; it decides nothing but when to look.
struct PrinterLoop {
  private let options: Options
  private let epoll: Int32
  private let signals: Int32
  private var port: PrinterPort
  private var firmware: Controller
  private var clock: VirtualClock
  private var output: [UInt8] = []
  private var outputStart = 0
  private var input = [UInt8](repeating: 0, count: 4096)
  private var hostIsThere = false
  private var hostWasThere = false
  private var waitsForRoom = false
  private var replugAt: Int64?
  private var nextSpeedCheck: Int64 = 0
  private var speedAsked: Int64 = 0
  private var executedLog: LineLog?
  private var timing = HostTiming()

  private static let portToken: UInt64 = 1
  private static let signalToken: UInt64 = 2
  /// Heat-ups are not skipped but hurried, so that one that never ends does not flood the host.
  private static let heatingPace = 500.0

  init(options: Options) throws(Failure) {
    self.options = options
    _ = clinux_signal_ignore(SIGPIPE)
    let words = [SIGTERM, SIGINT, SIGUSR1, SIGUSR2]
    _ = try checked(clinux_signal_block(words, 4), "cannot block signals")
    signals = try checked(clinux_signalfd_create(words, 4), "cannot wait for signals")
    epoll = try checked(clinux_epoll_create(), "cannot make an event loop")
    _ = try checked(
      clinux_epoll_add(epoll, signals, CLINUX_EPOLLIN, Self.signalToken), "cannot wait for signals")
    if let file = options.executed { executedLog = try LineLog(file) }
    port = try PrinterPort(options)
    clock = VirtualClock(pace: options.timeFactor ?? 1)
    firmware = Controller(options)
    firmware.keepsExecuted = options.executed != nil
    firmware.hostClosed(now: 0)
  }

  /// Runs until a signal, or until the host has gone where that was asked for.
  mutating func run() throws(Failure) {
    writeText("port \(port.path)\n", to: STDOUT_FILENO)
    while true {
      lookForHost()
      let now = letTimePass()
      try actOnEvents(now: now)
      flush()
      if options.exitWhenClosed, hostWasThere, !hostIsThere, !firmware.isBusy, replugAt == nil { break }
      if wait(now: now) { break }
    }
    end()
  }

  // MARK: Time

  /// Runs the firmware to now, and on through what may be skipped; returns the firmware's now.
  private mutating func letTimePass() -> Int64 {
    // What leaves from now on is read at the speed that the host has set by now.
    if hostIsThere { checkSpeed() }
    var now = clock.now
    firmware.run(until: now)
    if options.timeFactor == nil {
      clock.setPace(firmware.isHeating ? Self.heatingPace : 1)
      while firmware.isBusy, !firmware.isHeating, output.count < 16_384, let next = firmware.nextMilestone {
        let jumps = next > now
        if jumps {
          clock.jump(to: next)
          now = next
        }
        firmware.run(until: now)
        let before = output.count
        firmware.takeOutput(upTo: now, into: &output)
        // What was said goes out before more time is skipped: the host may have something to say to it.
        if output.count > before || !jumps { break }
      }
    }
    firmware.takeOutput(upTo: now, into: &output)
    if !hostIsThere {
      // A kill that nobody hears any more happened all the same.
      timing.sent(output[outputStart...])
      dropOutput()
    }
    executedLog?.append(firmware.takeExecuted(), now: clinux_monotonic_ns())
    return now
  }

  /// Nanoseconds of life that nothing will happen for; negative for ever.
  private func idleTime(now: Int64) -> Int64 {
    var time: Int64 = -1
    if let next = firmware.nextDeadline, let milestone = firmware.nextMilestone {
      time = clock.life(until: next, from: now)
      if time < 1_000_000 { time = min(1_000_000, clock.life(until: milestone, from: now)) }
      if options.timeFactor == nil, firmware.isBusy, !firmware.isHeating { time = 0 }
      if waitsForRoom { time = -1 }
    }
    if !hostIsThere {
      // Nothing tells that the other end is opened: look every 2 ms.
      time = time < 0 ? 2_000_000 : min(time, 2_000_000)
    }
    return time
  }

  /// Sleeps; true when a signal asks for the end.
  private mutating func wait(now: Int64) -> Bool {
    var events = [clinux_epoll_event](repeating: clinux_epoll_event(), count: 4)
    let time = idleTime(now: now)
    if time < 0 || time > 1_500_000 { executedLog?.flush() }
    let count = clinux_epoll_wait_ns(epoll, &events, 4, time)
    if count <= 0 { return false }
    for event in events.prefix(Int(count)) {
      if event.token == Self.signalToken {
        if obeySignals() { return true }
        continue
      }
      if event.events & CLINUX_EPOLLOUT != 0 { setWaitsForRoom(false) }
      let isOver = event.events & CLINUX_EPOLLIN != 0 && read() == .end
      if isOver || event.events & CLINUX_EPOLLHUP != 0 { hostHasGone() }
    }
    return false
  }

  /// What a test asks for at a moment of its own choice; true for the end.
  private mutating func obeySignals() -> Bool {
    var signal = clinux_signal()
    while clinux_signalfd_take(signals, &signal) == 0 {
      switch signal.number {
      case SIGUSR1: replugAt == nil ? pullCable(replugAt: .max) : (replugAt = 0)
      case SIGUSR2: if let file = options.report { writeReport(to: file) }
      default: return true
      }
    }
    return false
  }

  // MARK: The host

  private mutating func lookForHost() {
    if let time = replugAt {
      guard clinux_monotonic_ns() >= time, (try? port.plugIn()) != nil else { return }
      replugAt = nil
    }
    guard !hostIsThere, port.isOpen() else { return }
    hostIsThere = true
    hostWasThere = true
    nextSpeedCheck = 0
    _ = clinux_epoll_add(epoll, port.descriptor, CLINUX_EPOLLIN, Self.portToken)
    firmware.hostOpened(now: clock.now)
  }

  private mutating func hostHasGone() {
    guard hostIsThere else { return }
    while read() == .bytes {}
    hostIsThere = false
    waitsForRoom = false
    dropOutput()
    _ = clinux_epoll_remove(epoll, port.descriptor)
    port.hostHasGone()
    firmware.hostClosed(now: clock.now)
  }

  /// What a look at the port found.
  private enum OnRead {
    case bytes
    case nothing
    /// The other end has closed; a terminal says so by hanging up instead.
    case end
  }

  private mutating func read() -> OnRead {
    let descriptor = port.descriptor
    let count = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return count == 0 ? .end : .nothing }
    checkSpeed()
    let now = clock.now
    input.withUnsafeBufferPointer {
      let bytes = UnsafeBufferPointer(rebasing: $0[..<count])
      timing.received(bytes)
      firmware.receive(bytes, now: now)
    }
    return .bytes
  }

  /// A host sets the speed after opening and before writing: look until it is right, then now and then.
  private mutating func checkSpeed() {
    guard options.checksSpeed, !firmware.hostSpeedMatches || clinux_monotonic_ns() >= nextSpeedCheck else {
      return
    }
    nextSpeedCheck = clinux_monotonic_ns() + 50_000_000
    speedAsked = port.speed
    firmware.hostSpeedMatches = speedAsked == options.profile.baud
  }

  private mutating func flush() {
    if hostIsThere, outputStart < output.count, !waitsForRoom {
      let descriptor = port.descriptor
      let start = outputStart
      let written = output.withUnsafeBytes { bytes in
        bytes.baseAddress.map { write(descriptor, $0 + start, bytes.count - start) } ?? 0
      }
      if written > 0 {
        timing.sent(output[start..<start + written])
        outputStart += written
      } else if written < 0, errno == EAGAIN {
        setWaitsForRoom(true)
      }
    }
    if outputStart == output.count { dropOutput() }
  }

  private mutating func dropOutput() {
    output.removeAll(keepingCapacity: true)
    outputStart = 0
  }

  private mutating func setWaitsForRoom(_ waits: Bool) {
    waitsForRoom = waits
    let wanted = waits ? CLINUX_EPOLLIN | CLINUX_EPOLLOUT : CLINUX_EPOLLIN
    _ = clinux_epoll_modify(epoll, port.descriptor, wanted, Self.portToken)
  }

  private mutating func actOnEvents(now: Int64) throws(Failure) {
    while let event = firmware.nextEvent() {
      guard case .unplugged(let duration) = event else { continue }
      pullCable(replugAt: clinux_monotonic_ns() + Int64(Double(duration) / (options.timeFactor ?? 1)))
    }
  }

  /// The host is hung up on; the firmware goes on with what it has.
  private mutating func pullCable(replugAt time: Int64) {
    if hostIsThere { _ = clinux_epoll_remove(epoll, port.descriptor) }
    hostIsThere = false
    waitsForRoom = false
    dropOutput()
    port.unplug()
    firmware.hostClosed(now: clock.now)
    replugAt = time
  }

  // MARK: The end

  private mutating func end() {
    firmware.settle(now: clock.now)
    executedLog?.append(firmware.takeExecuted(), now: clinux_monotonic_ns())
    executedLog?.close()
    if replugAt == nil { port.unplug() }
    if let file = options.report { writeReport(to: file) }
  }

  private func writeReport(to file: String) {
    let text = reportText(
      firmware, timing, profile: options.profile.name, seed: options.seed, speedAsked: speedAsked)
    if file == "-" {
      writeText(text, to: STDOUT_FILENO)
      return
    }
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      writeText(
        "virtual-printer: \(Failure("cannot write \(file)", error: errno).sentence)\n", to: STDERR_FILENO)
      return
    }
    writeText(text, to: descriptor)
    close(descriptor)
  }
}
