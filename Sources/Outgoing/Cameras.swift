import AsyncHTTPClient
import Camera
import NIOCore
import NIOHTTP1

/// Fetches pictures of machines' cameras for whoever asks, and asks each camera once: a picture that several want is fetched
/// for all of them, a stream is taken once and handed on.
public actor Cameras: CameraSource {
  private let limits: CameraLimits
  private let resolve: @Sendable (String) async -> Resolver.Answer
  private var fetches: [String: Fetch] = [:]
  private var relays: [String: Relay] = [:]
  private var nextNumber: UInt64 = 0

  private struct Fetch {
    let number: UInt64
    let camera: CameraPlace
    let task: Task<Result<CameraPicture, CameraError>, Never>
  }

  /// One stream and who watches it.
  ///
  ///     opening --head of a stream--> open --its end, nobody watches--> gone
  ///        '------anything else------------------------------------------^
  private final class Relay {
    let number: UInt64
    let camera: CameraPlace
    var isOpen = false
    var waiting: [CheckedContinuation<CameraError?, Never>] = []
    var watchers: [UInt64: AsyncStream<CameraPicture>.Continuation] = [:]
    var newest: CameraPicture?
    var pump: Task<Void, Never>?

    init(number: UInt64, camera: CameraPlace) {
      self.number = number
      self.camera = camera
    }
  }

  /// Fetches within `limits`.
  public init(limits: CameraLimits = CameraLimits()) {
    self.init(limits: limits) { await Resolver.addresses(of: $0) }
  }

  init(limits: CameraLimits, resolve: @escaping @Sendable (String) async -> Resolver.Answer) {
    self.limits = limits
    self.resolve = resolve
  }

  /// How many watch; for tests.
  var watcherCount: Int { relays.values.reduce(0) { $0 + $1.watchers.count } }

  // MARK: - One picture

  /// One picture; the newest of its stream, where somebody watches that.
  public func picture(of camera: CameraPlace) async throws(CameraError) -> CameraPicture {
    if let newest = relays[camera.machine], newest.camera == camera, let picture = newest.newest {
      return picture
    }
    if let fetch = fetches[camera.machine], fetch.camera == camera { return try await fetch.task.value.get() }
    guard let address = camera.snapshot ?? camera.stream else { throw .unknown(camera.machine) }
    let request = request(address, camera.machine)
    let limits = limits
    let task = Task {
      await Cameras.within(limits.seconds, machine: camera.machine) { () async throws(CameraError) in
        try await request.answer { try await Cameras.first(of: $0, camera.machine, limits) }
      }
    }
    nextNumber += 1
    let number = nextNumber
    fetches[camera.machine] = Fetch(number: number, camera: camera, task: task)
    let result = await task.value
    if fetches[camera.machine]?.number == number { fetches[camera.machine] = nil }
    return try result.get()
  }

  /// The picture that an answer is, or the first of a stream.
  private static func first(
    of response: HTTPClientResponse, _ machine: String, _ limits: CameraLimits
  ) async throws -> CameraPicture {
    let said = response.headers.first(name: "Content-Type") ?? ""
    if let type = PictureType(contentType: said) {
      let body = try await response.body.collect(upTo: limits.bytes)
      guard body.readableBytes > 0 else { throw CameraError.noPicture(machine, "empty") }
      return CameraPicture(type: type, bytes: Array(body.readableBytesView))
    }
    guard var reader = FrameReader(contentType: said, limit: limits.bytes) else {
      throw CameraError.noPicture(machine, shown(said))
    }
    for try await piece in response.body {
      if let picture = try reader.take(piece.readableBytesView).first { return picture }
    }
    throw CameraError.noPicture(machine, "a stream without a picture")
  }

  /// A media type as a sentence may hold it.
  private static func shown(_ type: String) -> String {
    let word = type.prefix(60).prefix { ($0.isASCII && $0.isLetter) || $0.isNumber || "/+.-".contains($0) }
    return word.isEmpty ? "something without a type" : String(word)
  }

  /// What `work` gives, or that it took too long. Whatever it still waits for then is left to itself.
  private static func within(
    _ seconds: Int, machine: String,
    _ work: @escaping @Sendable () async throws(CameraError) -> CameraPicture
  ) async -> Result<CameraPicture, CameraError> {
    let (results, result) = AsyncStream.makeStream(of: Result<CameraPicture, CameraError>.self)
    let working = Task {
      do throws(CameraError) {
        result.yield(.success(try await work()))
      } catch {
        result.yield(.failure(error))
      }
    }
    let alarm = Task {
      try await Task.sleep(for: .seconds(seconds))
      result.yield(.failure(.silent(machine, seconds: seconds)))
    }
    defer {
      working.cancel()
      alarm.cancel()
    }
    for await first in results { return first }
    return .failure(.silent(machine, seconds: seconds))
  }

  private func request(_ address: CameraAddress, _ machine: String) -> CameraRequest {
    CameraRequest(address: address, machine: machine, limits: limits, resolve: resolve)
  }

  // MARK: - A stream

  /// The pictures of its stream. Throws `camera.busy` where as many watch as may.
  public func watch(_ camera: CameraPlace) async throws(CameraError) -> CameraWatch {
    guard let address = camera.stream else { throw .noStream(camera.machine) }
    if let old = relays[camera.machine], old.camera != camera { end(old, nil) }
    let watched = relays[camera.machine]?.watchers.count ?? 0
    guard watched < limits.watchers, watcherCount < limits.watchersInAll else { throw .busy }
    let relay = relays[camera.machine] ?? begin(camera, address)
    nextNumber += 1
    let number = nextNumber
    let (pictures, continuation) = AsyncStream.makeStream(
      of: CameraPicture.self, bufferingPolicy: .bufferingNewest(1))
    relay.watchers[number] = continuation
    continuation.onTermination = { [relayNumber = relay.number] _ in
      Task { await self.leave(camera.machine, relayNumber, number) }
    }
    if let newest = relay.newest { continuation.yield(newest) }
    guard !relay.isOpen else { return CameraWatch(pictures, continuation) }
    if let error = await withCheckedContinuation({ relay.waiting.append($0) }) { throw error }
    return CameraWatch(pictures, continuation)
  }

  private func begin(_ camera: CameraPlace, _ address: CameraAddress) -> Relay {
    nextNumber += 1
    let relay = Relay(number: nextNumber, camera: camera)
    relays[camera.machine] = relay
    let request = request(address, camera.machine)
    relay.pump = Task { [number = relay.number, limits] in
      do throws(CameraError) {
        try await request.answer { response in
          let said = response.headers.first(name: "Content-Type") ?? ""
          guard var reader = FrameReader(contentType: said, limit: limits.bytes) else {
            throw CameraError.noPicture(camera.machine, Cameras.shown(said))
          }
          await self.opened(camera.machine, number)
          for try await piece in response.body {
            for picture in try reader.take(piece.readableBytesView) {
              await self.handOn(picture, camera.machine, number)
            }
          }
        }
        self.over(camera.machine, number, nil)
      } catch {
        self.over(camera.machine, number, error)
      }
    }
    return relay
  }

  private func relay(_ machine: String, _ number: UInt64) -> Relay? {
    relays[machine].flatMap { $0.number == number ? $0 : nil }
  }

  private func opened(_ machine: String, _ number: UInt64) {
    guard let relay = relay(machine, number) else { return }
    relay.isOpen = true
    for waiting in relay.waiting { waiting.resume(returning: nil) }
    relay.waiting = []
  }

  private func handOn(_ picture: CameraPicture, _ machine: String, _ number: UInt64) {
    guard let relay = relay(machine, number) else { return }
    relay.newest = picture
    for watcher in relay.watchers.values { watcher.yield(picture) }
  }

  private func over(_ machine: String, _ number: UInt64, _ error: CameraError?) {
    if let relay = relay(machine, number) { end(relay, error) }
  }

  private func leave(_ machine: String, _ relayNumber: UInt64, _ number: UInt64) {
    guard let relay = relay(machine, relayNumber) else { return }
    relay.watchers[number] = nil
    if relay.watchers.isEmpty { end(relay, nil) }
  }

  private func end(_ relay: Relay, _ error: CameraError?) {
    if relays[relay.camera.machine] === relay { relays[relay.camera.machine] = nil }
    relay.pump?.cancel()
    for watcher in relay.watchers.values { watcher.finish() }
    relay.watchers = [:]
    let machine = relay.camera.machine
    for waiting in relay.waiting {
      waiting.resume(returning: error ?? .unreachable(machine, "its stream ended at once"))
    }
    relay.waiting = []
  }
}
