import APIModel
import Testing

@testable import fabline

@Suite struct JobTextTests {
  private func job(_ id: Int64, _ state: JobState, ended: String? = nil) -> JobModel {
    var job = JobModel(
      id: id, name: "clip.gcode", file: "abc", submitter: "ana", createdAt: "2026-11-22T04:00:00.000Z")
    job.state = state
    job.endedAt = ended
    return job
  }

  private func printing() -> JobModel {
    var job = job(12, .printing)
    job.copies = 3
    job.copiesDone = 1
    job.machine = "ender"
    var attempt = AttemptModel(id: "00000000000000aa", machine: "ender", state: "printing", copy: 2)
    attempt.progress = ProgressModel(line: 3000, bytes: 430, size: 1000, elapsed: 300, resends: 1)
    attempt.progress?.remaining = 725
    job.attempts = [attempt]
    return job
  }

  @Test func theTableTellsWhereAndHowFar() {
    let lines = JobText.table([printing()]).lines(width: nil)
    #expect(lines[0].hasPrefix("JOB  STATE"))
    #expect(lines[1].contains(" 12  printing  clip.gcode     1/3  ender  43%, 12 min left"))
  }

  @Test func withoutOptionsTheLastTenEndedOnesAreListed() {
    let ended = (1...20).map { number in
      let minute = number < 10 ? "0\(number)" : "\(number)"
      return job(Int64(number), .done, ended: "2026-11-22T04:\(minute):00.000Z")
    }
    let usual = Jobs.usual([job(21, .queued)] + ended + [job(22, .uncertain)])
    #expect(usual.map(\.id) == [21] + Array(11...20) + [22])
  }

  @Test func theEndOfAJobPicksTheExitCode() {
    var failed = job(1, .failed)
    var attempt = AttemptModel(id: "00000000000000aa", machine: "ender", state: "failed", copy: 1)
    attempt.code = "link.silent"
    attempt.reason = "the printer on /dev/ttyUSB0 answers no longer"
    failed.attempts = [attempt]
    #expect(JobFollower.failure(failed).status == .linkLost)
    #expect(JobFollower.failure(failed).sentence.contains("answers no longer"))
    #expect(JobFollower.failure(job(1, .cancelled)).status == .cancelled)
    #expect(JobFollower.failure(job(1, .uncertain)).status == .refused)
  }

  @Test func thePictureFollowsEventsOfItsJobOnly() {
    var picture = JobPicture(job: 12)
    _ = picture.take(printing(), why: nil)
    #expect(picture.view.fraction == 0.43 && picture.view.phase == "printing")
    var event = EventModel(id: 1, at: "2026-11-22T04:00:00.000Z", kind: "progress")
    event.job = 13
    event.progress = ProgressModel(line: 1, bytes: 900, size: 1000, elapsed: 1, resends: 0)
    _ = picture.take(event)
    #expect(picture.view.fraction == 0.43)
    event.job = 12
    _ = picture.take(event)
    #expect(picture.view.fraction == 0.9)
    var heat = EventModel(id: 2, at: "2026-11-22T04:00:00.000Z", kind: "heaters")
    heat.machine = "ender"
    heat.heaters = [HeaterModel(name: "T0", current: 200, target: 210)]
    _ = picture.take(heat)
    #expect(picture.view.heaters == [.init(name: "T0", current: 200, target: 210)])
  }

  @Test func aReasonIsSaidOnce() {
    var picture = JobPicture(job: 12)
    let waiting = job(12, .queued)
    #expect(picture.take(waiting, why: "ender is not ready") == ["job 12: ender is not ready"])
    #expect(picture.take(waiting, why: "ender is not ready") == [])
    #expect(picture.take(waiting, why: "ender is busy") == ["job 12: ender is busy"])
  }

  @Test func logLinesCarryTimeLevelMachineAndJob() {
    var event = EventModel(id: 1, at: "not a time", kind: "log")
    event.level = "warning"
    event.machine = "ender"
    event.job = 12
    event.message = "resend of line 42\u{1B}[2J"
    #expect(EventText.line(event, colour: false) == "not a time warning ender job 12: resend of line 42?[2J")
  }

  @Test func levelsAdmitTheWorse() {
    #expect(Logs.Level.warning.admits("error") && Logs.Level.warning.admits("warning"))
    #expect(!Logs.Level.warning.admits("notice") && Logs.Level.warning.admits(nil))
  }
}
