import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// The table of what the store says against what the driver says; every pair is named.
@Suite struct ReconciliationTests {
  static let outcome = AttemptOutcome(
    kind: .done, progress: AttemptProgress(attempt: AttemptID(rawValue: 7), job: 1, name: ""), fault: nil,
    endedAt: 0)

  struct Row: Sendable, CustomTestStringConvertible {
    var stored: AttemptRecord.State
    var ordered: Bool
    var driver: DriverAnswer
    var expected: ReconcileAction
    var testDescription: String { "\(stored)\(ordered ? ", ordered" : "") × \(driver) → \(expected)" }
  }

  static let rows: [Row] = {
    var rows: [Row] = []
    func add(
      _ stored: AttemptRecord.State, ordered: Bool = true, staged: ReconcileAction, printing: ReconcileAction,
      paused: ReconcileAction, ended: ReconcileAction, unknown: ReconcileAction
    ) {
      rows += [
        Row(stored: stored, ordered: ordered, driver: .staged, expected: staged),
        Row(stored: stored, ordered: ordered, driver: .running(.printing), expected: printing),
        Row(stored: stored, ordered: ordered, driver: .running(.paused), expected: paused),
        Row(stored: stored, ordered: ordered, driver: .ended(outcome), expected: ended),
        Row(stored: stored, ordered: ordered, driver: .unknown, expected: unknown),
      ]
    }
    let record = ReconcileAction.record(outcome)
    add(
      .staged, ordered: false, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused),
      ended: record, unknown: .requeue)
    // Ordered and not known to the driver: it may have started, and a person decides.
    add(
      .staged, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused), ended: record,
      unknown: .markUncertain)
    add(
      .printing, staged: .withdraw, printing: .agree, paused: .adopt(.paused), ended: record,
      unknown: .markUncertain)
    add(
      .paused, staged: .withdraw, printing: .adopt(.printing), paused: .agree, ended: record,
      unknown: .markUncertain)
    add(
      .needsAttention, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused), ended: record,
      unknown: .markUncertain)
    for closed in [AttemptRecord.State.done, .failed, .cancelled] {
      add(
        closed, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused), ended: .acknowledge,
        unknown: .agree)
    }
    add(
      .uncertain, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused), ended: record,
      unknown: .agree)
    add(
      .withdrawn, staged: .withdraw, printing: .adopt(.printing), paused: .adopt(.paused),
      ended: .acknowledge, unknown: .agree)
    return rows
  }()

  @Test("Every pair has its action", arguments: rows)
  func table(row: Row) {
    #expect(reconcile(row.stored, orderedToStart: row.ordered, row.driver) == row.expected)
  }

  @Test("The table names every state of the store")
  func complete() {
    #expect(Set(Self.rows.map(\.stored)) == Set(AttemptRecord.State.allCases))
  }

  @Test("An outcome is found before a running attempt, a running one before a staged one")
  func answers() {
    let attempt = AttemptID(rawValue: 7)
    var status = DriverStatus(
      identity: DriverIdentity(version: "", pid: 1, machine: "m", port: "", startedAt: 0, incarnation: 1),
      phase: .printing)
    #expect(DriverAnswer(attempt, in: status) == .unknown)
    status.staged = [attempt]
    #expect(DriverAnswer(attempt, in: status) == .staged)
    status.running = AttemptProgress(attempt: attempt, job: 1, name: "")
    #expect(DriverAnswer(attempt, in: status) == .running(.printing))
    status.outcomes = [Self.outcome]
    #expect(DriverAnswer(attempt, in: status) == .ended(Self.outcome))
  }
}
