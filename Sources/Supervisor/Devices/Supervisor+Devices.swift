import DeviceDiscovery
import JobStore
import Logging

// Which machine is at which port. A machine is bound to a device, never to a node's number; nothing is opened that a person did
// not add, and nothing that is in doubt.

extension Supervisor {
  /// Returns once the machines of the store are kept, or could not be: what is added or bound then is not kept twice.
  func started() async {
    guard !hasStarted else { return }
    await withCheckedContinuation { awaitingStart.append($0) }
  }

  /// The machines of the store are kept, or could not be.
  func tellStarted() {
    hasStarted = true
    for waiting in awaitingStart { waiting.resume() }
    awaitingStart = []
  }

  /// Looks at what is plugged in, once: a person may add a machine before this supervisor has begun its work.
  func lookOnce() {
    guard !hasLooked else { return }
    deviceList = deviceSource.current()
    hasLooked = true
  }

  /// Follows the devices until the task that runs it is cancelled.
  func followDevices() async {
    for await news in deviceSource.news() {
      guard !Task.isCancelled else { return }
      await take(news)
    }
  }

  /// Takes a look at the devices in, machine by machine.
  func take(_ news: DeviceNews) async {
    // Between the look at the start and the first news something may have changed that no event tells.
    let changes = news.changes.isEmpty ? DeviceTracker.changes(from: deviceList, to: news.list) : news.changes
    deviceList = news.list
    hasLooked = true
    var gone: Set<String> = []
    var come: Set<String> = []
    for change in changes {
      switch change {
      case .gone(let device): gone.insert(device.node)
      case .came(let device): come.insert(device.node)
      case .changed: break
      }
    }
    await judgePorts(gone: gone, come: come)
    for case .came(let device) in changes { offer(device) }
    for case .gone(let device) in changes where !device.isConsole {
      log.info("unplugged: \(device.words) at \(device.node)")
    }
  }

  /// Judges every machine's port anew; also after a machine was added or bound, which others' claims depend on.
  func judgePorts(gone: Set<String> = [], come: Set<String> = []) async {
    lookOnce()
    guard let records = try? await store.machines() else { return }
    for record in records {
      let before = ports[record.name]
      guard let port = await judgePort(record, records) else { continue }
      let went = before?.node.map { gone.contains($0) || port.node != $0 } ?? false
      let came = port.node.map { come.contains($0) || before?.node != $0 } ?? false
      await keepers[record.name]?.take(port, went: went, came: came)
    }
  }

  /// Judges one machine's port, and keeps what changed in its identity.
  @discardableResult
  func judgePort(_ record: MachineRecord, _ records: [MachineRecord]) async -> MachinePort? {
    let judgement = PortJudgement(record, deviceList, others: claims(but: record.name, records))
    ports[record.name] = judgement.port
    do throws(StoreError) {
      if let identity = judgement.identity {
        if record.identity == nil {
          try await store.bindMachine(record.name, to: identity, by: "fablined")
        } else {
          try await store.machineMoved(record.name, to: identity, why: judgement.told, by: "fablined")
        }
        if !judgement.told.isEmpty { tell(judgement.told, of: record.name) }
      }
    } catch {
      log.error("the device of \(record.name) is not stored: \(error.sentence)")
    }
    return judgement.port
  }

  /// Binds a machine to the device behind its port, on a person's word; nothing where no device is known there.
  func bind(_ name: String, by: String) async throws {
    lookOnce()
    let records = try await store.machines()
    let record = try await store.machine(name)
    guard let device = deviceList.device(at: record.settings.port) else {
      ports[name] = PortJudgement(record, deviceList, others: []).port
      return
    }
    try refuseTaken(device, for: name, records)
    try await store.bindMachine(name, to: MachineIdentity(device, among: deviceList), by: by)
    note("bound to \(device.words) at \(device.topologyPath)", by: by, machine: name)
    let bound = try await store.machines()
    if let now = bound.first(where: { $0.name == name }) { await judgePort(now, bound) }
  }

  /// One device is one machine.
  func refuseTaken(_ path: String, for name: String) async throws {
    lookOnce()
    guard let device = deviceList.device(at: path) else { return }
    try refuseTaken(device, for: name, try await store.machines())
  }

  private func refuseTaken(_ device: SerialDevice, for name: String, _ records: [MachineRecord]) throws {
    for other in records where other.name != name {
      guard let identity = other.identity else { continue }
      let claim = DeviceClaim(other.name, identity)
      let binding = deviceList.binding(of: claim, among: claims(but: other.name, records))
      guard binding.device?.node == device.node else { continue }
      throw HostError(
        code: "machine.portTaken",
        sentence:
          "\(device.words) at \(device.node) is the device of \(other.name) already; `fabline ports` shows "
          + "which is free")
    }
  }

  private func claims(but name: String, _ records: [MachineRecord]) -> [DeviceClaim] {
    records.compactMap { record in
      record.name == name ? nil : record.identity.map { DeviceClaim(record.name, $0) }
    }
  }

  private func tell(_ sentence: String, of machine: String) {
    log.notice("\(sentence)", metadata: ["machine": "\(machine)"])
    hub.publish(
      HostEvent(
        kind: .device, at: surroundings.clock.wall(), machine: machine, state: "told", message: sentence))
  }

  /// A device that is nobody's is shown, and never opened.
  private func offer(_ device: SerialDevice) {
    guard device.usbID != nil, !device.isConsole, !ports.values.contains(where: { $0.node == device.node })
    else { return }
    let sentence =
      "plugged in: \(device.words) at \(device.node), no machine's; `fabline machine add NAME --port "
      + "\(device.node)` makes it one"
    log.notice("\(sentence)")
    hub.publish(
      HostEvent(kind: .device, at: surroundings.clock.wall(), state: "offered", message: sentence))
  }
}
