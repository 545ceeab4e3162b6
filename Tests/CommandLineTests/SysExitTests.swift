import APIModel
import Testing

@testable import fabline

@Suite struct SysExitTests {
  @Test func theNumbersAreThoseOfTheManual() {
    let numbers = SysExit.allCases.map(\.rawValue)
    #expect(numbers == [0, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 130])
  }

  @Test(arguments: [
    ("file.missing", SysExit.noSuchFile), ("file.notRegular", .noSuchFile), ("file.zip", .badGCode),
    ("file.lineTooLong", .badGCode), ("file.changed", .badGCode), ("file.diskFull", .cannotStore),
    ("port.missing", .unavailable), ("port.busy", .unavailable), ("port.permission", .unavailable),
    ("port.unplugged", .linkLost), ("port.io", .linkLost), ("link.silent", .linkLost),
    ("link.garbled", .linkLost), ("handshake.noAnswer", .linkLost), ("firmware.killed", .refused),
    ("firmware.heaterFault", .refused), ("stream.resendLoop", .refused),
    ("stream.resendOutOfHistory", .refused),
    ("heat.noRise", .refused), ("machine.printingNotOurs", .refused), ("attempt.startedBefore", .notNow),
    ("interface.version", .internalError), ("", .internalError), ("nonsense", .internalError),
  ])
  func aFaultsCodePicksTheStatus(_ code: String, _ status: SysExit) {
    #expect(SysExit(faultCode: code) == status)
  }

  @Test(arguments: [
    (404, "job.unknown", SysExit.usage), (400, "request.invalid", .usage), (422, "machine.invalid", .usage),
    (422, "file.zip", .badGCode), (507, "file.diskFull", .cannotStore), (507, "store.full", .cannotStore),
    (409, "job.notRunning", .notNow), (403, "principal.unknown", .forbidden),
    (503, "machine.noDriver", .unavailable), (500, "internal", .internalError),
    (503, "port.busy", .unavailable), (409, "file.changed", .badGCode),
  ])
  func aProblemPicksTheStatus(_ http: Int, _ code: String, _ status: SysExit) {
    #expect(SysExit(httpStatus: http, code: code) == status)
  }

  @Test func aProblemsDetailIsTheSentence() {
    let problem = Problem(
      code: "job.unknown", title: "no such job", status: 404, detail: "there is no job 12")
    #expect(Failure(problem).sentence == "there is no job 12")
    #expect(Failure(problem).status == .usage)
  }

  @Test func everyStatusStandsInTheHelp() {
    let help = Fabline.helpMessage(columns: 80)
    for status in SysExit.allCases {
      #expect(help.contains("\(status.rawValue)  \(status.explanation)"), "\(status)")
    }
  }

  @Test func wrongUsageIs64() {
    for arguments in [
      ["pause"], ["pause", "a b"], ["submit"], ["print", "x.gcode"], ["nonsense"], ["jog", "m", "q5"],
    ] {
      do {
        _ = try Fabline.parseAsRoot(arguments)
        Issue.record("\(arguments) was taken")
      } catch {
        #expect(Fabline.exitCode(for: error).rawValue == 64, "\(arguments)")
      }
    }
  }
}
