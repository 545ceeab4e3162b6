import APIModel
import Foundation
import HTTPTypes
import Testing
import Thumbnail

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1))) struct ContentsRouteTests {
  private static func block(_ picture: [UInt8], _ mark: String, _ size: String) -> String {
    let text = Data(picture).base64EncodedString()
    return "; \(mark) begin \(size) \(text.utf8.count)\n; \(text)\n; \(mark) end\n"
  }

  /// Pictures of 2 and 4 pixels' width, the larger one as QOI, and two layers.
  private static var file: String {
    let small = PNGEncoder.encode([UInt8](repeating: 90, count: 16), width: 2, height: 2)
    let qoi: [UInt8] =
      Array("qoif".utf8) + [0, 0, 0, 4, 0, 0, 0, 1, 4, 0, 0xFE, 1, 2, 3, 0xC2, 0, 0, 0, 0, 0, 0, 0, 1]
    return block(small, "thumbnail", "2x2") + block(qoi, "thumbnail_QOI", "4x1")
      + """
      G28
      M83
      M104 S200
      ;LAYER_CHANGE
      ;TYPE:External perimeter
      G1 X0 Y0 Z0.2 F600
      G1 X30 E2
      ;LAYER_CHANGE
      G1 Z0.4
      ;TYPE:<script>alert(1)</script>
      G1 X0 Y20 E2

      """
  }

  @Test("A file tells its pictures, and each is served as what it is, to be kept")
  func thumbnails() async throws {
    try await Service.with { service in
      let hash = try await service.upload(Self.file)
      let file = try await service.ask(.get, "/files/\(hash)").decoded(FileModel.self)
      let pictures = try #require(file.thumbnails)
      #expect(pictures.map(\.width) == [2, 4] && pictures.map(\.type) == ["image/png", "image/png"])
      for picture in pictures {
        let answer = try await service.ask(.get, String(picture.url.dropFirst("/api/v1".utf8.count)))
        #expect(answer.status == 200 && answer.type == "image/png" && answer.text.contains("IHDR"))
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(answer.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
        #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
        let tag = try #require(answer.headers[.eTag])
        let again = try await service.ask(
          .get, "/files/\(hash)/thumbnail?size=\(picture.width)", headers: [.ifNoneMatch: tag])
        #expect(again.status == 304 && again.text.isEmpty && again.headers[.eTag] == tag)
      }
      // The largest one where no size is asked for, or none is large enough.
      let largest = try await service.ask(.get, "/files/\(hash)/thumbnail").headers[.eTag]
      #expect(try await service.ask(.get, "/files/\(hash)/thumbnail?size=900").headers[.eTag] == largest)
      #expect(try await service.ask(.get, "/files/\(hash)/thumbnail?size=1").headers[.eTag] != largest)
      let bare = try await service.upload()
      #expect(try await service.ask(.get, "/files/\(bare)/thumbnail").problem().code == "thumbnail.unknown")
      #expect(try await service.ask(.get, "/files/\(bare)/thumbnail").status == 404)
    }
  }

  @Test("Layers are listed and drawn, as JSON and as SVG")
  func layers() async throws {
    try await Service.with { service in
      let hash = try await service.upload(Self.file)
      let layers = try await service.ask(.get, "/files/\(hash)/layers").decoded(LayersModel.self)
      #expect(
        layers.count == 2 && layers.layers.map(\.z) == [0.2, 0.4] && layers.hasMarks && layers.hasKinds)
      #expect(layers.bounds == [0, 0, 30, 20] && layers.seconds > 6)
      let first = try await service.ask(.get, "/files/\(hash)/layers/0").decoded(LayerPathModel.self)
      #expect(first.paths.last == PathModel(kind: "outerWall", points: [0, 0, 3000, 0]))
      let drawing = try await service.ask(.get, "/files/\(hash)/layers/1?format=svg")
      #expect(drawing.type == "image/svg+xml" && drawing.text.hasPrefix("<svg "))
      #expect(!drawing.text.contains("script"))
      #expect(drawing.headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
      #expect(try await service.ask(.get, "/files/\(hash)/layers/2").problem().code == "layer.unknown")
      #expect(try await service.ask(.get, "/files/\(hash)/layers/2").status == 404)
      for path in ["layers/x", "layers/-1", "layers/0?points=1", "layers/0?format=png", "thumbnail?size=x"] {
        #expect(try await service.ask(.get, "/files/\(hash)/\(path)").status == 400, "\(path)")
      }
    }
  }

  @Test("A part without a slicer's picture has one by Fabline; a file that draws nothing has none")
  func picture() async throws {
    try await Service.with { service in
      let hash = try await service.upload(Self.file)
      let picture = try await service.ask(.get, "/files/\(hash)/picture")
      #expect(picture.status == 200 && picture.type == "image/svg+xml" && picture.text.contains("<path "))
      let bare = try await service.upload()
      #expect(try await service.ask(.get, "/files/\(bare)/picture").problem().code == "picture.unknown")
    }
  }

  @Test("After its path was followed a file tells what Fabline found itself")
  func computed() async throws {
    try await Service.with { service in
      let hash = try await service.upload(Self.file)
      _ = try await service.ask(.get, "/files/\(hash)/layers")
      let meta = try await service.ask(.get, "/files/\(hash)").decoded(FileModel.self).metadata
      #expect(meta.computed?.contains("seconds") == true && meta.layerHeight == 0.2)
      #expect(meta.tools?.first?.millimetres == 4)
    }
  }
}
