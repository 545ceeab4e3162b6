import FoundationEssentials
import Glibc

/// The hosts that this user has trusted, with the tokens that they gave: `$XDG_CONFIG_HOME/fabline/hosts.json`, for its
/// owner alone.
struct KnownHosts: Codable, Equatable, Sendable {
  /// One of them.
  struct Host: Codable, Equatable, Sendable {
    /// Of its certificate; nil where the system's authorities vouch for it.
    var fingerprint: String?
    /// What is shown instead of a password.
    var token: String?
    /// The token's number, by which it is taken back.
    var tokenID: Int64?
    /// For whom the token acts.
    var name: String?
  }

  /// By `https://HOST:PORT`.
  var hosts: [String: Host] = [:]

  /// Where it lies.
  static func path(_ environment: (String) -> String? = RunFolder.environment) -> String {
    let home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 } ?? "/root"
    let folder = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
    return folder + "/fabline/hosts.json"
  }

  /// Reads it; none where there is no file. Throws `hosts.unreadable`, `hosts.mode` where others may read or write it.
  static func read(_ path: String) throws(Failure) -> KnownHosts {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return KnownHosts() }
      throw unreadable(path, String(cString: strerror(errno)))
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw Failure(
        code: "hosts.mode", sentence: "\(path) holds tokens, and others can open it: chmod 600 \(path)",
        status: .forbidden)
    }
    do {
      return try JSONDecoder().decode(KnownHosts.self, from: try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw unreadable(path, "it is not what fabline wrote; mend or remove it")
    }
  }

  /// Writes it, whole or not at all, for its owner alone. The corresponding call is `rename`.
  func write(_ path: String) throws(Failure) {
    try Folders.make(path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 })
    let bytes = Array((try JSONText.encode(self, pretty: true) + "\n").utf8)
    let part = path + ".part"
    unlink(part)
    let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.unwritable(path, errno) }
    let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count
    let number = errno
    close(file)
    guard isWritten else { throw Self.unwritable(path, number) }
    guard rename(part, path) == 0 else { throw Self.unwritable(path, errno) }
  }

  private static func unreadable(_ path: String, _ cause: String) -> Failure {
    Failure(code: "hosts.unreadable", sentence: "\(path) cannot be read: \(cause)", status: .noSuchFile)
  }

  private static func unwritable(_ path: String, _ number: Int32) -> Failure {
    Failure(
      code: "hosts.unwritable", sentence: "\(path) cannot be written: \(String(cString: strerror(number)))",
      status: .cannotStore)
  }
}
