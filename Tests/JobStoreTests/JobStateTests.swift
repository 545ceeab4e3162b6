import Testing

@testable import JobStore

@Suite("A job's state")
struct JobStateTests {
  typealias State = JobRecord.State
  typealias Standing = AttemptRecord.Standing

  private func derived(
    _ states: [AttemptRecord.State], copies: Int = 2, held: Bool = false, cancelled: Bool = false
  ) -> State {
    State.derived(
      copies: copies, held: held, cancelled: cancelled, attempts: states.map { Standing(state: $0) })
  }

  @Test("with no attempts is queued or held")
  func fresh() {
    #expect(derived([]) == .queued)
    #expect(derived([], held: true) == .held)
    #expect(derived([], cancelled: true) == .cancelled)
    #expect(derived([], held: true, cancelled: true) == .cancelled)
  }

  @Test("with an attempt staged or withdrawn is still queued")
  func staged() {
    #expect(derived([.staged]) == .queued)
    #expect(derived([.withdrawn, .withdrawn]) == .queued)
    #expect(derived([.staged], held: true) == .held)
  }

  @Test("is what its machines do, the loudest first")
  func running() {
    #expect(derived([.printing, .paused]) == .printing)
    #expect(derived([.paused, .done]) == .paused)
    #expect(derived([.needsAttention, .printing]) == .needsAttention)
    #expect(derived([.failed, .printing]) == .printing)
    #expect(derived([.uncertain, .paused]) == .paused)
    #expect(derived([.printing], held: true, cancelled: true) == .printing)
  }

  @Test("after a failed copy is failed until a person decides, though copies are left")
  func failed() {
    #expect(derived([.failed], copies: 3) == .failed)
    #expect(derived([.done, .failed], copies: 3) == .failed)
    #expect(
      State.derived(
        copies: 3, held: false, cancelled: false,
        attempts: [Standing(state: .failed, settled: true), Standing(state: .done)]) == .queued)
  }

  @Test("uncertain wins over failed and over cancelled")
  func uncertain() {
    #expect(derived([.failed, .uncertain]) == .uncertain)
    #expect(derived([.uncertain, .cancelled], cancelled: true) == .uncertain)
    #expect(derived([.uncertain, .done, .done]) == .uncertain)
  }

  @Test("is done with all copies printed, also where a cancellation came too late")
  func done() {
    #expect(derived([.done, .done]) == .done)
    #expect(derived([.done]) == .queued)
    #expect(derived([.done, .done], cancelled: true) == .done)
    #expect(derived([.done], cancelled: true) == .cancelled)
    #expect(derived([.cancelled], copies: 3) == .cancelled)
  }

  /// Every combination of at most four standings: the rules of the documentation, said the other way round.
  @Test("keeps its rules for every combination")
  func total() {
    let standings = AttemptRecord.State.allCases.flatMap { state in
      state.endedBadly
        ? [Standing(state: state), Standing(state: state, settled: true)] : [Standing(state: state)]
    }
    var combinations: [[Standing]] = [[]]
    for _ in 0..<4 { combinations += combinations.flatMap { some in standings.map { some + [$0] } } }
    for attempts in Set(combinations) {
      for (held, cancelled) in [(false, false), (true, false), (false, true), (true, true)] {
        let state = State.derived(copies: 2, held: held, cancelled: cancelled, attempts: attempts)
        let reversed = State.derived(
          copies: 2, held: held, cancelled: cancelled, attempts: attempts.reversed())
        #expect(state == reversed, "the order of attempts matters: \(attempts)")
        let running = attempts.contains { $0.state.isRunning }
        #expect(running == [.printing, .paused, .needsAttention].contains(state), "\(attempts) -> \(state)")
        let undecided = attempts.contains { $0.state == .uncertain && !$0.settled }
        if undecided, !running { #expect(state == .uncertain) }
        if state == .done { #expect(attempts.count(where: { $0.state == .done }) >= 2) }
        if state == .queued || state == .held {
          #expect(!cancelled && !attempts.contains { $0.state.endedBadly && !$0.settled })
          #expect(state == (held ? .held : .queued))
        }
        if cancelled { #expect(state != .queued && state != .held && state != .failed) }
      }
    }
  }
}
