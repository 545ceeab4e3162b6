import APIModel

/// What people have to know of the supervisor before anything else.
enum StatusText {
  /// A line for each thing that is not as usual.
  static func notices(_ status: StatusModel) -> [String] {
    var notices: [String] = []
    if let drain = status.draining {
      notices.append(
        "draining since \(Timestamp.local(drain.since)), said \(drain.by): running jobs finish, none start; "
          + "fabline drain --off ends it")
    }
    for place in status.listening ?? [] where !place.url.hasPrefix("unix:") {
      notices.append(
        "listens at \(place.url)" + (place.fingerprint.map { ", certificate \($0)" } ?? ", without TLS"))
    }
    if let inhibitor = status.inhibitor { notices.append("shutdown: \(inhibitor)") }
    if let damage = status.storeSetAside { notices.append(damage) }
    return notices
  }
}
