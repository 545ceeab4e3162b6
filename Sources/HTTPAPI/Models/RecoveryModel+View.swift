import APIModel
import JobStore
import Supervisor

extension RecoveryModel {
  /// What the supervisor knows of a job that was cut short.
  init(_ view: RecoveryView) {
    let result = view.result
    self.init(
      job: view.job.id, name: view.job.name, attempt: view.attempt.id, copy: view.attempt.copy,
      machine: view.attempt.machine)
    reason = view.attempt.reason
    recordedAt = view.point.map { LocalTime.iso8601($0.at) }
    staleMs = view.point?.staleMs
    window = result.window.map {
      Window(ranUpTo: $0.ranUpTo, mayHaveRunUpTo: $0.mayHaveRunUpTo, doubtful: $0.doubtful)
    }
    heights = result.heights.map { Height(z: $0.z, layer: Self.layer($0.layer), line: $0.line) }
    place = result.place.map {
      Place(
        line: $0.line, offset: $0.offset, layer: Self.layer($0.layer),
        position: [$0.position.x, $0.position.y, $0.position.z, $0.position.e])
    }
    believedZ = result.believedZ
    questions = result.questions.map { Question(id: $0.id, text: $0.text, choices: $0.choices) }
    notes = result.notes
    plan = result.plan
    planHash = result.refusal == nil ? result.hash : nil
    refusal = result.refusal.map { Refusal(code: $0.code, sentence: $0.sentence) }
  }

  private static func layer(_ layer: Int32) -> Int? { layer > 0 ? Int(layer) : nil }
}
