import Foundation
import Synchronization

/// The whole OctoPrint server from PyPI, without a browser: uploads and prints through its REST API.
///
/// One server serves all prints of a run. What asks the internet is switched off; everything that streams is at its
/// defaults.
final class OctoPrintHost: StreamHost {
  static let packages = ["OctoPrint==1.11.8"]
  let name = "OctoPrint 1.11.8"
  let canStop = true
  private let server = Mutex<ChildProcess?>(nil)
  private let httpPort = Int.random(in: 20_000..<30_000)
  private static let key = "0123456789ABCDEF0123456789ABCDEF"

  func prepare() throws { _ = try PythonEnvironment("octoprint", Self.packages, dependencies: true) }

  func finish() {
    guard let child = server.withLock({ $0 }) else { return }
    child.terminate()
    for _ in 0..<100 where !child.hasEnded { usleep(100_000) }
    if !child.hasEnded { kill(child.pid, SIGKILL) }
    _ = child.wait()
  }

  /// Starts the server alone and waits until it answers; for measurements of its API.
  func serve(in folder: ScratchFolder) throws -> (port: UInt16, key: String, pid: pid_t) {
    let environment = try PythonEnvironment("octoprint", Self.packages, dependencies: true)
    let child = try start(environment, folder)
    let deadline = Date().addingTimeInterval(180)
    let connection = KeptConnection(.local(UInt16(httpPort)), headers: "X-Api-Key: \(Self.key)\r\n")
    while (try? connection.ask("GET", "/api/version")) != 200 {
      guard Date() < deadline, !child.hasEnded else { throw BenchError("OctoPrint does not answer") }
      usleep(200_000)
    }
    return (UInt16(httpPort), Self.key, child.pid)
  }

  func print(_ file: String, port: String, in folder: ScratchFolder, deadline: Double, stopAfter: Double?)
    async throws -> StreamRun
  {
    let environment = try PythonEnvironment("octoprint", Self.packages, dependencies: true)
    let child = try start(environment, folder)
    let script = folder.file("octoprint.py")
    try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
    let output = folder.file("octoprint.json")
    let client = try ChildProcess.start(
      environment.python,
      [
        script, "http://127.0.0.1:\(httpPort)", Self.key, "\(child.pid)", port, file, "\(deadline)",
        "\(stopAfter ?? 0)",
      ], output: output)
    if try await client.isLate(after: deadline + 420) { kill(client.pid, SIGKILL) }
    let usage = client.wait()
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: output)),
      let run = try? JSONDecoder().decode(StreamRun.self, from: data)
    else { throw BenchError("the OctoPrint client ended with \(usage.exitCode) and said nothing") }
    return run
  }

  private func start(_ environment: PythonEnvironment, _ folder: ScratchFolder) throws -> ChildProcess {
    try server.withLock { server in
      if let server { return server }
      let base = folder.file("octoprint")
      try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
      try Self.configuration(ports: folder.file("port-*")).write(
        toFile: base + "/config.yaml", atomically: true, encoding: .utf8)
      let child = try ChildProcess.start(
        environment.folder + "/bin/octoprint",
        [
          "serve", "--iknowwhatimdoing", "--basedir", base, "--host", "127.0.0.1", "--port", "\(httpPort)",
        ])
      server = child
      return child
    }
  }

  private static func configuration(ports: String) -> String {
    """
    api:
      key: \(key)
    gcodeAnalysis:
      runAt: never
    plugins:
      _disabled: [announcements, discovery, errortracking, health_check, softwareupdate, tracking]
    serial:
      additionalPorts: ["\(ports)"]
      autoconnect: false
    server:
      firstRun: false
      onlineCheck:
        enabled: false
      pluginBlacklist:
        enabled: false
      seenWizards:
        backup: null
        corewizard: 4
        tracking: null
    """
  }

  private static let script = #"""
    import http.client, json, os, sys, time, urllib.request
    base, key, pid, port, path = sys.argv[1:6]
    deadline, stop_after = float(sys.argv[6]), float(sys.argv[7])

    def ask(where, body=None, kind="application/json"):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = {"X-Api-Key": key, "Content-Type": kind}
        request = urllib.request.Request(base + where, data=data, headers=headers)
        text = urllib.request.urlopen(request, timeout=30).read()
        return json.loads(text) if text else {}

    def reaches(seconds, test):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if test():
                    return True
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        return False

    def used():
        nanoseconds = 0
        for task in os.listdir("/proc/%s/task" % pid):
            try:
                nanoseconds += int(open("/proc/%s/task/%s/schedstat" % (pid, task)).read().split()[0])
            except OSError:
                pass
        return nanoseconds * 1e-9

    def state():
        return ask("/api/connection")["current"]["state"]

    if not reaches(120, lambda: ask("/api/version")):
        raise SystemExit("OctoPrint does not answer")
    # A print that had no end is still the server's own: the next one is another connection.
    ask("/api/connection", {"command": "disconnect"})
    if not reaches(60, lambda: state().startswith(("Closed", "Offline", "Error"))):
        raise SystemExit("it does not let go of the port: " + state())
    mark = "fabline-bench-boundary"
    name = "bench.gcode"
    head = '--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % (mark, name)
    body = head.encode() + open(path, "rb").read() + ("\r\n--%s--\r\n" % mark).encode()
    ask("/api/files/local", body, "multipart/form-data; boundary=" + mark)
    # Damage may meet the greeting too: whoever sits before it presses the button again.
    for attempt in range(4):
        ask("/api/connection", {"command": "connect", "port": port, "baudrate": 115200, "autoconnect": False})
        if reaches(45, lambda: state() == "Operational"):
            break
        print("not connected: " + state(), file=sys.stderr, flush=True)
        ask("/api/connection", {"command": "disconnect"})
    else:
        raise SystemExit("no connection in four tries")
    time.sleep(2)
    cpu, began, asked, complaint = used(), time.monotonic(), 0, None
    ask("/api/files/local/" + name, {"command": "select", "print": True})
    time.sleep(0.3)
    while True:
        time.sleep(0.2)
        now = state()
        elapsed = time.monotonic() - began
        if stop_after and elapsed > stop_after:
            asked = time.monotonic_ns()
            ask("/api/printer/command", {"command": "M112"})
            time.sleep(3)
            break
        if not (now.startswith("Printing") or now.startswith("Starting") or now.startswith("Finishing")):
            if now != "Operational":
                complaint = now
            break
        if elapsed > deadline:
            job = ask("/api/job")
            complaint = "no end in %d s, %.0f %% printed" % (deadline, job["progress"]["completion"] or 0)
            break
    seconds, cpu = time.monotonic() - began, used() - cpu
    peak = 0
    for line in open("/proc/%s/status" % pid):
        if line.startswith("VmHWM:"):
            peak = int(line.split()[1])
    try:
        ask("/api/connection", {"command": "disconnect"})
    except OSError:
        pass
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakKilobytes": peak, "complaint": complaint,
                      "stopAskedAt": asked}), flush=True)
    """#
}
