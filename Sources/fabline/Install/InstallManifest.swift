/// What an installation put on the disk: what an uninstallation takes away again, and how an edited file is known.
struct InstallManifest: Equatable, Sendable {
  /// By path, without a prefix: the mark of what was written.
  var files: [String: String] = [:]
  /// Folders that were made, outer ones first.
  var folders: [String] = []

  /// An empty one.
  init() {}

  /// Reads what `text` wrote; lines that mean nothing are passed over.
  init(text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      switch words.first {
      case "file" where words.count == 3: files[words[2]] = words[1]
      case "folder" where words.count >= 2: folders.append(words.dropFirst().joined(separator: " "))
      default: break
      }
    }
  }

  /// A line each.
  var text: String {
    let head = "# What fabline install wrote here; fabline uninstall reads it.\n"
    let lines = folders.map { "folder \($0)" } + files.sorted { $0.key < $1.key }.map { "file \($1) \($0)" }
    return head + lines.map { $0 + "\n" }.joined()
  }

  /// A mark that tells an edited file from one that was not: FNV-1a, 64 bits, and the length. Of what nobody edits by hand,
  /// programs of many megabytes, the beginning and the end will do.
  static func mark(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let some = bytes.count <= 1 << 18 ? bytes[...] : bytes.prefix(1 << 14) + bytes.suffix(1 << 14)
    for byte in some { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16) + "-\(bytes.count)"
  }
}
