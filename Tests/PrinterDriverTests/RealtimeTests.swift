import Glibc
import Testing

@testable import PrinterDriver

/// The wire thread's priority: taken where the system allows it, refused in words where not.
struct RealtimeTests {
  /// What became of a thread of its own that asked; a test's thread is not to keep the priority.
  private final class Answer: Sendable {
    nonisolated(unsafe) var code: String?
    nonisolated(unsafe) var policy: Int32 = -1
    let wish: Int32
    init(_ wish: Int32) { self.wish = wish }
  }

  private func ask(_ priority: Int32) -> Answer {
    let answer = Answer(priority)
    var thread = pthread_t()
    // The thread ends before this function does: the answer outlives it.
    let context = Unmanaged.passUnretained(answer).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
        answer.code = takeRealtimePriority(answer.wish)?.code
        answer.policy = sched_getscheduler(0)
        return nil
      }, context)
    pthread_join(thread, nil)
    return answer
  }

  @Test func noneIsTakenUnasked() {
    let answer = ask(0)
    #expect(answer.code == nil)
    #expect(answer.policy == SCHED_OTHER)
  }

  @Test func itIsTakenOrRefusedInWords() {
    let answer = ask(5)
    // Bit 30 is SCHED_RESET_ON_FORK: what the driver starts runs as other programs do.
    let taken = answer.policy == SCHED_FIFO | 0x4000_0000
    let refused = answer.policy == SCHED_OTHER
    #expect(answer.code == nil ? taken : refused && answer.code == "driver.realtime")
  }

  @Test func aPriorityThatDoesNotExistIsRefused() {
    let answer = ask(1000)
    #expect(answer.code == "driver.realtime")
    #expect(answer.policy == SCHED_OTHER)
  }
}
