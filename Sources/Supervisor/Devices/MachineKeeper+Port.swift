import DriverInterface
import JobStore

/// What plugging and unplugging mean for a machine (safety.md rules 6, 8 and 16).
extension MachineKeeper {
  /// The devices changed: `went` where its device was unplugged, `came` where it was plugged in, both where it was replugged.
  func take(_ port: MachinePort, went: Bool, came: Bool) async {
    let before = self.port
    self.port = port
    if went { await unplugged(before) }
    if before != port {
      isStale = surroundings.isStale(settings, port)
      if port.state == .doubtful { await doubt(port.sentence, isNew: before.state != .doubtful) }
      surroundings.changed()
    }
    if came, port.state == .here { await pluggedIn() }
    if before != port { tick() }
  }

  private func unplugged(_ before: MachinePort) async {
    let reason = "its device was unplugged"
    log.warning("\(reason): \(before.node ?? before.path)")
    printedFromCard = status?.phase == .printingNotOurs
    publishDevice("unplugged", "\(name)'s device was unplugged (\(before.node ?? before.path))")
    await notReady(reason)
    takeWordBack()
    if settings.kind != .printer || before.isNode { await closeWhenIdle() }
    publishMachine(state: status?.phase.word ?? "noDriver", reason: reason)
  }

  private func pluggedIn() async {
    publishDevice("plugged", "\(name)'s device is plugged in (\(port.node ?? port.path))")
    await notReady("its device was plugged in")
    guard let machine = try? await surroundings.store.machine(name) else { return }
    // Where it printed from its card when it went, opening would end that print.
    let isStart = printedFromCard || machine.settings.kind != .printer
    if let hold = PortHold(machine, isStart: isStart && !hasPersonsWord, port: port) {
      log.notice("plugged in, and not opened: \(hold.sentence(name))")
      publishMachine(state: status?.phase.word ?? "noDriver", reason: hold.sentence(name))
      return
    }
    allowOpening(byPerson: false)
    guard let status else {
      owesOpening = true
      return
    }
    guard !isStale else { return }
    if let reason = await reopening(machine, status) {
      log.notice("plugged in, and not opened: \(reason)")
      publishMachine(state: status.phase.word, reason: reason)
      return
    }
    _ = await ask(.connect)
  }

  /// Why the supervisor does not ask for a port again whose opening may reset the board: its driver judges a print under way,
  /// and after one that was lost it waits for a person, whose word an asking would be. Nil: it may be asked.
  private func reopening(_ machine: MachineRecord, _ status: DriverStatus) async -> String? {
    guard machine.resetsOnOpen != false else { return nil }
    guard status.running == nil else {
      return "a print is under way, and its driver asks the firmware first where it can"
    }
    guard status.phase == .linkLost, let job = machine.bed.job,
      (try? await surroundings.store.job(job))?.state == .uncertain
    else { return nil }
    return "job \(job) was lost with the link, and opening the port may reset the board: "
      + "look at the machine, then `fabline connect \(name)` opens it"
  }

  private func doubt(_ sentence: String, isNew: Bool) async {
    if isNew {
      log.error("\(sentence)")
      publishDevice("doubtful", sentence)
      await notReady("nobody knows whether its device is the right one")
    }
    await closeWhenIdle()
    publishMachine(state: status?.phase.word ?? "noDriver", reason: sentence)
  }

  /// Leaves the port alone, unless a print is under way: that one's driver knows what it does.
  private func closeWhenIdle() async {
    guard let status, status.running == nil, status.phase != .disconnected else { return }
    _ = await ask(.disconnect)
  }

  /// Compares what the firmware says with what was known of this machine's and of others'.
  func judge(firmware words: String) async {
    guard let records = try? await surroundings.store.machines(),
      let identity = records.first(where: { $0.name == name })?.identity
    else { return }
    var others: [String: FirmwareIdentity] = [:]
    for record in records where record.name != name { others[record.name] = record.identity?.firmware }
    let verdict = FirmwareVerdict(
      name, known: identity.firmware, heard: FirmwareIdentity(words), others: others)
    switch verdict {
    case .same: break
    case .learned(let firmware): await keep(firmware, why: "its firmware is that of \(firmware.words)")
    case .told(let firmware, let sentence):
      log.notice("\(sentence)")
      publishDevice("told", sentence)
      await keep(firmware, why: sentence)
    case .doubtful(let sentence):
      await storing(job: nil) { [self] in
        try await surroundings.store.doubtMachine(name, sentence, by: driverName)
      }
      port.state = .doubtful
      port.sentence = sentence
      await doubt(sentence, isNew: true)
      surroundings.changed()
    }
  }

  private func keep(_ firmware: FirmwareIdentity, why: String) async {
    await storing(job: nil) { [self] in
      try await surroundings.store.learnIdentity(name, firmware, why: why, by: driverName)
    }
  }

  func publishDevice(_ state: String, _ message: String) {
    surroundings.publish(
      HostEvent(
        kind: .device, at: surroundings.clock.wall(), machine: name, state: state, message: message))
  }
}
