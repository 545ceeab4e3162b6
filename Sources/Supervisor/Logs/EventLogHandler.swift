import Logging

/// swift-log's backend of ours: every line becomes an event of the hub, a line of the file and a line on stderr.
///
/// The metadata keys `machine` and `job` become the line's machine and job; all others follow the text in braces.
public struct EventLogHandler: LogHandler {
  /// What every line of this logger carries.
  public var metadata: Logger.Metadata = [:]
  /// Adds metadata of the task.
  public var metadataProvider: Logger.MetadataProvider?
  /// Lines below are not written.
  public var logLevel: Logger.Level
  private let hub: EventHub

  /// Writes through `hub`, from `level` on.
  public init(hub: EventHub, level: Logger.Level) {
    self.hub = hub
    self.logLevel = level
  }

  /// One key of the metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    let machine = all.removeValue(forKey: "machine").map { "\($0)" }
    let job = all.removeValue(forKey: "job").flatMap { Int64("\($0)") }
    var text = "\(event.message)"
    if !all.isEmpty {
      let pairs = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      text += " {\(pairs.joined(separator: " "))}"
    }
    hub.log(LogLevel(event.level), text, machine: machine, job: job)
  }
}
