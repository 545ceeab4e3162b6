import APIModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// A JSON document with stable member order.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json"
  ) throws -> Response {
    Response(
      status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoded(value))))
  }

  /// A page of a list.
  static func json<Item>(_ page: ItemPage<Item>) throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: try encoded(page)))
  }

  /// A page's bytes, its items encoded one by one: the tree that an encoder makes of two hundred jobs is a megabyte and more,
  /// and leaves holes in the heap for hours.
  static func encoded<Item>(_ page: ItemPage<Item>) throws -> ByteBuffer {
    var buffer = ByteBuffer(string: "{\"items\":[")
    for (index, item) in page.items.enumerated() {
      if index > 0 { buffer.writeString(",") }
      buffer.writeBytes(try encoded(item))
    }
    buffer.writeString("]")
    if let next = page.next {
      buffer.writeString(",\"next\":")
      buffer.writeBytes(try encoded(next))
    }
    buffer.writeString("}")
    return buffer
  }

  /// Done, with nothing to say.
  static let noContent = Response(status: .noContent)

  /// The bytes of a JSON document.
  static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}

extension Request {
  /// A header's value.
  func header(_ name: String) -> String? {
    HTTPField.Name(name).flatMap { headers[$0] }
  }

  /// The body as bytes, of at most what the context allows.
  func bytes(_ context: APIContext) async throws -> Data {
    do {
      let buffer = try await body.collect(upTo: context.maxUploadSize)
      return Data(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Problem.tooLarge
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw Problem.request("the body broke off, or its framing is garbled")
    }
  }

  /// The body as a JSON document; an empty one stands for `{}`.
  func json<Value: Decodable>(_ type: Value.Type, _ context: APIContext) async throws -> Value {
    let data = try await bytes(context)
    do {
      return try JSONDecoder().decode(type, from: data.isEmpty ? Data("{}".utf8) : data)
    } catch let error as DecodingError {
      throw Problem.request(Request.sentence(of: error))
    } catch {
      throw Problem.request("the body is not JSON")
    }
  }

  private static func sentence(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, _): return "the member \(key.stringValue) is missing"
    case .typeMismatch(let type, let context): return "the member \(path(context)) should be a \(type)"
    case .valueNotFound(_, let context): return "the member \(path(context)) has no value"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "the body is not JSON" : "the member \(path(context)) has a value that is not known"
    @unknown default: return "the body is not what this route takes"
    }
  }
}
