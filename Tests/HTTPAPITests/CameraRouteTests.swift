import APIModel
import Camera
import Foundation
import HTTPTypes
import Hummingbird
import JobStore
import Logging
import ServiceLifecycle
import Supervisor
import Testing

@testable import HTTPAPI
@testable import Outgoing

/// A machine's camera, real and small, asked through the routes.
@Suite(.timeLimit(.minutes(1))) struct CameraRouteTests {
  static let jpeg: [UInt8] = [0xFF, 0xD8, 1, 2, 3, 0xFF, 0xD9]
  static let mixed = "multipart/x-mixed-replace; boundary=cut"

  static let answers: [String: CameraServer.Answer] = [
    "/snap.jpg": .bytes(
      CameraServer.head(
        "image/jpg; x=y", length: 7, "Set-Cookie: a=b\r\nX-Secret: 1\r\nContent-Encoding: identity\r\n")
        + jpeg),
    "/empty": .bytes(CameraServer.head("image/jpeg", length: 0)),
    "/page": .bytes(CameraServer.head("text/html", length: 8) + Array("<script>".utf8)),
    "/drawing": .bytes(CameraServer.head("image/svg+xml", length: 6) + Array("<svg/>".utf8)),
    "/huge": .open(CameraServer.head("image/jpeg", length: 9 << 20)),
    "/hugeUntold": .bytes(CameraServer.head("image/jpeg") + [UInt8](repeating: 1, count: 2000)),
    "/away": .bytes(
      CameraServer.head("image/jpeg", length: 0, status: "302 Found", "Location: /snap.jpg\r\n")),
    "/closed": .bytes(CameraServer.head("text/html", length: 0, status: "401 Unauthorized")),
    "/silent": .open([]),
    "/slow": .endless(CameraServer.head("image/jpeg", length: 500)),
    "/garbage": .bytes(Array("no HTTP at all\r\n\r\n".utf8)),
    "/short": .bytes(CameraServer.head("image/jpeg", length: 50) + jpeg),
    "/film": .open(CameraServer.head(mixed) + CameraServer.part(jpeg)),
    "/two": .bytes(CameraServer.head(mixed) + CameraServer.part(jpeg) + CameraServer.part(jpeg)),
    "/pages": .bytes(CameraServer.head(mixed) + Array("--cut\r\nContent-Type: text/html\r\n\r\nx".utf8)),
  ]

  /// A service with the machine `ender` and a camera; `settings` are made of the camera's address.
  private func with(
    limits: (inout CameraLimits) -> Void = { _ in }, _ settings: (String) -> String,
    _ body: (Service, CameraServer) async throws -> Void
  ) async throws {
    let server = try await CameraServer(Self.answers)
    var bounds = CameraLimits()
    limits(&bounds)
    let cameras = Cameras(limits: bounds)
    try await Service.with { service in
      var service = service
      service.cameras = cameras
      try await service.addMachine("ender", settings(server.address))
      try await body(service, server)
    }
    await server.close()
  }

  private func snapshot(_ path: String) -> (String) -> String { { ",\"camera\":\"\($0)\(path)\"" } }

  @Test("A picture comes through with headers of ours, whoever may look; nothing else of the camera's does")
  func picture() async throws {
    try await with(snapshot("/snap.jpg")) { service, server in
      for role in Role.allCases {
        let answer = try await service.ask(
          .get, "/machines/ender/camera", as: Principal(name: "p", role: role, signIn: .unix))
        #expect(answer.status == 200 && answer.type == "image/jpeg")
        #expect(answer.headers[.contentLength] == "7")
        #expect(
          Set(answer.headers.map(\.name.canonicalName)).isSubset(of: [
            "content-type", "content-length", "cache-control", "x-content-type-options",
            "content-security-policy",
            "date", "server",
          ]), "\(answer.headers)")
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
      }
      #expect(server.requests.allSatisfy { !$0.head.contains("Cookie") && !$0.head.contains("X-Fabline") })
    }
  }

  @Test(
    "What is no picture, too large or does not come is told with a code and a sentence",
    arguments: [
      ("/empty", 502, "camera.noPicture", "empty"), ("/page", 502, "camera.noPicture", "text/html"),
      ("/drawing", 502, "camera.noPicture", "image/svg"), ("/huge", 502, "camera.tooLarge", "MB"),
      ("/hugeUntold", 502, "camera.tooLarge", "larger"), ("/away", 502, "camera.refused", "302"),
      ("/closed", 502, "camera.refused", "password"), ("/silent", 504, "camera.silent", "1 s"),
      ("/slow", 504, "camera.silent", "1 s"), ("/garbage", 502, "camera.unreachable", "reached"),
      ("/short", 502, "camera.unreachable", "reached"), ("/none", 502, "camera.refused", "404"),
      ("/pages", 502, "camera.noPicture", "something else"),
    ])
  func failures(_ path: String, _ status: Int, _ code: String, _ word: String) async throws {
    try await with(
      limits: {
        $0.seconds = 1
        $0.bytes = path == "/hugeUntold" ? 1000 : 8 << 20
      }, snapshot(path)
    ) { service, server in
      let answer = try await service.ask(.get, "/machines/ender/camera")
      let problem = try answer.problem()
      #expect(
        answer.status == status && problem.code == code && problem.detail.contains(word), "\(answer.text)")
      #expect(!answer.text.contains("127.0.0.1") && !answer.text.contains(path), "the address is not told")
      #expect(server.requests.map(\.path) == [path], "one request, and no redirection followed")
    }
  }

  @Test("A camera that is not there is told as such, also under a name; a machine without one has none")
  func absent() async throws {
    try await Service.with { service in
      var service = service
      service.cameras = Cameras(limits: CameraLimits()) { _ in .addresses(["127.0.0.1"]) }
      // Bound and never listening: whoever connects is refused.
      let server = try await CameraServer([:])
      let address = "http://cam.example:\(server.port)/"
      await server.close()
      try await service.addMachine("ender", ",\"camera\":\"\(address)\"")
      try await service.addMachine("bare")
      let dead = try await service.ask(.get, "/machines/ender/camera").problem()
      #expect(dead.code == "camera.unreachable" && !dead.detail.contains("cam.example"))
      #expect(try await service.ask(.get, "/machines/bare/camera").problem().code == "camera.unknown")
      #expect(try await service.ask(.get, "/machines/ender/camera/stream").problem().code == "camera.unknown")
      #expect(try await service.ask(.get, "/machines/nobody/camera").problem().code == "machine.unknown")
    }
  }

  @Test(
    "The connection goes to the address that was looked at; a name that leads to forbidden ones leads nowhere"
  )
  func names() async throws {
    let server = try await CameraServer(Self.answers)
    try await Service.with { service in
      var service = service
      try await service.addMachine("ender", ",\"camera\":\"http://cam.example:\(server.port)/snap.jpg\"")
      service.cameras = Cameras(limits: CameraLimits()) { name in
        name == "cam.example" ? .addresses(["127.0.0.1"]) : .failed("another name")
      }
      #expect(try await service.ask(.get, "/machines/ender/camera").status == 200)
      #expect(
        server.requests.first?.head.lowercased().contains("host: cam.example:\(server.port)\r\n") == true)
      service.cameras = Cameras(limits: CameraLimits()) { _ in .forbidden }
      #expect(try await service.ask(.get, "/machines/ender/camera").problem().code == "camera.forbidden")
    }
    // An IPv4 address in a writing that only the system's resolver understands.
    #expect(await Resolver.addresses(of: "2852039166") == .forbidden)
    #expect(await Resolver.addresses(of: "0xA9.254.43518") == .forbidden)
    #expect(await Resolver.addresses(of: "127.1") == .addresses(["127.0.0.1"]))
    await server.close()
  }

  @Test(
    "Name and password go to the camera as Basic sign-in; admins see them, nobody else does, no history, no token for something else"
  )
  func credentials() async throws {
    let settings = { (address: String) in
      ",\"camera\":\"\(address.replacing("http://", with: "http://cam:geheim%21@"))/snap.jpg\""
    }
    try await with(settings) { service, server in
      #expect(try await service.ask(.get, "/machines/ender/camera").status == 200)
      let basic = Data("cam:geheim!".utf8).base64EncodedString()
      let head = try #require(server.requests.first?.head)
      #expect(head.contains("Authorization: Basic \(basic)\r\n") && !head.contains("geheim"))
      func sees(_ who: Principal) async throws -> Bool {
        var texts: [String] = []
        for path in ["/machines", "/machines/ender", "/machines/ender/history", "/logs"] {
          texts.append(try await service.ask(.get, path, as: who).text)
        }
        #expect(texts[1].contains("\"camera\":{\"stream\":false}"), "that there is one, everybody knows")
        #expect(!texts[2].contains("geheim") && !texts[3].contains("geheim"))
        #expect(texts[0].contains("geheim") == texts[1].contains("geheim"))
        return texts[1].contains("geheim")
      }
      for role in Role.allCases {
        #expect(try await sees(Principal(name: "p", role: role)) == (role == .admin), "\(role)")
      }
      let token = Principal(name: "p", role: .admin, signIn: .token(id: 1, name: "t", scopes: [.read]))
      #expect(try await !sees(token))
      let ready = try await service.ask(
        .post, "/machines/ender/disable", "{\"reason\":\"x\"}", as: Principal(name: "o", role: .operator))
      #expect(ready.status == 200 && !ready.text.contains("geheim"))
    }
  }

  @Test(
    "Addresses that are none, and those that lead to this host's own services, are refused when they are set")
  func settings() async throws {
    try await Service.with { service in
      try await service.addMachine()
      for address in [
        "http://169.254.169.254/", "file:///etc/passwd", "http://[fe80::1]/", "cam", "http://a b/",
      ] {
        for member in ["camera", "cameraStream"] {
          let answer = try await service.ask(
            .patch, "/machines/ender",
            "{\"name\":\"ender\",\"port\":\"/dev/ttyFAKE\",\"\(member)\":\"\(address)\"}")
          #expect(try answer.problem().code == "machine.invalid", "\(address)")
        }
      }
      let set = try await service.ask(
        .patch, "/machines/ender",
        "{\"name\":\"ender\",\"port\":\"/dev/ttyFAKE\",\"cameraStream\":\"http://cam/\"}"
      ).decoded(MachineModel.self)
      #expect(set.camera == CameraModel(stream: true) && set.settings.cameraStream == "http://cam/")
      let gone = try await service.ask(
        .patch, "/machines/ender", "{\"name\":\"ender\",\"port\":\"/dev/ttyFAKE\"}")
      #expect(try gone.decoded(MachineModel.self).camera == nil)
    }
  }

  @Test("A stream comes through in our own framing; its first picture serves as the single one")
  func stream() async throws {
    try await with({ ",\"cameraStream\":\"\($0)/two\"" }) { service, _ in
      let answer = try await service.ask(.get, "/machines/ender/camera/stream")
      #expect(answer.status == 200)
      #expect(answer.type == "multipart/x-mixed-replace; boundary=fabline-picture")
      #expect(
        answer.text.hasPrefix("--fabline-picture\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n\r\n"))
      let single = try await service.ask(.get, "/machines/ender/camera")
      #expect(single.status == 200 && single.type == "image/jpeg" && single.headers[.contentLength] == "7")
    }
    for (path, code) in [
      ("/page", "camera.noPicture"), ("/snap.jpg", "camera.noPicture"), ("/silent", "camera.silent"),
      ("/away", "camera.refused"),
    ] {
      try await with(limits: { $0.seconds = 1 }, { ",\"cameraStream\":\"\($0)\(path)\"" }) { service, _ in
        let problem = try await service.ask(.get, "/machines/ender/camera/stream").problem()
        #expect(problem.code == code, "\(path)")
      }
    }
  }

  @Test(
    "Several watchers share one stream, no more than the limit watch, and the camera is let go with the last")
  func sharing() async throws {
    let server = try await CameraServer(Self.answers)
    var limits = CameraLimits()
    limits.watchers = 2
    limits.watchersInAll = 3
    let cameras = Cameras(limits: limits)
    func place(_ machine: String) throws -> CameraPlace {
      try #require(
        CameraPlace(machine: machine, snapshot: nil, stream: try CameraAddress(server.address + "/film")))
    }
    func isBusy(_ machine: String) async throws -> Bool {
      let place = try place(machine)
      do throws(CameraError) { _ = try await cameras.watch(place) } catch { return error == .busy }
      return false
    }
    let first = try await cameras.watch(try place("a"))
    var pictures = first.pictures.makeAsyncIterator()
    #expect(await pictures.next()?.bytes == Self.jpeg)
    let second = try await cameras.watch(try place("a"))
    var others = second.pictures.makeAsyncIterator()
    #expect(await others.next()?.bytes == Self.jpeg, "whoever comes later sees the newest at once")
    try await server.send(CameraServer.part([9, 9]))
    #expect(await pictures.next()?.bytes == [9, 9])
    #expect(await others.next()?.bytes == [9, 9])
    #expect(server.requests.count == 1)
    #expect(try await cameras.picture(of: place("a")).bytes == [9, 9], "a watched camera is not asked again")
    #expect(server.requests.count == 1)
    #expect(try await isBusy("a"))
    let third = try await cameras.watch(try place("b"))
    #expect(try await isBusy("c"))
    for watch in [first, second, third] { watch.end() }
    #expect(await pictures.next() == nil)
    while server.openCount > 0 { await Task.yield() }
    #expect(await cameras.watcherCount == 0)
    let again = try await cameras.watch(try place("c"))
    var last = again.pictures.makeAsyncIterator()
    #expect(await last.next()?.bytes == Self.jpeg)
    await server.hangUp()
    #expect(await last.next() == nil, "a camera that goes ends the stream")
    await server.close()
  }

  @Test("Many who want a picture at one time ask the camera once")
  func together() async throws {
    let server = try await CameraServer(["/late": .open([])])
    var limits = CameraLimits()
    // How long a machine takes on which everything runs at once is not what is tested.
    limits.seconds = 120
    let cameras = Cameras(limits: limits)
    let address = try CameraAddress(server.address + "/late")
    let place = try #require(CameraPlace(machine: "a", snapshot: address, stream: nil))
    let asking = (0..<5).map { _ in Task { try await cameras.picture(of: place) } }
    while server.requests.isEmpty { await Task.yield() }
    for _ in 0..<50 { await Task.yield() }
    try await server.send(CameraServer.head("image/png", length: 1) + [5])
    for task in asking { #expect(try await task.value == CameraPicture(type: .png, bytes: [5])) }
    #expect(server.requests.count == 1)
    await server.close()
  }

  @Test("An open stream ends when the host does, and with it its connection to the camera")
  func shutdown() async throws {
    let server = try await CameraServer(Self.answers)
    let cameras = Cameras()
    try await Service.with { service in
      try await service.addMachine("ender", ",\"cameraStream\":\"\(server.address)/film\"")
      let log = Logger(label: "test") { _ in EventLogHandler(hub: service.supervisor.hub, level: .debug) }
      let api = try APIServer(supervisor: service.supervisor, version: "1", cameras: cameras, log: log)
      let group = ServiceGroup(services: [api], logger: log)
      let run = Task { try await group.run() }
      let serving = service.supervisor.hub.subscribe(EventFilter(kinds: [.log]), after: 0)
      for await delivery in serving.deliveries {
        if case .event(let event) = delivery, event.message?.hasPrefix("serving") == true { break }
      }
      let path = service.supervisor.folders.apiSocket
      let request =
        "GET /api/v1/machines/ender/camera/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      let reading = Task { try await UnixClient.exchange(path, request) }
      _ = try await UnixClient.exchange(path, request, until: "Content-Length: 7")
      while await cameras.watcherCount != 1 { await Task.yield() }
      await group.triggerGracefulShutdown()
      try await run.value
      #expect(try await reading.value.contains("Content-Length: 7"))
      while server.openCount > 0 { await Task.yield() }
    }
    await server.close()
  }
}
