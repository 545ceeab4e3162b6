import Foundation

/// Printrun's printcore, the class behind Pronterface, driven by the few lines that its own command line has.
struct PrintcoreHost: StreamHost {
  static let packages = ["Printrun==2.2.0", "pyserial==3.5"]
  let name = "printcore 2.2.0"
  let canStop = true

  func prepare() throws { _ = try PythonEnvironment("printcore", Self.packages, dependencies: false) }

  func print(_ file: String, port: String, in folder: ScratchFolder, deadline: Double, stopAfter: Double?)
    async throws -> StreamRun
  {
    let python = try PythonEnvironment("printcore", Self.packages, dependencies: false).python
    let script = folder.file("printcore.py")
    try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
    let output = folder.file("printcore.json")
    let child = try ChildProcess.start(
      python, [script, port, file, "\(deadline)", "\(stopAfter ?? 0)"], output: output)
    if try await child.isLate(after: deadline + 60) { kill(child.pid, SIGKILL) }
    let usage = child.wait()
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: output)),
      let run = try? JSONDecoder().decode(
        StreamRun.self, from: Data(LastObject.of("\n" + String(decoding: data, as: UTF8.self)).utf8))
    else { throw BenchError("printcore ended with \(usage.exitCode) and said nothing") }
    return run
  }

  private static let script = #"""
    import json, logging, resource, sys, time
    logging.disable(logging.CRITICAL)
    from printrun import gcoder
    from printrun.printcore import printcore
    port, path, deadline, stop_after = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    with open(path) as file:
        gcode = gcoder.LightGCode([line.strip() for line in file])
    core = printcore(port, 115200)
    greeted = time.monotonic() + 60
    while not core.online and time.monotonic() < greeted:
        time.sleep(0.01)
    began, cpu, asked, complaint = time.monotonic(), time.process_time(), 0, None
    core.startprint(gcode)
    while core.printing:
        time.sleep(0.01)
        elapsed = time.monotonic() - began
        if stop_after and not asked and elapsed > stop_after:
            asked = time.monotonic_ns()
            core.send_now("M112")
            time.sleep(3)
            break
        if elapsed > deadline:
            complaint = "no end in %d s, line %d" % (deadline, core.queueindex)
            break
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakKilobytes": peak, "complaint": complaint,
                      "stopAskedAt": asked}), flush=True)
    import os
    os._exit(0)
    """#
}

/// A throw-away Python environment with packages of fixed versions, kept beside the system's temporary files.
struct PythonEnvironment {
  let folder: String
  var python: String { folder + "/bin/python" }

  init(_ name: String, _ packages: [String], dependencies: Bool) throws {
    let base = ProcessInfo.processInfo.environment["FABLINE_BENCH_VENVS"]
    folder = (base ?? FileManager.default.temporaryDirectory.path + "/fabline-bench-venvs") + "/" + name
    let mark = folder + "/installed"
    let wanted = packages.joined(separator: " ")
    if (try? String(contentsOfFile: mark, encoding: .utf8)) == wanted { return }
    try? FileManager.default.removeItem(atPath: folder)
    try Self.run("/usr/bin/env", ["python3", "-m", "venv", folder])
    let flags = dependencies ? [] : ["--no-deps"]
    try Self.run(folder + "/bin/pip", ["install", "--quiet"] + flags + packages)
    try wanted.write(toFile: mark, atomically: true, encoding: .utf8)
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let usage = try ChildProcess.start(program, arguments).wait()
    guard usage.exitCode == 0 else {
      throw BenchError("\(program) \(arguments.joined(separator: " ")) ended with \(usage.exitCode)")
    }
  }
}
