import CPingPong
import Foundation

/// The C sender, in a process of its own so that its processor time stands alone.
enum PingPong {
  /// Prints `path` on `port` and one JSON line of figures.
  static func run(port: String, path: String) throws {
    var report = pingpong_report()
    guard pingpong_print(port, 115_200, path, &report) == 0 else {
      throw BenchError("pingpong on \(port): \(String(cString: strerror(errno)))")
    }
    print(#"{"lines": \#(report.lines), "resends": \#(report.resends), "seconds": \#(report.seconds)}"#)
  }
}
