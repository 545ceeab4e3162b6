import APIModel
import Testing

@testable import HTTPAPI

/// Serial ports over the API.
@Suite(.timeLimit(.minutes(1))) struct DeviceRouteTests {
  @Test("The ports are a list, and a machine says what has become of its own")
  func list() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      #expect(try await service.ask(.get, "/devices").decoded(ItemPage<DeviceModel>.self).items.isEmpty)
      let machine = try await service.ask(.get, "/machines/ender").decoded(MachineModel.self)
      #expect(machine.identity == IdentityModel(state: "typed", path: "/dev/ttyFAKE"))
    }
  }

  @Test("identify needs a yes, and a machine that exists")
  func identify() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let refused = try await service.ask(.post, "/machines/ender/identify", "{\"confirm\":false}")
      #expect(refused.status == 409)
      #expect(try refused.problem().code == "identify.unconfirmed")
      let done = try await service.ask(.post, "/machines/ender/identify", "{\"confirm\":true}")
      #expect(try done.decoded(ActResult.self).message?.contains("beep") == true)
      let other = try await service.ask(.post, "/machines/other/identify", "{\"confirm\":true}")
      #expect(try other.problem().code == "machine.unknown")
      #expect(try await service.ask(.post, "/machines/ender/identify", "{}").status == 400)
    }
  }
}
