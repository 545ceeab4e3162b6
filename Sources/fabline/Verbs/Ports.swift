import ArgumentParser
import Glibc

struct Ports: Verb {
  static let configuration = CommandConfiguration(abstract: "Lists the serial ports of this computer.")

  @OptionGroup var common: CommonOptions

  /// One port, as `--json` prints it.
  struct Port: Codable, Equatable {
    /// The device.
    var port: String
    /// The link that stays right when it is plugged elsewhere.
    var link: String?
  }

  /// What `--json` prints.
  struct Answer: Codable {
    var items: [Port]
  }

  func perform(_ context: Context) async throws {
    let ports = Self.all()
    try context.output.answer(Answer(items: ports)) { output in
      guard !ports.isEmpty else { return output.say("no serial ports; is the printer plugged in and on?") }
      var table = TextTable([.init(title: "PORT"), .init(title: "LINK", minimum: 20)])
      for port in ports { table.add([port.port, port.link ?? ""]) }
      output.table(table)
    }
  }

  /// The USB and board ports below `/dev`, with their links in `/dev/serial/by-id`.
  static func all() -> [Port] {
    var links: [String: String] = [:]
    for name in names(in: "/dev/serial/by-id") {
      let link = "/dev/serial/by-id/" + name
      if let target = resolved(link) { links[target] = link }
    }
    return names(in: "/dev").filter { name in
      ["ttyUSB", "ttyACM", "ttyAMA", "rfcomm"].contains { name.hasPrefix($0) }
    }.sorted().map { Port(port: "/dev/" + $0, link: links["/dev/" + $0]) }
  }

  private static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func resolved(_ path: String) -> String? {
    guard let buffer = realpath(path, nil) else { return nil }
    defer { free(buffer) }
    return String(cString: buffer)
  }
}
