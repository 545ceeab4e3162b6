import DriverInterface
import Supervisor

/// Drivers that are always there, always idle, and accept everything.
struct IdleHost: DriverHost {
  func adopt(machine: String) async throws(HostError) -> (any DriverLink)? { IdleLink(machine: machine) }
  func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink {
    IdleLink(machine: order.machine)
  }
  func exit(of driver: DriverIdentity) async -> DriverExit? { nil }
  func emergencyStop(machine: String) async throws(HostError) -> StopResult {
    StopResult(confirmed: true, sentence: "\(machine) stopped")
  }
}

private struct IdleLink: DriverLink {
  let driver: DriverIdentity
  let events: AsyncStream<DriverEvent>
  private let end: AsyncStream<DriverEvent>.Continuation

  init(machine: String) {
    driver = DriverIdentity(
      version: "fake", pid: 1, machine: machine, port: "", startedAt: 0, incarnation: 1)
    (events, end) = AsyncStream.makeStream()
  }

  func request(_ request: DriverRequest, timeout: Duration) async throws(HostError) -> DriverReply {
    switch request {
    case .status:
      var status = DriverStatus(identity: driver, phase: .idle)
      status.heaters = [HeaterReading(name: "T0", current: 21.5, target: 0)]
      return .status(status)
    case .recorder: return .lines(["> M105"])
    case .linkReport:
      var report = LinkReport()
      report.port = "/dev/ttyFAKE"
      report.baudAsked = 115_200
      report.baudGranted = 115_200
      report.lines = 1000
      report.damagedOut = 50
      report.starved = 1_500_000_000
      report.roundTrips = Array(repeating: 0, count: 32)
      report.roundTrips[11] = 1000
      return .link(report)
    case .act(.measure):
      var found = BufferMeasurement()
      found.receiveBuffer = 128
      found.queueLines = 4
      found.notes = ["the buffers were filled 3 times"]
      return .measured(found)
    case .send(let line) where line == "$$": return .lines(["$30=1000", "$32=1"])
    case .send(let line) where line == "$#": return .lines(["[G54:5.000,6.000,7.000]"])
    case .send(let line) where line == "$G": return .lines(["[GC:G0 G54 G17 G21]"])
    case .send(let line) where line == "G28":
      return .refused(Fault(code: "limit.printing", sentence: "a job runs", scope: .line))
    case .send(let line): return .lines([line])
    default: return .done
    }
  }

  func close() { end.finish() }
}
