import Foundation
import GRDB
import Testing
import Thumbnail
import Toolpath

@testable import JobStore

@Suite("What is in a stored file")
struct ContentsTests {
  /// 2 by 2 pixels, as PrusaSlicer writes them.
  private static let picture = PNGEncoder.encode([UInt8](repeating: 200, count: 16), width: 2, height: 2)

  private static var fileWithPicture: String {
    let text = Data(picture).base64EncodedString()
    return "; thumbnail begin 2x2 \(text.utf8.count)\n; \(text.prefix(78))\n"
      + (text.utf8.count > 78 ? "; \(text.dropFirst(78))\n" : "") + "; thumbnail end\n" + sampleFile
  }

  @Test("Layers, time and picture are found by following the path, and kept")
  func contents() async throws {
    let shop = try await Shop()
    let hash = try await shop.takeIn().file.hash
    let contents = try await shop.store.contents(ofFile: hash)
    #expect(contents.path.layers.map(\.z) == [0.2, 0.4])
    #expect(contents.path.seconds > 3 && contents.path.seconds < 10)
    #expect(contents.path.part == contents.path.bounds && contents.path.part.maxX == 60)
    #expect(contents.picture?.hasPrefix("<svg ") == true)
    // The bytes are not read again: what is kept is enough.
    try FileManager.default.removeItem(atPath: shop.folder.path + "/files/\(hash).gcode")
    let kept = try await shop.store.contents(ofFile: hash)
    #expect(kept.path.layers == contents.path.layers && kept.picture == contents.picture)
    #expect(kept.path.bounds == contents.path.bounds && kept.path.hasLayerMarks && !kept.path.isCut)
  }

  @Test("What the slicer told stays; what it did not tell is filled in and named")
  func completion() async throws {
    let shop = try await Shop()
    let told = try await shop.takeIn().file.hash
    _ = try await shop.store.contents(ofFile: told)
    let first = try await shop.store.file(told).facts
    #expect(first.seconds == 3723 && first.toolMillimetres == [6] && first.toolGrams == [0.02])
    #expect(
      first.layerHeight == 0.2 && first.computed == ["layers", "layerHeight", "firstLayerHeight", "size"])
    let bare = "G28\nM83\nM104 S200\nG1 X0 Y0 Z0.3 F600\nG1 X30 E2\nG1 Z0.5\nG1 X0 E2\nT1\nG1 X30 E5\n"
    let silent = try await shop.takeIn(bare).file
    #expect(silent.facts.seconds == nil && silent.facts.computed == nil)
    _ = try await shop.store.contents(ofFile: silent.hash)
    let second = try await shop.store.file(silent.hash).facts
    #expect(second.seconds == 9 && second.layers == 2 && second.toolMillimetres == [4, 5])
    #expect(second.layerHeight == 0.2 && second.firstLayerHeight == 0.3)
    #expect(
      second.computed?.contains("seconds") == true && second.computed?.contains("filamentMillimetres") == true
    )
  }

  @Test("A file of an older database is read when it is asked for, its pictures too")
  func olderFiles() async throws {
    let shop = try await Shop()
    let file = try await shop.takeIn(Self.fileWithPicture).file
    #expect(file.facts.thumbnails.count == 1)
    try await shop.store.database.write { database in
      try database.execute(sql: "DELETE FROM fileThumbnail")
      try database.execute(sql: "UPDATE file SET layerHeight = NULL, computed = NULL")
      try database.execute(sql: "UPDATE fileTool SET millimetres = NULL, grams = NULL")
    }
    #expect(try await shop.store.file(file.hash).facts.thumbnails.isEmpty)
    _ = try await shop.store.contents(ofFile: file.hash)
    let read = try await shop.store.file(file.hash).facts
    #expect(read.thumbnails == file.facts.thumbnails && read.toolMillimetres == [6])
    let bytes = try await shop.store.picture(try #require(read.thumbnails.first), ofFile: file.hash)
    #expect(bytes == Self.picture)
  }

  @Test("A picture whose bytes were changed on the disk is refused")
  func changedPicture() async throws {
    let shop = try await Shop()
    let file = try await shop.takeIn(Self.fileWithPicture).file
    var thumbnail = try #require(file.facts.thumbnails.first)
    thumbnail.offset += 10
    await #expect(throws: StoreError.self) { try await shop.store.picture(thumbnail, ofFile: file.hash) }
  }

  @Test("One layer is read from its place; one that is not there is told")
  func oneLayer() async throws {
    let shop = try await Shop()
    let hash = try await shop.takeIn().file.hash
    let second = try await shop.store.layer(1, ofFile: hash, most: 1000)
    #expect(second.layer.z == 0.4)
    let lines = second.path.lines.map { $0.points.map { [$0.x, $0.y] } }
    #expect(lines == [[[6000, 4000], [1000, 4000], [1000, 1000]]])
    let error = await #expect(throws: StoreError.self) {
      try await shop.store.layer(2, ofFile: hash, most: 1000)
    }
    #expect(error?.code == .layerUnknown)
  }

  @Test("Whoever asks at the same time waits for one reading, and a removed file leaves nothing")
  func together() async throws {
    let shop = try await Shop()
    let hash = try await shop.takeIn().file.hash
    let store = shop.store
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try await store.contents(ofFile: hash).path.layers.count } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(counts == Array(repeating: 2, count: 8))
    try await store.removeFile(hash, by: "kim")
    let rows = try await store.database.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM fileContents")
    }
    #expect(rows == 0)
    await #expect(throws: StoreError.self) { try await store.contents(ofFile: hash) }
  }
}
