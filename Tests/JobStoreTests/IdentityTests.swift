import GRDB
import Testing

@testable import JobStore

/// Which hardware a machine is bound to.
@Suite struct IdentityTests {
  private func identity(serial: String? = "CZPX1", place: String = "usb-0:2") -> MachineIdentity {
    var identity = MachineIdentity(
      usbID: "2c99:0002", serialNumber: serial, isSerialShared: false, interface: 0, place: place,
      path: "/dev/serial/by-id/usb-Prusa_CZPX1-if00", words: "Prusa MK3")
    identity.idPath = "pci-0000:00:14.0-usb-0:2:1.0"
    return identity
  }

  @Test("What is bound comes back, and the history says who bound it")
  func roundTrip() async throws {
    let shop = try await Shop()
    try await shop.printer()
    #expect(try await shop.store.machine("ender").identity == nil)
    let bound = try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    #expect(bound.identity == identity())
    let rows = try await shop.store.history(HistoryQuery(machine: "ender"))
    #expect(rows.contains { $0.what == "bound" && $0.who == "lee" && $0.why == "Prusa MK3 at usb-0:2" })
  }

  @Test("Another device is another board: what was learned of the old one is forgotten, and it is not ready")
  func rebound() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    try await shop.store.learnResets("ender", true, by: "driver ender")
    try await shop.store.learnFirmware("ender", "FIRMWARE_NAME:Marlin", by: "driver ender")
    _ = try await shop.store.ready("ender", job: nil, by: "lee")
    // The same device in another socket stays what it is.
    let moved = try await shop.store.bindMachine("ender", to: identity(place: "usb-0:3"), by: "lee")
    #expect(moved.resetsLearned == true && moved.ready)
    let other = try await shop.store.bindMachine("ender", to: identity(serial: "CZPX2"), by: "lee")
    #expect(other.resetsLearned == nil)
    #expect(other.firmware == nil)
    #expect(!other.ready)
  }

  @Test("A machine that prints is not bound to another device")
  func busy() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    let job = try await shop.submit().id
    _ = try await shop.store.attemptStaged("00000000000000aa", job: job, machine: "ender", by: "fablined")
    await #expect(throws: StoreError.self) {
      try await shop.store.bindMachine("ender", to: identity(serial: "CZPX2"), by: "lee")
    }
    #expect(try await shop.store.machine("ender").identity?.serialNumber == "CZPX1")
  }

  @Test("A doubt stays until a person binds again, and takes the word that it is ready back")
  func doubt() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    _ = try await shop.store.ready("ender", job: nil, by: "lee")
    try await shop.store.doubtMachine("ender", "other firmware", by: "driver ender")
    let doubted = try await shop.store.machine("ender")
    #expect(doubted.identity?.doubt == "other firmware")
    #expect(!doubted.ready)
    #expect(try await shop.store.bindMachine("ender", to: identity(), by: "lee").identity?.doubt == nil)
  }

  @Test("Another port forgets the device; so does removing the machine and adding it again")
  func forgotten() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    var settings = try await shop.store.machine("ender").settings
    settings.maxTool = 250
    #expect(try await shop.store.setMachine(settings, by: "lee").identity != nil)
    settings.port = "/dev/ttyUSB7"
    #expect(try await shop.store.setMachine(settings, by: "lee").identity == nil)
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    try await shop.store.removeMachine("ender", by: "lee")
    #expect(try await shop.store.addMachine(settings, by: "lee").identity == nil)
  }

  @Test("What the firmware said is kept with it")
  func firmware() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.bindMachine("ender", to: identity(), by: "lee")
    let firmware = FirmwareIdentity(uuid: "11111111-2222-3333-4444-555555555555", name: "Ender-3")
    try await shop.store.learnIdentity("ender", firmware, why: "heard", by: "driver ender")
    #expect(try await shop.store.machine("ender").identity?.firmware == firmware)
  }
}

/// What a firmware's words say of which machine it is: each row of `FirmwareVerdict`.
@Suite struct FirmwareIdentityTests {
  private let one = FirmwareIdentity(uuid: "11111111-2222-3333-4444-555555555555", name: "Ender-3")
  private let two = FirmwareIdentity(uuid: "99999999-2222-3333-4444-555555555555", name: "Ender-3")

  @Test("UUID and name are read out of M115's answer")
  func words() {
    let marlin = """
      FIRMWARE_NAME:Marlin 2.1.2 (Jan 1 2024 12:00:00) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin \
      PROTOCOL_VERSION:1.0 MACHINE_TYPE:Ender-3 Pro EXTRUDER_COUNT:1 UUID:11111111-2222-3333-4444-55555555555A
      """
    #expect(
      FirmwareIdentity(marlin)
        == FirmwareIdentity(uuid: "11111111-2222-3333-4444-55555555555a", name: "Ender-3 Pro"))
    #expect(FirmwareIdentity("Grbl 1.1f ['$' for help]").isEmpty)
  }

  @Test("What every Marlin has tells nothing")
  func common() {
    let words = "FIRMWARE_NAME:Marlin MACHINE_TYPE:3D Printer UUID:cede2a2f-41a2-4748-9b12-c55c62f367ff"
    #expect(FirmwareIdentity(words).isEmpty)
  }

  private func verdict(
    _ known: FirmwareIdentity?, _ heard: FirmwareIdentity, others: [String: FirmwareIdentity] = [:]
  ) -> FirmwareVerdict {
    FirmwareVerdict("left", known: known, heard: heard, others: others)
  }

  @Test("Nothing known is learned; nothing heard changes nothing")
  func learning() {
    #expect(verdict(nil, one) == .learned(one))
    #expect(verdict(one, FirmwareIdentity()) == .same)
    #expect(verdict(nil, FirmwareIdentity()) == .same)
    #expect(verdict(one, one) == .same)
    // An update that brings a UUID, or loses it, is no other machine.
    #expect(verdict(FirmwareIdentity(name: "Ender-3"), one) == .learned(one))
    #expect(verdict(one, FirmwareIdentity(name: "Ender-3")) == .same)
  }

  @Test("The same UUID under another name is told")
  func renamed() {
    let now = FirmwareIdentity(uuid: one.uuid, name: "Ender-3 klipperless")
    guard case .told(let kept, let sentence) = verdict(one, now) else {
      Issue.record("not told")
      return
    }
    #expect(kept == now)
    #expect(sentence.contains("Ender-3 klipperless") && sentence.contains("was Ender-3"))
  }

  @Test("Another UUID, or another name without one, is doubtful")
  func replaced() {
    for heard in [two, FirmwareIdentity(name: "CR-10")] {
      guard case .doubtful(let sentence) = verdict(one, heard) else {
        Issue.record("\(heard) was believed")
        continue
      }
      #expect(sentence.contains("was the board replaced") && sentence.contains("fabline machine set left"))
    }
    // Where both have a UUID it decides, whatever the names say.
    guard case .doubtful = verdict(FirmwareIdentity(name: "Ender-3"), FirmwareIdentity(name: "CR-10")) else {
      Issue.record("another name was believed")
      return
    }
  }

  @Test("Two bare adapters that were swapped: the other machine's UUID says so, also where nothing was known")
  func swapped() {
    for known in [one, nil] {
      guard case .doubtful(let sentence) = verdict(known, two, others: ["right": two]) else {
        Issue.record("the other machine's firmware was believed")
        continue
      }
      #expect(sentence.contains("the one that right had") && sentence.contains("swapped"))
    }
    // Two machines that were given the same UUID are not told apart by it, and not doubted for it.
    #expect(verdict(one, one, others: ["right": one]) == .same)
  }
}
