import APIModel
import Testing

@testable import fabline

@Suite struct StatusTextTests {
  @Test func aSupervisorAsUsualHasNoNotices() {
    #expect(StatusText.notices(Self.status).isEmpty)
  }

  @Test func whoDrainsIsNamedWithTheWayBack() {
    var status = Self.status
    status.draining = DrainModel(by: "ann", since: "2026-01-01T10:00:00.000Z")
    status.inhibitor = "kept off while it prints"
    status.storeSetAside = "the database was damaged"
    let notices = StatusText.notices(status)
    #expect(notices.count == 3)
    #expect(notices[0].contains("ann") && notices[0].contains("fabline drain --off"))
    #expect(notices[1] == "shutdown: kept off while it prints")
    #expect(notices[2] == "the database was damaged")
  }

  @Test func workIsWhatAMachineHasInHand() {
    var status = Self.status
    status.jobs = ["printing": 2, "paused": 1, "needsAttention": 1, "queued": 7, "done": 9]
    #expect(Drain.running(status) == 4)
  }

  private static let status = StatusModel(
    version: "1", pid: 1, stateFolder: "/s", startedAt: "2026-01-01T10:00:00.000Z")
}
