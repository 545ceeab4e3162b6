import DriverInterface
import Testing

@testable import fabline

@Suite struct DirectRunTests {
  private func outcome(_ kind: OutcomeKind, fault: Fault? = nil) -> AttemptOutcome {
    let progress = AttemptProgress(
      attempt: AttemptID(rawValue: 7), job: 0, name: "clip.gcode", fileLine: 812, byteOffset: 500, size: 1000,
      acknowledged: 7245, resends: 1, elapsed: 725)
    return AttemptOutcome(kind: kind, progress: progress, fault: fault, endedAt: 0)
  }

  @Test func aPrintThatIsDone() {
    #expect(
      DirectRun.sentence(outcome(.done)) == "printed clip.gcode: 7,245 lines in 12 min, 10 lines/s, 1 resend")
    #expect(
      DirectRun.sentence(outcome(.done), seconds: 10)
        == "printed clip.gcode: 7,245 lines in 10 s, 725 lines/s, 1 resend")
  }

  @Test func aPrintThatStopped() {
    let fault = Fault(
      code: "firmware.killed", sentence: "the firmware stopped itself: Heating failed", scope: .job)
    #expect(
      DirectRun.sentence(outcome(.failed, fault: fault))
        == "clip.gcode: failed at line 812: the firmware stopped itself: Heating failed")
  }

  @Test(arguments: [
    (OutcomeKind.cancelled, "", SysExit.cancelled), (.failed, "firmware.killed", .refused),
    (.failed, "stream.resendLoop", .refused), (.uncertain, "link.silent", .linkLost),
    (.failed, "port.unplugged", .linkLost), (.failed, "file.changed", .badGCode), (.uncertain, "", .refused),
  ])
  func theOutcomePicksTheExitCode(_ kind: OutcomeKind, _ code: String, _ status: SysExit) {
    let fault = code.isEmpty ? nil : Fault(code: code, sentence: "x", scope: .job)
    let failure = DirectRun.failure(outcome(kind, fault: fault), recorder: "/run/r.txt")
    #expect(failure.status == status)
    #expect(failure.details == ["the last lines both ways are in /run/r.txt"])
  }

  @Test func theDriverIsToldEverything() {
    let place = DirectPlace(name: "ttyUSB0", runFolder: RunFolder(path: "/r"))
    var options = DirectOptions(port: "/dev/ttyUSB0", baud: 250_000, maxTool: 285, maxBed: 120)
    #expect(
      options.arguments(place) == [
        "--machine", "ttyUSB0", "--port", "/dev/ttyUSB0", "--baud", "250000", "--socket",
        "/r/direct/ttyUSB0/driver.sock", "--state", "/r/direct/ttyUSB0/state", "--run",
        "/r/direct/ttyUSB0/run",
        "--max-tool", "285", "--max-bed", "120", "--resets-on-open", "unknown", "--dialect", "auto",
      ])
    options.dialect = "marlin1"
    options.wireLog = true
    options.resetsOnOpen = .yes
    #expect(
      options.arguments(place).suffix(5) == ["--resets-on-open", "yes", "--dialect", "marlin1", "--wire-log"])
  }

  @Test func whatIsShownFollowsTheEvents() {
    var view = PrintView(name: "clip.gcode", phase: "opening")
    view.take(.phase(.printing, reason: ""))
    view.take(.progress(outcome(.done).progress))
    view.take(.heaters([HeaterReading(name: "T0", current: 200, target: 210)]))
    #expect(view.phase == "printing" && view.fraction == 0.5 && view.resends == 1 && view.heaters.count == 1)
  }

  private static let death = "the driver was ended by signal 9 in mid-print"

  @Test func aDeadDriverIsTold() {
    var report = DirectRescue.Report(isOff: true, port: "/dev/ttyUSB0")
    report.outcome = outcome(
      .uncertain, fault: Fault(code: "attempt.driverDied", sentence: "line 812 was the last", scope: .job))
    let (summary, failure) = DirectRun.afterDeath(name: "x", death: Self.death, report, log: "/r/driver.log")
    #expect(
      failure.sentence
        == "clip.gcode: uncertain at line 812: the driver was ended by signal 9 in mid-print; "
        + "another driver switched the heaters off")
    #expect(failure.status == .internalError)
    #expect(failure.details == ["line 812 was the last", "the driver's log is /r/driver.log"])
    #expect(summary.outcome == "uncertain" && summary.fileLine == 812 && summary.code == "driver.ended")
  }

  @Test func whatCouldNotBeSwitchedOffIsSaid() {
    var report = DirectRescue.Report(isOff: false, port: "/dev/ttyUSB0")
    report.hindrance = "there is no port /dev/ttyUSB0"
    let (_, failure) = DirectRun.afterDeath(name: "x", death: Self.death, report, log: "/l")
    #expect(
      failure.sentence.hasPrefix("x: uncertain: the driver was ended by signal 9 in mid-print; nothing"))
    #expect(
      failure.sentence.hasSuffix(
        "(there is no port /dev/ttyUSB0): look at the machine, and cut its power if it is hot"))
  }

  @Test func aSilentPortIsAskedAboutItsSpeedOnce() {
    let fault = Failure(code: "link.garbled", sentence: "no words", status: .linkLost)
    let asking = fault.askingSpeed(115_200, option: "--baud")
    #expect(asking.sentence == "no words. Is 115200 baud its speed (--baud)?")
    #expect(asking.askingSpeed(115_200, option: "--baud") == asking)
    let other = Failure(code: "port.busy", sentence: "busy", status: .unavailable)
    #expect(other.askingSpeed(115_200, option: "--baud") == other)
  }

  @Test func theBuffersAreHandedOn() {
    var options = DirectOptions(port: "/dev/ttyUSB0", baud: 250_000, maxTool: 285, maxBed: 120)
    options.receiveBuffer = 128
    options.queueLines = 4
    options.window = 3
    let place = DirectPlace(name: "p", runFolder: RunFolder(path: "/r"))
    #expect(
      options.arguments(place).suffix(6) == [
        "--receive-buffer", "128", "--queue-lines", "4", "--window", "3",
      ])
  }
}
