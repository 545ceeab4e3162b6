// A printer's controller on a pseudo terminal, for demos, tests and documentation.

import CLinux
import Glibc
import VirtualFirmware

let options: Options
switch Options.read(CommandLine.arguments.dropFirst()) {
case .run(let read): options = read
case .help:
  writeText(Options.help, to: STDOUT_FILENO)
  exit(0)
case .wrong(let sentence):
  writeText("virtual-printer: " + sentence + "\nTry virtual-printer --help\n", to: STDERR_FILENO)
  exit(64)
}

if let log = options.replay {
  do {
    let replay = try WireLogReplay(log, options: options)
    writeText(replay.text, to: STDOUT_FILENO)
    exit(replay.differs ? 1 : 0)
  } catch {
    writeText("virtual-printer: \(error.sentence)\n", to: STDERR_FILENO)
    exit(66)
  }
}

if options.realtime > 0 {
  var wish = sched_param()
  wish.sched_priority = options.realtime
  if sched_setscheduler(0, SCHED_FIFO, &wish) != 0 {
    let refusal = Failure("no real-time priority, so it may be late on busy cores", error: errno)
    writeText("virtual-printer: \(refusal.sentence)\n", to: STDERR_FILENO)
  }
}

do {
  var printer = try PrinterLoop(options: options)
  try printer.run()
} catch {
  writeText("virtual-printer: \(error.sentence)\n", to: STDERR_FILENO)
  exit(74)
}
