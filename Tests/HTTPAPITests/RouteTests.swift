import APIModel
import Foundation
import HTTPTypes
import Supervisor
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1))) struct RouteTests {
  @Test("The supervisor tells who it is")
  func status() async throws {
    try await Service.with { service in
      let status = try await service.ask(.get, "/status").decoded(StatusModel.self)
      #expect(status.version == "1.2.3")
      #expect(status.stateFolder == service.folder)
      #expect(LocalTime.parse(status.startedAt) != nil)
    }
  }

  @Test("A file is brought, named by its content, listed, shown, removed")
  func files() async throws {
    try await Service.with { service in
      let answer = try await service.ask(.post, "/files?name=wall%20bracket.gcode", "G28\nG1 X10\n")
      #expect(answer.status == 201)
      let file = try answer.decoded(FileModel.self)
      #expect(file.name == "wall bracket.gcode")
      #expect(file.submitter == "ann")
      #expect(file.hash.utf8.count == 64)
      let page = try await service.ask(.get, "/files").decoded(ItemPage<FileModel>.self)
      #expect(page.items.map(\.hash) == [file.hash])
      #expect(page.next == nil)
      #expect(try await service.ask(.get, "/files/\(file.hash)").status == 200)
      #expect(try await service.ask(.delete, "/files/\(file.hash)").status == 204)
      #expect(try await service.ask(.get, "/files/\(file.hash)").problem().code == "file.unknown")
    }
  }

  @Test(
    "What is no G-code is refused with a sentence",
    arguments: [
      ("", "file.empty", 422), ("PK\u{3}\u{4}zip", "file.zip", 422), ("GCDE1234", "file.binaryGCode", 422),
      ("solid cube\nfacet normal 0 0 0\nouter loop\n", "file.stl", 422),
    ])
  func badFiles(content: String, code: String, status: Int) async throws {
    try await Service.with { service in
      let answer = try await service.ask(.post, "/files?name=x.gcode", content)
      #expect(try answer.problem().code == code)
      #expect(answer.status == status)
      #expect(try await service.ask(.get, "/files").decoded(ItemPage<FileModel>.self).items.isEmpty)
    }
  }

  @Test("A job is submitted once however often it is sent under one key")
  func idempotency() async throws {
    try await Service.with { service in
      try await service.addMachine()
      let hash = try await service.upload()
      let name = try #require(HTTPField.Name("Idempotency-Key"))
      let body = "{\"file\":\"\(hash)\",\"machine\":\"ender\",\"copies\":2}"
      let first = try await service.ask(.post, "/jobs", body, headers: [name: "k1"])
      #expect(first.status == 201)
      let again = try await service.ask(
        .post, "/jobs", "{\"machine\":\"ender\", \"copies\":2,\"file\":\"\(hash)\"}", headers: [name: "k1"])
      #expect(try again.decoded(JobModel.self).id == first.decoded(JobModel.self).id)
      let other = try await service.ask(
        .post, "/jobs", "{\"file\":\"\(hash)\",\"machine\":\"ender\"}", headers: [name: "k1"])
      #expect(try other.problem().code == "job.keyReused")
      #expect(try await service.ask(.get, "/jobs").decoded(ItemPage<JobModel>.self).items.count == 1)
    }
  }

  @Test("Jobs are held, released, changed and cancelled, and the history tells by whom")
  func orders() async throws {
    try await Service.with { service in
      try await service.addMachine()
      let hash = try await service.upload()
      let body = "{\"file\":\"\(hash)\",\"machine\":\"ender\",\"hold\":\"not yet\",\"note\":\"for Bob\"}"
      let job = try await service.ask(.post, "/jobs", body).decoded(JobModel.self)
      #expect(job.state == .held)
      #expect(job.reason == "not yet")
      let bob = Principal(uid: 7, name: "bob", role: .operator)
      let released = try await service.ask(.post, "/jobs/\(job.id)/release", "{}", as: bob)
      #expect(try released.decoded(JobModel.self).state == .queued)
      #expect(try await service.ask(.post, "/jobs/\(job.id)/release", "").problem().status == 409)
      let held = try await service.ask(.post, "/jobs/\(job.id)/hold", "{\"reason\":\"wait\"}", as: bob)
      #expect(try held.decoded(JobModel.self).reason == "wait")
      let changed = try await service.ask(.patch, "/jobs/\(job.id)", "{\"priority\":5,\"copies\":3}")
      #expect(try changed.decoded(JobModel.self).priority == 5)
      let cancelled = try await service.ask(
        .post, "/jobs/\(job.id)/cancel", "{\"reason\":\"wrong\"}", as: bob)
      #expect(try cancelled.decoded(JobModel.self).state == .cancelled)
      let rows = try await service.ask(.get, "/jobs/\(job.id)/history").decoded(ItemPage<HistoryModel>.self)
      #expect(rows.items.contains { $0.who == "ann" && $0.what == "submitted" })
      #expect(rows.items.contains { $0.who == "bob" && $0.what == "cancelled" && $0.why == "wrong" })
      #expect(
        try await service.ask(.get, "/jobs?state=cancelled,done").decoded(ItemPage<JobModel>.self).items.count
          == 1)
      #expect(
        try await service.ask(.get, "/jobs?state=queued").decoded(ItemPage<JobModel>.self).items.isEmpty)
    }
  }

  @Test("Lists come a page at a time")
  func pages() async throws {
    try await Service.with { service in
      try await service.addMachine()
      let hash = try await service.upload()
      for _ in 0..<3 { _ = try await service.ask(.post, "/jobs", "{\"file\":\"\(hash)\",\"hold\":\"x\"}") }
      var numbers: [Int64] = []
      var path = "/jobs?limit=2"
      while true {
        let page = try await service.ask(.get, path).decoded(ItemPage<JobModel>.self)
        numbers += page.items.map(\.id)
        guard let next = page.next else { break }
        path = "/jobs?limit=2&after=\(next)"
      }
      #expect(numbers == [1, 2, 3])
    }
  }

  @Test("Machines are added, changed, disabled, acted on and removed")
  func machines() async throws {
    try await Service.with { service in
      try await service.addMachine()
      #expect(
        try await service.ask(.post, "/machines", "{\"name\":\"ender\",\"port\":\"/dev/x\"}").status == 409)
      #expect(
        try await service.ask(.post, "/machines", "{\"name\":\"123\",\"port\":\"/dev/x\"}").status == 422)
      var settings = try await service.ask(.get, "/machines/ender").decoded(MachineModel.self).settings
      settings.pool = "all"
      let body = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
      let changed = try await service.ask(.patch, "/machines/ender", body).decoded(MachineModel.self)
      #expect(changed.settings.pool == "all")
      #expect(try await service.ask(.patch, "/machines/other", body).problem().status == 400)
      #expect(try await service.ask(.post, "/machines/ender/disable", "{}").problem().status == 400)
      let disabled = try await service.ask(.post, "/machines/ender/disable", "{\"reason\":\"belt\"}")
      #expect(try disabled.decoded(MachineModel.self).disabled == "belt")
      #expect(
        try await service.ask(.post, "/machines/ender/enable").decoded(MachineModel.self).disabled == nil)
      #expect(try await service.ask(.get, "/machines").decoded(ItemPage<MachineModel>.self).items.count == 1)
      #expect(try await service.ask(.delete, "/machines/ender").status == 204)
      #expect(try await service.ask(.get, "/machines/ender").problem().code == "machine.unknown")
    }
  }

  @Test("Acts reach the driver; its refusals come back with its words")
  func acts() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let sent = try await service.ask(.post, "/machines/ender/acts", "{\"act\":\"send\",\"text\":\"M115\"}")
      #expect(try sent.decoded(ActResult.self).lines == ["M115"])
      let refused = try await service.ask(
        .post, "/machines/ender/acts", "{\"act\":\"send\",\"text\":\"G28\"}")
      #expect(try refused.problem().code == "limit.printing")
      let stop = try await service.ask(.post, "/machines/ender/acts", "{\"act\":\"estop\"}")
      #expect(try stop.decoded(ActResult.self).confirmed == true)
      let all = try await service.ask(.post, "/estop").decoded(ItemPage<StopModel>.self)
      #expect(all.items.map(\.machine) == ["ender"])
      #expect(
        try await service.ask(.get, "/machines/ender/recorder").decoded(RecorderModel.self).lines.count == 1)
      #expect(try await service.ask(.put, "/machines/ender/wire-log", "{\"on\":true}").status == 204)
    }
  }

  @Test("A machine's history tells who did what by hand, a page at a time")
  func machineHistory() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      _ = try await service.ask(.post, "/machines/ender/acts", "{\"act\":\"cool\"}")
      _ = try await service.ask(
        .post, "/machines/ender/acts", "{\"act\":\"send\",\"text\":\"G28\"}",
        as: Principal(uid: 7, name: "bob", role: .operator))
      let page = try await service.ask(.get, "/machines/ender/history").decoded(ItemPage<HistoryModel>.self)
      #expect(page.items.map(\.what) == ["added", "cool", "send"])
      #expect(page.items.map(\.who) == ["ann", "ann", "bob"])
      #expect(page.items.last?.why?.contains("a job runs") == true)
      let first = try await service.ask(.get, "/machines/ender/history?limit=2")
        .decoded(ItemPage<HistoryModel>.self)
      let rest = try await service.ask(.get, "/machines/ender/history?limit=2&after=\(first.next ?? "")")
      #expect(try rest.decoded(ItemPage<HistoryModel>.self).items.map(\.what) == ["send"])
      #expect(try await service.ask(.get, "/machines/other/history").problem().code == "machine.unknown")
    }
  }

  @Test("The settings of link and safety are kept, and what no machine can have is refused")
  func linkSettings() async throws {
    try await Service.with { service in
      let body = """
        {"name":"ender","port":"/dev/x","dialect":"auto","receiveBuffer":127,"queueLines":8,"window":4,
        "hostOnly":true,"allowM3":true,"kinematics":"delta"}
        """
      let settings = try await service.ask(.post, "/machines", body).decoded(MachineModel.self).settings
      #expect(settings.dialect == "auto")
      #expect(settings.receiveBuffer == 127 && settings.queueLines == 8 && settings.window == 4)
      #expect(settings.hostOnly && settings.allowM3)
      let wrong = "{\"name\":\"b\",\"port\":\"/dev/x\",\"dialect\":\"latin\"}"
      #expect(try await service.ask(.post, "/machines", wrong).problem().code == "machine.invalid")
    }
  }

  @Test("A job that does not fit is held with the line, unless it is forced")
  func checked() async throws {
    try await Service.with { service in
      try await service.addMachine()
      let text = "G28\nM104 S200\nG90\nM82\nG1 X10 Y10\nG1 X195 Y-5 E1 F1500\nG1 X10 Y10 E2\nM104 S0\n"
      let hash = try await service.upload(text)
      let body = "{\"file\":\"\(hash)\",\"machine\":\"ender\"}"
      let job = try await service.ask(.post, "/jobs", body).decoded(JobModel.self)
      #expect(job.state == .held)
      #expect(job.reason?.contains("Line 6") == true)
      #expect(job.forced == nil)
      let forced = "{\"file\":\"\(hash)\",\"machine\":\"ender\",\"force\":true}"
      let wanted = try await service.ask(.post, "/jobs", forced).decoded(JobModel.self)
      #expect(wanted.state == .queued)
      #expect(wanted.forced == true)
    }
  }

  @Test("Ready names the job, and a job that does not lie there clears nothing")
  func ready() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let ready = try await service.ask(.post, "/machines/ender/ready", "{}").decoded(MachineModel.self)
      #expect(ready.bed == .clear)
      #expect(ready.ready)
      #expect(
        try await service.ask(.post, "/machines/ender/ready", "{\"job\":9}").problem().code == "bed.otherJob")
    }
  }

  @Test("Only root and the service's own user act in another person's name")
  func submitter() async throws {
    try await Service.with { service in
      let name = try #require(HTTPField.Name("X-Fabline-Submitter"))
      let body = "G28\n"
      let refused = try await service.ask(
        .post, "/files?name=a.gcode", body, headers: [name: "carl"],
        as: Principal(uid: 4_000_000, name: "eve", role: .operator))
      #expect(try refused.problem().status == 403)
      let allowed = try await service.ask(
        .post, "/files?name=a.gcode", body, headers: [name: "carl"],
        as: Principal(uid: 0, name: "root", role: .admin))
      #expect(try allowed.decoded(FileModel.self).submitter == "carl")
      let backup = try await service.ask(
        .post, "/backup", "{\"path\":\"/tmp/x\"}", as: Principal(uid: 4_000_000, name: "eve", role: .operator)
      )
      #expect(try backup.problem().status == 403)
    }
  }

  @Test("The log is read back with its machine and level")
  func logs() async throws {
    try await Service.with { service in
      try await service.addMachine()
      var added: EventModel?
      while added == nil {
        let page = try await service.ask(.get, "/logs?machine=ender&since=1h")
        added = try page.decoded(ItemPage<EventModel>.self).items.first {
          $0.message?.hasPrefix("added") == true
        }
      }
      #expect(added?.message?.contains("by=ann") == true)
      #expect(added?.level == "info")
      #expect(try await service.ask(.get, "/logs?since=tomorrow").problem().status == 400)
    }
  }
}

extension Service {
  /// Waits until the machine's driver is there.
  func attached(_ name: String = "ender") async throws {
    while try await ask(.get, "/machines/\(name)").decoded(MachineModel.self).phase == "noDriver" {
      try Task.checkCancellation()
    }
  }
}
