import Camera
import Hummingbird
import NIOCore
import ServiceLifecycle
import Supervisor

/// A machine's camera under our own address: whoever looks is told neither where it is nor with which password.
///
/// Nothing of the camera's answer is handed on but the pictures' bytes; every header is ours.
struct CameraRoutes {
  let supervisor: Supervisor
  let cameras: any CameraSource
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("machines/:name/camera") { _, context in
      let picture = try await cameras.picture(of: try await place(context))
      var response = Response(
        status: .ok, headers: [.contentType: picture.type.rawValue],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture.bytes)))
      response.keepsNothing()
      return response
    }
    routes.get("machines/:name/camera/stream") { request, context in
      let place = try await place(context)
      let watch = try await cameras.watch(place)
      var response = Response(
        status: .ok, headers: [.contentType: "multipart/x-mixed-replace; boundary=\(Self.boundary)"],
        body: body(watch, of: place, request, context.principal))
      response.keepsNothing()
      return response
    }
  }

  private static let boundary = "fabline-picture"

  private func place(_ context: APIContext) async throws -> CameraPlace {
    let settings = try await supervisor.store.machine(try context.parameter("name")).settings
    guard let place = settings.cameraPlace else { throw CameraError.unknown(settings.name) }
    return place
  }

  /// Ends with the camera, when the client goes or is let in no more, when the camera has another address, and when the host is
  /// asked to end.
  private func body(
    _ watch: CameraWatch, of place: CameraPlace, _ request: Request, _ principal: Principal
  ) -> ResponseBody {
    ResponseBody { writer in
      defer { watch.end() }
      try await request.body.consumeWithCancellationOnInboundClose { _ in
        try await withGracefulShutdownHandler {
          try await door.whileLetIn(principal, isWanted: { await isThere(place) }, end: { watch.end() }) {
            for await picture in watch.pictures { try await writer.write(Self.part(picture)) }
          }
        } onGracefulShutdown: {
          watch.end()
        }
      }
      try await writer.finish(nil)
    }
  }

  private func isThere(_ place: CameraPlace) async -> Bool {
    do { return try await supervisor.store.machine(place.machine).settings.cameraPlace == place } catch {
      return error.code != .machineUnknown
    }
  }

  private static func part(_ picture: CameraPicture) -> ByteBuffer {
    let head =
      "--\(boundary)\r\nContent-Type: \(picture.type.rawValue)\r\nContent-Length: \(picture.bytes.count)\r\n\r\n"
    var buffer = ByteBufferAllocator().buffer(capacity: head.utf8.count + picture.bytes.count + 2)
    buffer.writeString(head)
    buffer.writeBytes(picture.bytes)
    buffer.writeString("\r\n")
    return buffer
  }
}

extension Response {
  /// Shown as what it is, never run, never kept.
  fileprivate mutating func keepsNothing() {
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
    headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
  }
}
