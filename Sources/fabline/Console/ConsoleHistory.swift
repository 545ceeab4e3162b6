import Glibc

/// The console's earlier lines, kept between runs in `$XDG_STATE_HOME/fabline/console-history`.
struct ConsoleHistory: Sendable {
  /// Where they are kept; nil where there is no home.
  let path: String?

  init(environment: (String) -> String? = RunFolder.environment) {
    if let state = environment("XDG_STATE_HOME"), !state.isEmpty {
      path = state + "/fabline/console-history"
    } else if let home = environment("HOME"), !home.isEmpty {
      path = home + "/.local/state/fabline/console-history"
    } else {
      path = nil
    }
  }

  /// The lines, oldest first; none where there are none.
  func load() -> [String] {
    guard let path, access(path, R_OK) == 0 else { return [] }
    let pieces = FilePieces(path: path).makeIterator()
    var bytes: [UInt8] = []
    // History that cannot be read is no reason not to open a console.
    while let piece = try? pieces.next(), bytes.count < 1 << 20 { bytes += piece }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Keeps them; what cannot be kept is lost, and no harm done.
  func save(_ lines: [String]) {
    guard let path, let slash = path.lastIndex(of: "/") else { return }
    guard (try? Folders.make(String(path[..<slash]))) != nil else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    Output.write(lines.map { $0 + "\n" }.joined(), to: descriptor)
  }
}
