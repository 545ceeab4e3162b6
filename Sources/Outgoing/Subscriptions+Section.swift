import Foundation
import HostConfiguration
import Notices
import Supervisor

extension Subscriptions {
  /// What the configuration says, secrets read. Throws `notices.secret` with the file that cannot be read.
  public init(_ section: NoticesSection) throws(HostError) {
    self.init()
    for hook in section.webhooks {
      var secret: String?
      if let path = hook.secretFile { secret = try Subscriptions.secret(path) }
      webhooks.append(
        Webhook(
          url: hook.url, secret: secret, events: Set(hook.events.compactMap(Notice.Event.init(rawValue:)))))
    }
    server = section.server
    if let path = section.tokenFile { token = try Subscriptions.secret(path) }
    topics = section.topics
    pattern = section.pattern
    operators = section.operators
  }

  /// The first line of a small file.
  static func secret(_ path: String) throws(HostError) -> String {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 4096,
      let line = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first,
      line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    else {
      throw HostError(
        code: "notices.secret",
        sentence: "\(path) cannot be read, or does not hold one line of plain characters: "
          + "notices needs the secret in it.")
    }
    return String(line)
  }
}
