import Glibc

/// The programs of this build: they lie beside the test bundle.
enum Programs {
  /// The folder that holds the bundle that runs now.
  static let folder: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { space in
      space.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, space.count) } ?? -1
    }
    let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return "/" + own.split(separator: "/").dropLast().joined(separator: "/")
  }()

  static func path(_ name: String) -> String { folder + "/" + name }
}
