import APIModel
import Synchronization

/// Where the host listens, as `status` tells it: known once each place is bound.
final class Listening: Sendable {
  /// The configuration's path; nil where there is none.
  let configuration: String?
  private let places = Mutex<[ListeningModel]>([])

  init(configuration: String? = nil) { self.configuration = configuration }

  /// One more.
  func add(_ place: ListeningModel) { places.withLock { $0.append(place) } }

  /// All of them.
  var all: [ListeningModel] { places.withLock { $0 } }
}
