import JobStore
import Testing

@Suite("A job's state")
struct JobStateTests {
  @Test("with no attempts is queued or held")
  func fresh() {
    #expect(JobRecord.State.derived(copies: 1, held: false, cancelled: false, attempts: []) == .queued)
    #expect(JobRecord.State.derived(copies: 1, held: true, cancelled: false, attempts: []) == .held)
  }
}
