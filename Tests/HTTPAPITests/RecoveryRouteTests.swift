import APIModel
import DriverInterface
import Foundation
import JobStore
import Supervisor
import Testing

@testable import HTTPAPI

/// What was cut short, over the API: facts, plan, a person's word, and what is refused.
@Suite(.timeLimit(.minutes(1))) struct RecoveryRouteTests {
  /// Two layers, stopped in the second.
  static let part =
    ([
      "M140 S60", "M104 S210", "G28", "M190 S60", "M109 S210", "G90", "M82", "G92 E0", ";LAYER_CHANGE",
      "G1 Z0.2 F600",
    ]
    + (1...20).map { "G1 X\(50 + $0) Y60 E\($0) F1800" } + [";LAYER_CHANGE", "G1 Z0.4 F600"]
    + (21...40).map { "G1 X\(50 + $0) Y60 E\($0) F1800" } + ["M104 S0", "M140 S0", ""]).joined(
      separator: "\n")

  /// Line 40 is acknowledged: `G1 X58+20...`, in the second layer.
  static func point(_ attempt: String, job: Int64) throws -> ResumePoint {
    let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
    var point = ResumePoint(attempt: try #require(AttemptID(attempt)), job: job, at: 1_800_000_000_000)
    let end = lines.prefix(40).reduce(0) { $0 + $1.utf8.count + 1 }
    point.acknowledged = StreamAnchor(fileLine: 40, byteOffset: Int64(end), lineNumber: 40)
    point.sent = point.acknowledged
    point.mayNotHaveRun = [StreamAnchor(fileLine: 37)]
    point.modal.x = 78
    point.modal.y = 60
    point.modal.z = 0.4
    point.modal.e = 28
    point.modal.known = "XYZE"
    point.modal.feedrate = 1800
    point.modal.toolTargets = [ToolTarget(tool: 0, target: 210)]
    point.modal.bed = 60
    return point
  }

  /// A service whose job 1 is uncertain on `ender`.
  private func cutShort(
    _ settings: String = ",\"holdsZ\":true,\"homesXY\":true,\"dialect\":\"marlin\"", withPoint: Bool = true,
    tail: String = "", _ body: @escaping @Sendable (Service, String) async throws -> Void
  ) async throws {
    try await Service.with { service in
      try await service.addMachine("ender", settings)
      let hash = try await service.upload(Self.part + tail)
      let store = service.supervisor.store
      _ = try await store.setDrain(true, by: "test")
      let job = try await store.submit(JobSubmission(file: hash, machine: "ender"), by: "ann").job
      _ = try await store.ready("ender", job: nil, by: "ann")
      _ = try await store.setDrain(false, by: "test")
      // The idle fake takes it and it runs; then its driver's word ends it.
      var attempt: String?
      for _ in 0..<2000 where attempt == nil {
        attempt = try await store.job(job.id).attempts.first { $0.state == .printing }?.id
        if attempt == nil { try await Task.sleep(for: .milliseconds(5)) }
      }
      let id = try #require(attempt)
      if withPoint {
        var words: [UInt8] = []
        try DriverMessage.reply(number: 0, .resumePoint(Self.point(id, job: job.id))).encode(into: &words)
        try await store.keepResumePoint(id, words, by: "driver ender")
      }
      _ = try await store.attemptEnded(
        id, AttemptEnd(.uncertain, at: 5, reason: "the power failed", code: "attempt.driverDied"),
        by: "driver ender")
      try await body(service, "/jobs/\(job.id)")
    }
  }

  @Test("The facts, the window, the questions and the plan are told, and asking changes nothing")
  func told() async throws {
    try await cutShort { service, job in
      let model = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(model.refusal == nil, "\(String(describing: model.refusal))")
      #expect(model.window == .init(ranUpTo: 36, mayHaveRunUpTo: 40, doubtful: 4))
      #expect(model.place?.line == 37 && model.place?.layer == 2 && model.believedZ == 0.4)
      #expect(model.questions.map(\.id) == ["stuck", "free"])
      #expect(model.plan.contains { $0.hasPrefix("G28 R0 X Y") })
      #expect(model.planHash?.count == 16 && model.machine == "ender" && model.reason == "the power failed")
      let again = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(again == model)
      let elsewhere = try await service.ask(.get, job + "/recovery?line=39").decoded(RecoveryModel.self)
      #expect(elsewhere.place?.line == 39 && elsewhere.planHash != model.planHash)
      #expect(try await service.ask(.get, job).decoded(JobModel.self).state == .uncertain)
    }
  }

  @Test("The plan runs on the word for that very plan, with every answer")
  func recovered() async throws {
    try await cutShort { service, job in
      let model = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      let hash = try #require(model.planHash)
      func refusal(_ body: String) async throws -> String {
        try await service.ask(.post, job + "/recover", body).problem().code
      }
      #expect(
        try await refusal(
          "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"0000000000000000\"}")
          == "recovery.planChanged")
      #expect(
        try await refusal("{\"answers\":{\"stuck\":\"yes\"},\"planHash\":\"\(hash)\"}")
          == "recovery.unanswered")
      #expect(
        try await refusal("{\"answers\":{\"stuck\":\"no\",\"free\":\"yes\"},\"planHash\":\"\(hash)\"}")
          == "recovery.answer")
      #expect(
        try await refusal(
          "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"\(hash)\",\"line\":39}")
          == "recovery.planChanged", "the word was for another place")
      #expect(try await service.ask(.get, job).decoded(JobModel.self).attempts.count == 1)
      let answer = try await service.ask(
        .post, job + "/recover", "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"\(hash)\"}"
      )
      #expect(answer.status == 200, "\(answer.text)")
      let after = try answer.decoded(JobModel.self)
      #expect(after.state == .printing && after.attempts.count == 2)
      // No driver can be started here, and in time the attempt is withdrawn: a second word is refused before and after that.
      let second = try await refusal("{\"answers\":{},\"planHash\":\"\(hash)\"}")
      #expect(second.hasPrefix("recovery."))
      let files = try await service.ask(.get, "/files").decoded(ItemPage<FileModel>.self).items
      let derived = try #require(files.first { $0.name == "part (recovered at layer 2).gcode" })
      var text = ""
      var piece = try await service.supervisor.store.piece(ofFile: derived.hash, at: 0)
      text += String(decoding: piece, as: UTF8.self)
      piece = try await service.supervisor.store.piece(ofFile: derived.hash, at: Int64(text.utf8.count))
      #expect(piece.isEmpty)
      let tail = Self.part.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(36)
      #expect(text == model.plan.joined(separator: "\n") + "\n" + tail.joined(separator: "\n"))
      let history = try await service.ask(.get, job + "/history").decoded(ItemPage<HistoryModel>.self).items
      let row = try #require(history.first { $0.what == "recovered" })
      #expect(row.who == "ann" && (row.why ?? "").contains(hash) && (row.why ?? "").contains("stuck yes"))
      #expect(try await service.ask(.get, "/machines/ender").decoded(MachineModel.self).bed == .occupied)
    }
  }

  /// Where the attempt that carries out a plan is cut short as well.
  enum SecondCut: CaseIterable {
    case behindThePlan, whileItHeats, afterTheLift, afterTheLiftAsFarAsTheJournalTells
  }

  @Test(
    "Cut short again: told in the job's own lines, or nothing moved yet, or the height is lost",
    arguments: SecondCut.allCases)
  func cutShortAgain(_ cut: SecondCut) async throws {
    try await cutShort { service, job in
      let first = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      let word =
        "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"\(first.planHash ?? "")\"}"
      let after = try await service.ask(.post, job + "/recover", word).decoded(JobModel.self)
      let attempt = try #require(after.attempts.last).id
      let lift = try #require(first.plan.firstIndex { $0.hasPrefix("G1 Z") }) + 1
      var point = try Self.point(attempt, job: after.id)
      // Line 48 of the file, of which line 37 is the first behind the plan: `G1 X86 Y60 E36`.
      let line = cut == .behindThePlan ? first.plan.count + 12 : cut == .whileItHeats ? lift - 2 : lift
      let rest = Self.part.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(36)
      let bytes = (first.plan + rest.map(String.init)).prefix(line).reduce(0) { $0 + $1.utf8.count + 1 }
      point.acknowledged = StreamAnchor(fileLine: Int64(line), byteOffset: Int64(bytes))
      point.sent = point.acknowledged
      point.mayNotHaveRun = [StreamAnchor(fileLine: Int64(line - 3))]
      (point.modal.x, point.modal.e) = (86, 36)
      if cut == .afterTheLiftAsFarAsTheJournalTells {
        point.acknowledged.fileLine = Int64(lift) - 2
        point.sent = point.acknowledged
        point.staleMs = 7000
      }
      var words: [UInt8] = []
      try DriverMessage.reply(number: 0, .resumePoint(point)).encode(into: &words)
      try await service.supervisor.store.keepResumePoint(attempt, words, by: "driver ender")
      _ = try await service.supervisor.store.attemptEnded(
        attempt, AttemptEnd(.uncertain, at: 6, reason: "the power failed again", code: "attempt.driverDied"),
        by: "driver ender")

      let second = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      // The supervisor, which finds no driver, may have ended the attempt before this test did: with a reason of its own.
      #expect(second.attempt == attempt)
      switch cut {
      case .behindThePlan:
        #expect(second.refusal == nil, "\(String(describing: second.refusal))")
        #expect(second.window == .init(ranUpTo: 44, mayHaveRunUpTo: 48, doubtful: 4))
        #expect(second.place?.line == 45 && second.believedZ == 0.4)
        let again = try await service.ask(
          .post, job + "/recover", word.replacing(first.planHash ?? "", with: second.planHash ?? "")
        ).decoded(JobModel.self)
        let hash = try #require(try await service.supervisor.store.job(again.id).attempts.last?.file)
        let text = String(
          decoding: try await service.supervisor.store.piece(ofFile: hash, at: 0), as: UTF8.self)
        let tail = Self.part.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(44)
        #expect(text == second.plan.joined(separator: "\n") + "\n" + tail.joined(separator: "\n"))
      case .whileItHeats:
        #expect(
          second.plan == first.plan && second.planHash == first.planHash && second.window == first.window)
      case .afterTheLift, .afterTheLiftAsFarAsTheJournalTells:
        #expect(second.refusal?.code == "recovery.inPlan" && second.plan.isEmpty)
        #expect(second.refusal?.sentence.contains("fabline recover \(after.id) --failed") == true)
      }
    }
  }

  @Test("What cannot be recovered says why, and what is on record all the same")
  func refused() async throws {
    try await cutShort(",\"homesXY\":true") { service, job in
      let model = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(model.refusal?.code == "recovery.zNotHeld" && model.plan.isEmpty && model.planHash == nil)
      #expect(model.window?.ranUpTo == 36)
      let word = "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"00\"}"
      #expect(try await service.ask(.post, job + "/recover", word).problem().code == "recovery.zNotHeld")
    }
    try await cutShort(withPoint: false) { service, job in
      let model = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(model.refusal?.code == "recovery.noRecord" && model.window == nil)
    }
  }

  @Test("A part that was taken off, and a file that is gone, are not gone on with")
  func gone() async throws {
    try await cutShort { service, job in
      let hash = try await service.ask(.get, job).decoded(JobModel.self).file
      unlink("\(service.folder)/files/\(hash).gcode")
      let model = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(model.refusal?.code == "file.missing")
      let id = try #require(Int64(job.dropFirst(6)))
      _ = try await service.supervisor.store.ready("ender", job: id, by: "ann")
      let off = try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self)
      #expect(off.refusal?.code == "recovery.bed")
    }
  }

  @Test("No plan and no word lifts a limit that was lowered meanwhile")
  func limits() async throws {
    try await cutShort(tail: "M104 S240\nM104 S0\n") { service, job in
      let hash = try #require(
        try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self).planHash)
      let word = "{\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"},\"planHash\":\"\(hash)\"}"
      let store = service.supervisor.store
      var settings = try await store.machine("ender").settings
      settings.maxTool = 230
      _ = try await store.setMachine(settings, by: "ann")
      let hot = try await service.ask(.post, job + "/recover", word).problem()
      #expect(hot.detail.contains("240") && hot.detail.contains("230"), "\(hot)")
      #expect(try await service.ask(.get, job).decoded(JobModel.self).attempts.count == 1)
    }
  }

  @Test("Requests that mean nothing are told so")
  func nonsense() async throws {
    try await cutShort { service, job in
      for query in ["line=0", "line=x", "line=3&layer=2", "height=high", "layer=-1"] {
        let answer = try await service.ask(.get, job + "/recovery?" + query)
        #expect(answer.status == 400, "\(query)")
      }
      for body in ["{}", "{\"answers\":3,\"planHash\":\"\"}", "{\"planHash\":\"00\"}"] {
        let answer = try await service.ask(.post, job + "/recover", body)
        #expect(answer.status == 400, "\(body)")
      }
      let unknown = try await service.ask(.get, "/jobs/99/recovery").problem()
      #expect(unknown.code == "job.unknown")
    }
  }

  @Test("A person vouches: it goes on by the plan that was shown, and the reason stands in the history")
  func vouched() async throws {
    try await cutShort { service, job in
      let hash = try #require(
        try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self).planHash)
      func goOn(_ rest: String) async throws -> Answer {
        try await service.ask(.post, job + "/uncertain", "{\"decision\":\"goOn\",\(rest)}")
      }
      let silent = try await goOn("\"planHash\":\"\(hash)\"").problem()
      #expect(silent.code == "recovery.unanswered")
      let yes = "\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"}"
      let other = try await goOn("\"planHash\":\"\(hash)\",\"line\":39,\(yes)").problem()
      #expect(other.code == "recovery.planChanged")
      #expect(try await service.ask(.get, job).decoded(JobModel.self).attempts.count == 1)
      let answer = try await goOn("\"planHash\":\"\(hash)\",\"reason\":\"I stood beside it\",\(yes)")
      #expect(answer.status == 200, "\(answer.text)")
      #expect(try answer.decoded(JobModel.self).attempts.count == 2)
      let history = try await service.ask(.get, job + "/history").decoded(ItemPage<HistoryModel>.self).items
      let row = try #require(history.first { $0.what == "recovered" })
      #expect(row.who == "ann" && (row.why ?? "").contains("I stood beside it"))
    }
  }

  @Test("To go on is a recovery: a member may say what became of their own job, and not that it goes on")
  func vouchedByAMember() async throws {
    try await cutShort { service, job in
      let hash = try #require(
        try await service.ask(.get, job + "/recovery").decoded(RecoveryModel.self).planHash)
      // The job is ann's own.
      let member = Principal(name: "ann", role: .member, signIn: .token(id: 1, name: "t", scopes: []))
      let word = "\"planHash\":\"\(hash)\",\"answers\":{\"stuck\":\"yes\",\"free\":\"yes\"}"
      let refused = try await service.ask(
        .post, job + "/uncertain", "{\"decision\":\"goOn\",\(word)}", as: member
      ).problem()
      #expect(refused.status == 403 && refused.code == "principal.notAllowed")
      #expect(try await service.ask(.get, job).decoded(JobModel.self).attempts.count == 1)
      let done = try await service.ask(.post, job + "/uncertain", "{\"decision\":\"done\"}", as: member)
      #expect(done.status == 200, "\(done.text)")
    }
  }

  @Test("Where no plan is possible a person's word does not make one: it is said what can be done")
  func vouchedInVain() async throws {
    try await cutShort(",\"homesXY\":true,\"dialect\":\"marlin\"") { service, job in
      let problem = try await service.ask(
        .post, job + "/uncertain",
        "{\"decision\":\"goOn\",\"planHash\":\"0000000000000000\",\"answers\":{\"stuck\":\"yes\"}}"
      ).problem()
      #expect(problem.code == "recovery.zNotHeld")
      #expect(problem.detail.contains("--holds-z") && problem.detail.contains("fabline retry"))
      #expect(try await service.ask(.get, job).decoded(JobModel.self).state == .uncertain)
    }
  }

  @Test("A person decides what became of it")
  func decided() async throws {
    try await cutShort { service, job in
      #expect(
        try await service.ask(.post, job + "/uncertain", "{\"decision\":\"maybe\"}").problem().status == 400)
      let goOn = try await service.ask(.post, job + "/uncertain", "{\"decision\":\"goOn\"}").problem()
      #expect(goOn.code == "recovery.needsPlan" && goOn.detail.contains("fabline recover"))
      #expect(goOn.detail.contains("stuck"), "what will be asked is said")
      let answer = try await service.ask(
        .post, job + "/uncertain", "{\"decision\":\"done\",\"reason\":\"it is whole\"}")
      #expect(try answer.decoded(JobModel.self).state == .done)
      #expect(
        try await service.ask(.post, job + "/uncertain", "{\"decision\":\"done\"}").problem().code
          == "recovery.notUncertain")
      #expect(try await service.ask(.get, job + "/recovery").problem().code == "recovery.notUncertain")
    }
  }
}
