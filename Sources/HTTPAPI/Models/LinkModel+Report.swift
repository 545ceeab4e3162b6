import APIModel
import DriverInterface
import JobStore
import Supervisor

extension LinkModel {
  /// A driver's report with its verdict.
  init(_ report: LinkReport, machine: String) {
    let verdict = LinkVerdict(report)
    self.init(
      machine: machine, port: report.port,
      verdict: LinkVerdictModel(code: verdict.code, sentence: verdict.sentence))
    baudAsked = Int(report.baudAsked)
    baudGranted = Int(report.baudGranted)
    isUntimed = report.isUntimed ? true : nil
    adapter = report.adapter.isEmpty ? nil : report.adapter
    latencyTimer = report.latencyTimer.map { Int($0) }
    undervoltage = report.undervoltage
    receiveBuffer = report.receiveBuffer.map { Int($0) }
    queueLines = report.queueLines.map { Int($0) }
    bytesSent = report.bytesSent
    lines = report.lines
    resends = report.resends
    damagedOut = report.damagedOut
    damagedIn = report.damagedIn
    doubledOks = report.doubledOks
    lostOks = report.lostOks
    overruns = report.overruns
    starvations = report.starvations
    starvedSeconds = Double(report.starved) / 1e9
    asked = report.asked
    resets = report.resets
    roundTrips = report.roundTrips
  }
}

extension ProfileModel {
  /// A stored profile.
  init(_ profile: QuirkProfile) {
    self.init(fingerprint: profile.fingerprint, firmware: profile.firmware)
    receiveBuffer = profile.receiveBuffer
    queueLines = profile.queueLines
    resetsOnOpen = profile.resetsOnOpen
    note = profile.note
    measuredAt = profile.measuredAt.map(LocalTime.iso8601)
  }

  /// As the store keeps it; it judges it.
  func stored() throws -> QuirkProfile {
    var profile = QuirkProfile(fingerprint: fingerprint, firmware: firmware)
    profile.receiveBuffer = receiveBuffer
    profile.queueLines = queueLines
    profile.resetsOnOpen = resetsOnOpen
    profile.note = note
    if let measuredAt {
      guard let time = LocalTime.parse(measuredAt) else { throw Problem.request("measuredAt is no time") }
      profile.measuredAt = time
    }
    return profile
  }
}

extension BoundsModel {
  /// What the supervisor read.
  init(_ bounds: JobBounds) {
    self.init(job: bounds.job, machine: bounds.machine, travel: bounds.travel)
    least = bounds.work.least
    most = bounds.work.most
    workOffset = bounds.workOffset
    maximumPower = bounds.maximumPower
    laserMode = bounds.laserMode
    warnings = bounds.warnings
    startsUntil = bounds.startsUntil.map(LocalTime.iso8601)
  }
}
