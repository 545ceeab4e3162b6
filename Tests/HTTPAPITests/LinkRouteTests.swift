import APIModel
import DriverInterface
import Foundation
import JobStore
import Supervisor
import Testing

@testable import HTTPAPI

/// The link, quirk profiles, and attended starts.
@Suite(.timeLimit(.minutes(1))) struct LinkRouteTests {
  @Test("A link comes with its figures and one verdict")
  func link() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let link = try await service.ask(.get, "/machines/ender/link").decoded(LinkModel.self)
      #expect(link.machine == "ender" && link.port == "/dev/ttyFAKE")
      #expect(link.verdict.code == "cable")
      #expect(!link.verdict.sentence.isEmpty)
      #expect(link.lines == 1000 && link.damagedOut == 50 && link.baudGranted == 115_200)
      #expect(link.starvedSeconds == 1.5)
      #expect(link.roundTrips.count == 32 && link.roundTrips[11] == 1000)
      #expect(try await service.ask(.get, "/machines/other/link").problem().code == "machine.unknown")
    }
  }

  @Test("A measurement becomes a profile that is listed, exported and imported")
  func profiles() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let act = "{\"act\":\"measure\"}"
      #expect(
        try await service.ask(.post, "/machines/ender/acts", act).problem().code == "machine.noFirmware")
      let store = service.supervisor.store
      try await store.learnFirmware("ender", "FIRMWARE_NAME:Marlin 2.1.2", by: "driver ender")
      let result = try await service.ask(.post, "/machines/ender/acts", act).decoded(ActResult.self)
      let profile = try #require(result.profile)
      #expect(profile.receiveBuffer == 128 && profile.queueLines == 4)
      #expect(result.lines == ["the buffers were filled 3 times"])
      let machine = try await service.ask(.get, "/machines/ender").decoded(MachineModel.self)
      #expect(machine.fingerprint == profile.fingerprint)
      let listed = try await service.ask(.get, "/profiles").decoded(ItemPage<ProfileModel>.self)
      #expect(listed.items == [profile])
      let path = "/profiles/\(profile.fingerprint)"
      var exported = try await service.ask(.get, path).decoded(ProfileModel.self)
      #expect(exported == profile)
      exported.queueLines = 8
      exported.note = "from the other space"
      let body = String(decoding: try JSONEncoder().encode(exported), as: UTF8.self)
      #expect(try await service.ask(.put, path, body).decoded(ProfileModel.self) == exported)
      #expect(try await service.ask(.get, path).decoded(ProfileModel.self).queueLines == 8)
    }
  }

  @Test("A profile under another name, or of what no firmware has, is refused")
  func refusedProfiles() async throws {
    try await Service.with { service in
      let firmware = "FIRMWARE_NAME:Marlin 2.1.2"
      let fingerprint = try #require(FirmwareFingerprint(firmware)).text
      func put(_ path: String, _ more: String, _ words: String = firmware) async throws -> Problem {
        let body = "{\"fingerprint\":\"\(fingerprint)\",\"firmware\":\"\(words)\"\(more)}"
        return try await service.ask(.put, "/profiles/\(path)", body).problem()
      }
      #expect(try await put("0123456789abcdef", "").status == 400)
      #expect(try await put(fingerprint, "", "Marlin 1").code == "profile.invalid")
      #expect(try await put(fingerprint, ",\"receiveBuffer\":1").code == "profile.invalid")
      #expect(try await put(fingerprint, ",\"measuredAt\":\"yesterday\"").code == "request.invalid")
      #expect(try await service.ask(.get, "/profiles/\(fingerprint)").problem().status == 404)
    }
  }

  @Test("A laser's job is shown, framed and started; without a look it is not started")
  func attended() async throws {
    try await Service.with { service in
      try await service.addMachine("k40", ",\"machineClass\":\"laser\",\"dialect\":\"grbl\"")
      try await service.attached("k40")
      let hash = try await service.upload("G21 G90\nM4 S0\nG0 X1 Y2\nG1 X30 Y40 F600 S500\nM5\n")
      let job = try await service.ask(.post, "/jobs", "{\"file\":\"\(hash)\",\"machine\":\"k40\"}")
        .decoded(JobModel.self)
      #expect(job.state == .queued)
      let start = "{\"machine\":\"k40\"}"
      #expect(
        try await service.ask(.post, "/jobs/\(job.id)/start", start).problem().code == "job.boundsNotShown")
      let bounds = try await service.ask(.get, "/jobs/\(job.id)/bounds?machine=k40")
        .decoded(BoundsModel.self)
      #expect(bounds.least == [1, 2, nil] && bounds.most == [30, 40, nil])
      #expect(bounds.travel == [200, 200, 200] && bounds.workOffset == [5, 6, 7])
      #expect(bounds.maximumPower == 1000 && bounds.laserMode == true && bounds.startsUntil == nil)
      #expect(
        try await service.ask(.post, "/jobs/\(job.id)/frame", start).decoded(BoundsModel.self).machine
          == "k40")
      let refused = try await service.ask(.post, "/jobs/\(job.id)/start", start).problem()
      #expect(refused.code == "job.cannotStart" && refused.detail.contains("bed"))
      _ = try await service.ask(.post, "/machines/k40/ready", "{}")
      let started = try await service.ask(.post, "/jobs/\(job.id)/start", start).decoded(BoundsModel.self)
      #expect(started.startsUntil != nil)
      while try await service.ask(.get, "/jobs/\(job.id)").decoded(JobModel.self).state != .printing {
        try Task.checkCancellation()
      }
    }
  }

  @Test("Bounds of a job in a pool want the machine named; another machine is refused")
  func placed() async throws {
    try await Service.with { service in
      try await service.addMachine("a", ",\"pool\":\"lasers\",\"machineClass\":\"laser\"")
      try await service.addMachine("b", ",\"pool\":\"lasers\",\"machineClass\":\"laser\"")
      try await service.addMachine("ender")
      let hash = try await service.upload("G21\nG1 X5 F100\n")
      let job = try await service.ask(.post, "/jobs", "{\"file\":\"\(hash)\",\"pool\":\"lasers\"}")
        .decoded(JobModel.self)
      #expect(try await service.ask(.get, "/jobs/\(job.id)/bounds").problem().code == "job.noTarget")
      #expect(
        try await service.ask(.get, "/jobs/\(job.id)/bounds?machine=b").decoded(BoundsModel.self).machine
          == "b")
      #expect(
        try await service.ask(.get, "/jobs/\(job.id)/bounds?machine=ender").problem().code == "job.invalid")
      #expect(try await service.ask(.get, "/jobs/99/bounds").problem().code == "job.unknown")
    }
  }

  @Test(
    "The acts of GRBL machines reach the driver",
    arguments: ["{\"act\":\"zero\",\"axes\":\"xy\"}", "{\"act\":\"unlock\"}", "{\"act\":\"homeCycle\"}"])
  func acts(_ body: String) async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      #expect(try await service.ask(.post, "/machines/ender/acts", body).status == 200)
      let wrong = "{\"act\":\"zero\",\"axes\":\"Q\"}"
      #expect(try await service.ask(.post, "/machines/ender/acts", wrong).problem().status == 400)
    }
  }
}
