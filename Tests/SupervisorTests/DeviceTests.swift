import DeviceDiscovery
import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// Plugging, unplugging, and machines that are bound to devices (safety.md rules 6, 8 and 16).
@Suite(.timeLimit(.minutes(1))) struct DeviceTests {
  /// A machine at this port, as a person adds it while the supervisor runs.
  private func add(
    _ name: String, _ port: String, to supervisor: Supervisor,
    _ change: (inout MachineRecord.Settings) -> Void = { _ in }
  ) async throws {
    var settings = MachineRecord.Settings(name: name, port: port)
    change(&settings)
    _ = try await supervisor.addMachine(settings, by: "lee")
    try await supervisor.attached(name)
  }

  private func device(
    _ state: String, _ machine: String?, in supervisor: Supervisor, after: Int64 = 0
  ) async throws -> HostEvent {
    try await supervisor.event(after: after) {
      $0.kind == .device && $0.machine == machine && $0.state == state
    }
  }

  private func arguments(_ shop: Workshop) -> [String] { shop.host.orders.last?.arguments ?? [] }

  @Test(
    "A machine added at a node is bound to the device behind it, and its driver opens the link, not the node")
  func bound() async throws {
    let shop = try await Workshop()
    shop.devices.plug(Plugged.prusa("ttyACM0", socket: "2"), Plugged.ch340("ttyUSB0", socket: "3"))
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      #expect(arguments(shop).contains("/dev/serial/by-id/usb-Prusa_CZPX1-if00"))
      #expect(!arguments(shop).contains("/dev/ttyACM0"))
      try await add("ender", "/dev/ttyUSB0", to: supervisor)
      #expect(arguments(shop).contains("/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0"))
      let mk3 = try await shop.store.machine("mk3")
      #expect(mk3.identity?.serialNumber == "CZPX1")
      #expect(mk3.settings.port == "/dev/ttyACM0")
      await #expect(throws: HostError.self) {
        _ = try await supervisor.addMachine(.init(name: "other", port: "/dev/ttyUSB0"), by: "lee")
      }
    }
  }

  @Test("After a power cycle with the numbers the other way round each machine has its own device")
  func renumbered() async throws {
    let shop = try await Workshop()
    shop.devices.plug(Plugged.ch340("ttyUSB0", socket: "1"), Plugged.ch340("ttyUSB1", socket: "2"))
    try await shop.supervise { supervisor in
      try await add("left", "/dev/ttyUSB0", to: supervisor)
      try await add("right", "/dev/ttyUSB1", to: supervisor)
    }
    for name in ["left", "right"] { try #require(shop.host.driver(name)).die() }
    shop.devices.plug(Plugged.ch340("ttyUSB1", socket: "1"), Plugged.ch340("ttyUSB0", socket: "2"))
    try await shop.supervise { supervisor in
      for name in ["left", "right"] { try await supervisor.attached(name) }
      let ports = await supervisor.machinePorts()
      #expect(ports["left"]?.node == "/dev/ttyUSB1")
      #expect(ports["right"]?.node == "/dev/ttyUSB0")
      let order = try #require(shop.host.orders.last { $0.machine == "left" })
      #expect(order.arguments.contains("/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0"))
    }
  }

  @Test("A known printer that is plugged in is connected at once, and is not ready until a person says so")
  func hotPlug() async throws {
    let shop = try await Workshop()
    let board = Plugged.prusa("ttyACM0", socket: "2")
    shop.devices.plug(board)
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      let driver = try #require(shop.host.driver("mk3"))
      _ = try await supervisor.ready("mk3", job: nil, by: "lee")
      shop.devices.plug()
      let gone = try await device("unplugged", "mk3", in: supervisor)
      try await shop.until { try await !shop.store.machine("mk3").ready }
      driver.set { $0.phase = .linkLost }
      let view = try await supervisor.machine("mk3")
      #expect(view.reason?.contains("mk3's device is not plugged in: Prusa Research") == true)
      #expect(!driver.requests.contains(.connect))
      // It comes back under another number.
      shop.devices.plug(Plugged.prusa("ttyACM3", socket: "2"))
      _ = try await device("plugged", "mk3", in: supervisor, after: gone.id)
      try await driver.was { $0.requests.contains(.connect) }
      #expect(try await !shop.store.machine("mk3").ready)
      #expect(shop.host.starts == 1)
    }
  }

  @Test("A device that went and came back between two looks takes the word that it is ready back")
  func flicker() async throws {
    let shop = try await Workshop()
    let board = Plugged.prusa("ttyACM0", socket: "2")
    shop.devices.plug(board)
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      _ = try await supervisor.ready("mk3", job: nil, by: "lee")
      shop.devices.show(DeviceList([board]), [.gone(board), .came(board)])
      _ = try await device("plugged", "mk3", in: supervisor)
      try await shop.until { try await !shop.store.machine("mk3").ready }
    }
  }

  @Test("An unknown device is offered with the command that adds it, and nothing is started for it")
  func offered() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      shop.devices.plug(Plugged.ch340("ttyUSB0", socket: "1"))
      let offer = try await device("offered", nil, in: supervisor)
      #expect(offer.message?.contains("fabline machine add NAME --port /dev/ttyUSB0") == true)
      #expect(shop.host.starts == 1)
      #expect(shop.host.driver("ender")?.requests.contains(.connect) == false)
    }
  }

  @Test(
    "Another board in a machine's socket is in doubt: its driver leaves the port alone until a person decides"
  )
  func replaced() async throws {
    let shop = try await Workshop()
    shop.devices.plug(Plugged.prusa("ttyACM0", socket: "2"))
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      let driver = try #require(shop.host.driver("mk3"))
      shop.devices.plug(Plugged.prusa("ttyACM0", socket: "2", serial: "CZPX9"))
      let doubt = try await device("doubtful", "mk3", in: supervisor)
      #expect(doubt.message?.contains("fabline machine set mk3 --port /dev/ttyACM0") == true)
      try await driver.was { $0.requests.contains(.disconnect) }
      #expect(!driver.requests.contains(.connect))
      // A driver that dies meanwhile is replaced by one that holds the port.
      driver.die()
      await shop.clock.somebodySleeps(atMost: 1_000_000_000)
      shop.clock.advance(by: 1_000_000_000)
      try await shop.until { shop.host.starts == 2 }
      #expect(arguments(shop).contains("--hold-port"))
      // The person says that it is right.
      let settings = try await shop.store.machine("mk3").settings
      _ = try await supervisor.setMachine(settings, binds: true, by: "lee")
      #expect(try await shop.store.machine("mk3").identity?.serialNumber == "CZPX9")
      #expect(await supervisor.machinePorts()["mk3"]?.state == .here)
      // The link is another one: a new driver opens it.
      try await shop.until { shop.host.orders.last?.arguments.contains("--hold-port") == false }
      #expect(arguments(shop).contains("/dev/serial/by-id/usb-Prusa_CZPX9-if00"))
    }
  }

  @Test("A laser that is plugged in is only shown, and opened when a person connects it")
  func laser() async throws {
    let shop = try await Workshop()
    let adapter = Plugged.ch340("ttyUSB0", socket: "1")
    shop.devices.plug(adapter)
    try await shop.supervise { supervisor in
      try await add("k40", "/dev/ttyUSB0", to: supervisor) { $0.kind = .laser }
      #expect(!arguments(shop).contains("--hold-port"))
      let driver = try #require(shop.host.driver("k40"))
      shop.devices.plug()
      // Its driver must not open it by itself when it comes back.
      try await driver.was { $0.requests.contains(.disconnect) }
      let before = supervisor.hub.last
      shop.devices.plug(adapter)
      _ = try await device("plugged", "k40", in: supervisor, after: before)
      let shown = try await supervisor.event(after: before) {
        $0.kind == .machine && $0.machine == "k40" && $0.message?.contains("opened by a person only") == true
      }
      #expect(shown.message?.contains("fabline connect k40") == true)
      #expect(!driver.requests.contains(.connect))
      _ = try await supervisor.act(.connect, on: "k40", by: "lee")
      #expect(driver.requests.contains(.connect))
    }
    // Nor at the start of a supervisor whose machine nobody has opened.
    try #require(shop.host.driver("k40")).die()
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      #expect(arguments(shop).contains("--hold-port"))
    }
  }

  @Test(
    "A board that resets and printed from its card when it was unplugged is not opened when it comes back")
  func cardPrint() async throws {
    let shop = try await Workshop()
    let board = Plugged.prusa("ttyACM0", socket: "2")
    shop.devices.plug(board)
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      try await shop.store.learnResets("mk3", true, by: "driver mk3")
      let driver = try #require(shop.host.driver("mk3"))
      driver.set { $0.phase = .printingNotOurs }
      driver.emit(.phase(.printingNotOurs, reason: ""))
      try await supervisor.event { $0.kind == .machine && $0.state == "printingNotOurs" }
      shop.devices.plug()
      let gone = try await device("unplugged", "mk3", in: supervisor)
      shop.devices.plug(board)
      try await supervisor.event(after: gone.id) {
        $0.kind == .machine && $0.message?.contains("host-only") == true
      }
      #expect(!driver.requests.contains(.connect))
    }
  }

  @Test("A print under way on a board that opening resets is left to its driver")
  func printing() async throws {
    let shop = try await Workshop()
    let board = Plugged.prusa("ttyACM0", socket: "2")
    shop.devices.plug(board)
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      try await shop.store.learnResets("mk3", true, by: "driver mk3")
      _ = try await supervisor.ready("mk3", job: nil, by: "lee")
      let job = try await shop.addJob(machine: "mk3")
      await supervisor.dispatchOnce()
      try await supervisor.job(job.id, is: "printing")
      let driver = try #require(shop.host.driver("mk3"))
      shop.devices.plug()
      let gone = try await device("unplugged", "mk3", in: supervisor)
      shop.devices.plug(board)
      _ = try await device("plugged", "mk3", in: supervisor, after: gone.id)
      _ = try await supervisor.event(after: gone.id) {
        $0.kind == .machine && $0.message?.contains("a print is under way") == true
      }
      #expect(!driver.requests.contains(.connect) && !driver.requests.contains(.disconnect))
      #expect(shop.host.starts == 1)
    }
  }

  @Test(
    "A print that was lost on a board that opening resets: plugging in again is not the word that opens its port"
  )
  func lost() async throws {
    let shop = try await Workshop()
    let board = Plugged.prusa("ttyACM0", socket: "2")
    shop.devices.plug(board)
    try await shop.supervise { supervisor in
      try await add("mk3", "/dev/ttyACM0", to: supervisor)
      try await shop.store.learnResets("mk3", true, by: "driver mk3")
      _ = try await supervisor.ready("mk3", job: nil, by: "lee")
      let job = try await shop.addJob(machine: "mk3")
      await supervisor.dispatchOnce()
      try await supervisor.job(job.id, is: "printing")
      let driver = try #require(shop.host.driver("mk3"))
      shop.devices.plug()
      let gone = try await device("unplugged", "mk3", in: supervisor)
      let fault = Fault(code: "link.lost", sentence: "it was unplugged", scope: .connection)
      driver.finish(.uncertain, fault: fault)
      driver.set { $0.phase = .linkLost }
      driver.emit(.phase(.linkLost, reason: "it was unplugged"))
      try await supervisor.job(job.id, is: "uncertain")
      try await driver.was {
        $0.requests.contains { if case .acknowledgeOutcome = $0 { true } else { false } }
      }
      shop.devices.plug(board)
      _ = try await device("plugged", "mk3", in: supervisor, after: gone.id)
      _ = try await supervisor.event(after: gone.id) {
        $0.kind == .machine && $0.message?.contains("`fabline connect mk3` opens it") == true
      }
      #expect(!driver.requests.contains(.connect))
      // A person's word opens it.
      _ = try await supervisor.act(.connect, on: "mk3", by: "lee")
      #expect(driver.requests.contains(.connect))
    }
  }

  @Test(
    "Two bare adapters that were swapped: the other machine's firmware answers, and both wait for a person")
  func swapped() async throws {
    let shop = try await Workshop()
    shop.devices.plug(Plugged.ch340("ttyUSB0", socket: "1"), Plugged.ch340("ttyUSB1", socket: "2"))
    @Sendable func words(_ digit: String) -> String {
      "FIRMWARE_NAME:Marlin 2.1 MACHINE_TYPE:Ender-3 UUID:\(digit)1111111-2222-3333-4444-555555555555"
    }
    try await shop.supervise { supervisor in
      try await add("left", "/dev/ttyUSB0", to: supervisor)
      try await add("right", "/dev/ttyUSB1", to: supervisor)
      let left = try #require(shop.host.driver("left"))
      left.emit(.connected(firmware: words("1")))
      try #require(shop.host.driver("right")).emit(.connected(firmware: words("2")))
      try await shop.until { try await shop.store.machine("left").identity?.firmware != nil }
      try await shop.until { try await shop.store.machine("right").identity?.firmware != nil }
      left.emit(.connected(firmware: words("2")))
      let doubt = try await device("doubtful", "left", in: supervisor)
      #expect(doubt.message?.contains("the one that right had") == true)
      try await left.was { $0.requests.contains(.disconnect) }
      #expect(try await shop.store.machine("left").identity?.doubt != nil)
      // Plugging does not end what the firmware said.
      shop.devices.plug(Plugged.ch340("ttyUSB1", socket: "2"))
      shop.devices.plug(Plugged.ch340("ttyUSB0", socket: "1"), Plugged.ch340("ttyUSB1", socket: "2"))
      await supervisor.judgePorts()
      #expect(await supervisor.machinePorts()["left"]?.state == .doubtful)
      #expect(!left.requests.contains(.connect))
      let settings = try await shop.store.machine("left").settings
      _ = try await supervisor.setMachine(settings, binds: true, by: "lee")
      #expect(await supervisor.machinePorts()["left"]?.state == .here)
      try await left.was { $0.requests.contains(.connect) }
    }
  }

  @Test(
    "A machine added at a node where nothing is plugged in is bound to nothing, and nothing is opened for it")
  func addedUnplugged() async throws {
    let shop = try await Workshop()
    try await shop.supervise { supervisor in
      try await add("ender", "/dev/ttyUSB7", to: supervisor)
      #expect(try await shop.store.machine("ender").identity == nil)
      shop.devices.plug(Plugged.ch340("ttyUSB7", socket: "1"))
      let doubt = try await device("doubtful", "ender", in: supervisor)
      #expect(doubt.message?.contains("not bound to a device yet") == true)
      #expect(shop.host.driver("ender")?.requests.contains(.connect) == false)
      let settings = try await shop.store.machine("ender").settings
      _ = try await supervisor.setMachine(settings, binds: true, by: "lee")
      #expect(try await shop.store.machine("ender").identity?.usbID == "1a86:7523")
    }
  }

  @Test("A path with no device behind it is used as it was given")
  func typed() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      #expect(await supervisor.machinePorts()["ender"] == .typed("/dev/ttyFAKE"))
      #expect(arguments(shop).contains("/dev/ttyFAKE"))
    }
  }

  @Test("identify beeps an idle printer on a person's word; without a beeper it lifts; lasers are refused")
  func identify() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.addLaser()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      try await supervisor.attached("k40")
      let driver = try #require(shop.host.driver("ender"))
      await #expect(throws: HostError.self) {
        try await supervisor.identify("ender", confirm: false, by: "lee")
      }
      #expect(!driver.requests.contains { if case .send = $0 { true } else { false } })
      #expect(try await supervisor.identify("ender", confirm: true, by: "lee").contains("beep three times"))
      #expect(driver.requests.filter { $0 == .send(line: "M300 S880 P200") }.count == 3)
      driver.state.withLock {
        $0.answers["M300 S880 P200"] = ["echo:Unknown command: \"M300 S880 P200\"", "ok"]
      }
      #expect(try await supervisor.identify("ender", confirm: true, by: "lee").contains("lifted by 1 mm"))
      let lifts = driver.requests.filter { if case .act(.jog) = $0 { true } else { false } }
      #expect(lifts.count == 2)
      await #expect(throws: HostError.self) { try await supervisor.identify("k40", confirm: true, by: "lee") }
      driver.set { $0.phase = .printing }
      driver.emit(.phase(.printing, reason: ""))
      try await supervisor.event { $0.kind == .machine && $0.state == "printing" }
      await #expect(throws: HostError.self) {
        try await supervisor.identify("ender", confirm: true, by: "lee")
      }
    }
  }
}
