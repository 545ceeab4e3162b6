import DriverInterface
import Glibc

/// Puts the calling thread before all ordinary ones, so that busy programs do not hold up the next line.
///
/// `priority` is 1 to 99; 0 changes nothing. Threads and programs that it starts do not inherit it. Where the system refuses, the
/// thread goes on as it was and the fault, of the code `driver.realtime`, says what would allow it.
///
/// The corresponding system call is `sched_setscheduler` with `SCHED_FIFO`.
func takeRealtimePriority(_ priority: Int32) -> Fault? {
  guard priority > 0 else { return nil }
  var wish = sched_param()
  wish.sched_priority = priority
  // SCHED_RESET_ON_FORK, which Glibc's module hides behind _GNU_SOURCE.
  let resetOnFork: Int32 = 0x4000_0000
  guard sched_setscheduler(0, SCHED_FIFO | resetOnFork, &wish) != 0 else { return nil }
  let words = systemWords(errno)
  return Fault(
    code: "driver.realtime",
    sentence: "no real-time priority for this driver: \(words); `LimitRTPRIO=\(priority)` in the unit or "
      + "`ulimit -r \(priority)` before the start would allow it",
    scope: .process)
}
