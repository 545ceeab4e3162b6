import APIModel
import Supervisor

extension EventModel {
  /// An event of the hub.
  init(_ event: HostEvent) {
    self.init(id: event.id, at: LocalTime.iso8601(event.at), kind: event.kind.rawValue)
    machine = event.machine
    job = event.job
    state = event.state
    level = event.level
    message = event.message
    progress = event.progress.map { ProgressModel($0) }
    heaters = event.heaters?.map(HeaterModel.init)
  }

  /// A line of the log's past.
  init(_ record: LogRecord) {
    self.init(id: record.id, at: LocalTime.iso8601(record.at), kind: HostEvent.Kind.log.rawValue)
    machine = record.machine
    job = record.job
    level = record.level.rawValue
    message = record.message
  }
}
