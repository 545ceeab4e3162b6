import Foundation

/// Which functions of the driver a print runs through, from `fabline print` with the driver under callgrind: the linker puts
/// them side by side, so that the rest of the program is not mapped. Needs valgrind and binutils.
struct FunctionOrder {
  var path: String

  func run() throws {
    ChildProcess.becomeSubreaper()
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let output = folder.file("driver.callgrind")
    try wrapDriver(folder, output)
    let file = folder.file("part.gcode")
    try Self.part.write(toFile: file, atomically: true, encoding: .utf8)
    let printer = try VirtualPrinter(
      in: folder, name: "port", arguments: ["--time-factor", "max", "--no-pacing"])
    setenv("FABLINE_RUN", folder.file("run"), 1)
    let host = try ChildProcess.start(folder.file("fabline"), ["print", file, "--port", printer.port])
    let usage = host.wait()
    _ = try printer.finish()
    guard usage.exitCode == 0 else { throw BenchError("fabline print ended with \(usage.exitCode)") }
    // The driver outlives the command by a moment, and valgrind writes at its very end.
    let deadline = Date().addingTimeInterval(60)
    while !FileManager.default.fileExists(atPath: output) || !DriverProcesses.children().isEmpty {
      guard Date() < deadline else { throw BenchError("the driver does not end under valgrind") }
      usleep(100_000)
      while waitpid(-1, nil, WNOHANG) > 0 {}
    }
    let text = try String(contentsOfFile: output, encoding: .utf8)
    let executed = ExecutedFunctions(program: "fabline-driver", callgrind: text)
    guard !executed.names.isEmpty else { throw BenchError("callgrind saw no function of the driver") }
    try executed.list().write(toFile: path, atomically: true, encoding: .utf8)
    print("\(executed.names.count) functions of the driver ran: \(path)")
  }

  /// `fabline` starts the driver beside itself: there stands a script that starts the real one under callgrind.
  private func wrapDriver(_ folder: ScratchFolder, _ output: String) throws {
    let files = FileManager.default
    try files.copyItem(atPath: Programs.path("fabline"), toPath: folder.file("fabline"))
    try files.createDirectory(atPath: folder.file("real"), withIntermediateDirectories: false)
    let driver = folder.file("real/fabline-driver")
    try files.copyItem(atPath: Programs.path("fabline-driver"), toPath: driver)
    // Valgrind does not bear the debug information of some C targets; the symbols stay.
    guard try ChildProcess.start("/usr/bin/strip", ["--strip-debug", driver]).wait().exitCode == 0 else {
      throw BenchError("cannot strip \(driver)")
    }
    let script = """
      #!/bin/sh
      exec /usr/bin/valgrind --quiet --tool=callgrind --demangle=no --callgrind-out-file=\(output) \(driver) "$@"

      """
    try script.write(toFile: folder.file("fabline-driver"), atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("fabline-driver"))
  }

  /// What an ordinary print has: heat waits, homing, modes, layers, fan, retraction, moves.
  private static var part: String {
    var text = """
      M140 S60
      M104 S200
      M190 S60
      M109 S200
      G28
      G90
      M83
      G92 E0
      M117 begun
      M73 P1 R2

      """
    for index in 0..<1500 {
      if index % 300 == 0 {
        text +=
          ";LAYER:\(index / 300)\nG1 E-1 F2400\nG1 Z\(Double(index / 300 + 1) / 5) F600\nM106 S\(index / 8)\n"
      }
      text += "G1 X\(10 + Double(index % 100) / 5) Y\(10 + Double(index % 77) / 5) E0.01\n"
    }
    return text + "M104 S0\nM140 S0\nM107\nM84\n"
  }
}
