import Foundation
import Glibc

/// Where the configuration lies, and what is read from there.
public struct ConfigurationFile: Equatable, Sendable {
  /// The path.
  public var path: String
  /// Somebody named it: then it has to be there.
  public var isNamed: Bool

  /// Wraps a path.
  public init(path: String, isNamed: Bool) {
    self.path = path
    self.isNamed = isNamed
  }

  /// The largest file that is read, in bytes: a configuration is written by hand.
  static let largest = 1 << 20

  /// Finds it: what was asked for, else `FABLINE_CONFIG`, else `/etc/fabline/fabline.yaml` for root and for a service of the
  /// system, else the user's own below `XDG_CONFIG_HOME`.
  public static func resolve(
    option: String?, environment: [String: String], isRoot: Bool, home: String
  ) -> ConfigurationFile {
    func set(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
    if let named = option ?? set("FABLINE_CONFIG") {
      let path = named.hasPrefix("/") ? named : FileManager.default.currentDirectoryPath + "/" + named
      return ConfigurationFile(path: path, isNamed: true)
    }
    let path = isRoot ? system : (set("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/fabline/fabline.yaml"
    return ConfigurationFile(path: path, isNamed: false)
  }

  /// The whole machine's.
  public static let system = "/etc/fabline/fabline.yaml"

  /// Reads it; the defaults where nobody named it and it is not there.
  public func read() throws(ConfigurationError) -> HostConfiguration {
    guard let text = try text() else { return HostConfiguration() }
    return try HostConfiguration(text: text, file: path)
  }

  /// Whether there is a file to be read.
  public var exists: Bool { access(path, F_OK) == 0 }

  private func text() throws(ConfigurationError) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT, !isNamed { return nil }
      throw problem(errno)
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw ConfigurationError(
        code: "configuration.unreadable", path: path, line: nil, reason: "is not a file")
    }
    var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
    var length = 0
    while length < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(file, $0.baseAddress.map { $0 + length }, $0.count - length)
      }
      guard count >= 0 else { throw problem(errno) }
      if count == 0 { break }
      length += count
    }
    guard length <= Self.largest else {
      throw ConfigurationError(
        code: "configuration.unreadable", path: path, line: nil, reason: "is larger than 1 MB")
    }
    guard let text = String(validating: bytes[..<length], as: UTF8.self) else {
      throw ConfigurationError(
        code: "configuration.syntax", path: path, line: nil, reason: "is not UTF-8 text")
    }
    return text
  }

  private func problem(_ number: Int32) -> ConfigurationError {
    ConfigurationError(
      code: number == ENOENT ? "configuration.missing" : "configuration.unreadable", path: path, line: nil,
      reason: number == ENOENT
        ? "there is no such file" : "cannot be read: \(String(cString: strerror(number)))")
  }
}
