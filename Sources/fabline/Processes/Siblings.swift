import Glibc

/// The programs that belong together lie in one folder: this one's.
enum Siblings {
  /// The path of a program beside this one. Read through `/proc/self/exe`, so that links and PATH do not matter.
  static func path(of program: String) throws(Failure) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { space in
      space.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, space.count) } ?? -1
    }
    guard count > 0 else { throw missing(program, "?") }
    let own = String(decoding: buffer[..<count], as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/" + folder + "/" + program
    guard access(path, X_OK) == 0 else { throw missing(program, "/" + folder) }
    return path
  }

  private static func missing(_ program: String, _ folder: String) -> Failure {
    Failure(
      code: "internal.program", sentence: "\(program) is not in \(folder), where it belongs beside fabline",
      status: .internalError)
  }
}
