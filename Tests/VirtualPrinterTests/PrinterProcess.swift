import CLinux
import Glibc
import Testing

/// A failure of the test's own making: something did not come in time, or a call failed.
struct Trouble: Error, CustomStringConvertible {
  var description: String
}

/// A `virtual-printer` that runs, with its output; ended when the last reference goes.
final class PrinterProcess {
  /// Nothing here takes longer, even on a machine that does ten other things.
  static let patience: Int64 = 30_000_000_000

  let folder: String
  private let pid: Int32
  private let output: Int32
  private let errors: Int32
  private var hasEnded = false

  /// Starts the program with these arguments.
  init(_ arguments: [String]) throws {
    let folder = try Self.makeFolder()
    self.folder = folder
    var out: [Int32] = [-1, -1]
    var err: [Int32] = [-1, -1]
    guard pipe(&out) == 0, pipe(&err) == 0 else {
      throw Trouble(description: "no pipe")
    }
    let path = Self.program
    let words = [path] + arguments.map { $0.replacing("FOLDER", with: folder) }
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    pid = clinux_spawn(path, &pointers, nil, -1, out[1], err[1], 0)
    close(out[1])
    close(err[1])
    output = out[0]
    errors = err[0]
    if pid <= 0 { throw Trouble(description: "cannot start \(path): error \(-pid)") }
  }

  deinit {
    if !hasEnded {
      kill(pid, SIGKILL)
      var exit = clinux_exit()
      _ = clinux_pid_wait(pid, 1, &exit)
    }
    close(output)
    close(errors)
    for name in ["port", "report", "executed", "log"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  /// Starts one on a terminal, and returns it with the path that its first line names.
  static func onTerminal(_ arguments: String...) throws -> (PrinterProcess, String) {
    let printer = try PrinterProcess(
      arguments + ["--report", "FOLDER/report", "--executed", "FOLDER/executed"])
    let line = try printer.readLine()
    guard line.hasPrefix("port ") else { throw Trouble(description: "no port line: \(line)") }
    return (printer, String(line.dropFirst(5)))
  }

  private static func makeFolder() throws -> String {
    var template = Array("/tmp/virtual-printer-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Trouble(description: "no folder") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The programs of this build lie beside the test bundle.
  private static let program: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "/" + own.split(separator: "/").dropLast().joined(separator: "/") + "/virtual-printer"
  }()

  /// The next line that the program prints.
  func readLine() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      try wait(for: output, "a line of output")
      let count = read(output, &byte, 1)
      if count <= 0 || byte == 10 { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  /// Tells it something.
  func signal(_ number: Int32) { kill(pid, number) }

  /// All that it prints until it ends, and its exit code; `signal` is sent first unless it is 0.
  func end(signal: Int32 = SIGTERM) throws -> (code: Int32, output: String, errors: String) {
    if signal != 0 { kill(pid, signal) }
    let said = (try drain(output), try drain(errors))
    var exit = clinux_exit()
    _ = clinux_pid_wait(pid, 1, &exit)
    hasEnded = true
    return (exit.signal == 0 ? exit.status : -exit.signal, said.0, said.1)
  }

  /// Ends it and reads a number of its report.
  func report() throws -> Report {
    let (code, _, errors) = try end()
    guard code == 0 else { throw Trouble(description: "ended with \(code): \(errors)") }
    return Report(text: file("report"))
  }

  /// What a file of its folder holds; empty when there is none.
  func file(_ name: String) -> String {
    guard let file = fopen(folder + "/" + name, "r") else { return "" }
    defer { fclose(file) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { return String(decoding: text, as: UTF8.self) }
      text += piece.prefix(count)
    }
  }

  /// Writes a file into its folder.
  func write(_ text: String, to name: String) { writeFile(text, folder + "/" + name) }

  private func drain(_ descriptor: Int32) throws -> String {
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      try wait(for: descriptor, "the end of the program")
      let count = read(descriptor, &piece, piece.count)
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += piece.prefix(count)
    }
  }

  private func wait(for descriptor: Int32, _ what: String) throws {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    if poll(&state, 1, Int32(Self.patience / 1_000_000)) <= 0 { throw Trouble(description: "no \(what)") }
  }
}

/// Numbers of the report, by their keys.
struct Report {
  var text: String

  subscript(key: String) -> Double? {
    guard let start = text.firstRange(of: "\"\(key)\":")?.upperBound else { return nil }
    return Double(text[start...].prefix { $0 != "," && $0 != "}" })
  }
}

func writeFile(_ text: String, _ path: String) {
  guard let file = fopen(path, "w") else { return }
  fputs(text, file)
  fclose(file)
}

/// Asks again and again until the answer is yes: for what nobody announces.
func eventually(_ what: String, _ isTrue: () throws -> Bool) throws {
  let end = clinux_monotonic_ns() + PrinterProcess.patience
  while try !isTrue() {
    if clinux_monotonic_ns() > end { throw Trouble(description: "never: \(what)") }
    poll(nil, 0, 1)
  }
}
