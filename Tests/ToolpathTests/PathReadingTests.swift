import Foundation
import GCode
import Testing

@testable import Toolpath

/// A file of Tests/Fixtures/gcode.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/gcode/\(name)")))
}

/// What the reading finds in a file, fed in pieces of one size.
func facts(_ file: [UInt8], pieces: Int = .max) -> PathFacts {
  var reading = PathReading()
  file.withUnsafeBufferPointer { bytes in
    var start = 0
    while start < bytes.count {
      let end = bytes.count - start > pieces ? start + pieces : bytes.count
      reading.feed(UnsafeBufferPointer(rebasing: bytes[start..<end]))
      start = end
    }
  }
  return reading.finish()
}

/// What a layer draws, read from its place alone.
func path(_ file: [UInt8], _ layer: Layer, most: Int = 20_000, kinds: Set<PathKind> = Set(PathKind.allCases))
  -> LayerPath
{
  var path = LayerPath(layer.start, most: most, kinds: kinds)
  file[Int(layer.offset)..<Int(layer.end)].withUnsafeBufferPointer { path.feed($0) }
  path.finish()
  return path
}

func lines(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct PathReadingTests {
  /// File, layers, what its slicer says: seconds, filament in mm.
  static let files: [(name: String, layers: Int, seconds: Double?, filament: Double)] = [
    ("prusaslicer-2.5-pyramid.gcode", 26, 110, 75.94),
    ("prusaslicer-2.5-clip.gcode", 8, 53, 192.64),
    ("slic3r-1.3-pyramid.gcode", 1, nil, 72.6),
  ]

  @Test("Time and filament are within 6% and 3% of what the slicer says", arguments: files)
  func estimates(name: String, layers: Int, seconds: Double?, filament: Double) throws {
    let facts = facts(try fixture(name))
    #expect(facts.layers.count == layers)
    if let seconds { #expect(abs(facts.seconds - seconds) < seconds * 0.06, "\(facts.seconds)") }
    #expect(
      facts.filament.count == 1 && abs(facts.filament[0] - filament) < filament * 0.03, "\(facts.filament)")
    #expect(!facts.isCut)
    let sum = facts.layers.reduce(0) { $0 + $1.seconds }
    #expect(sum > 0 && sum <= facts.seconds + 1e-6)
  }

  @Test("The facts do not depend on how the bytes are cut", arguments: [1, 7, 64, 1000])
  func cut(pieces: Int) throws {
    let file = try fixture("prusaslicer-2.5-pyramid.gcode")
    #expect(facts(file, pieces: pieces) == facts(file))
  }

  @Test(
    "Each layer is drawn from its own bytes within the box that the whole pass found",
    arguments: files.map(\.name))
  func seeks(name: String) throws {
    let file = try fixture(name)
    let facts = facts(file)
    for layer in facts.layers {
      var box = Layer.Bounds()
      for point in path(file, layer, kinds: Set(PathKind.allCases).subtracting([.travel])).lines.flatMap(
        \.points)
      {
        let (x, y) = (Double(point.x) / 100, Double(point.y) / 100)
        box.include(minX: x, maxX: x, minY: y, maxY: y)
      }
      for (own, whole) in [
        (box.minX, layer.bounds.minX), (box.minY, layer.bounds.minY), (box.maxX, layer.bounds.maxX),
        (box.maxY, layer.bounds.maxY),
      ] { #expect(abs(own - whole) < 0.02, "line \(layer.line)") }
    }
    #expect(zip(facts.layers, facts.layers.dropFirst()).allSatisfy { $0.end <= $1.offset && $0.z < $1.z })
  }

  @Test("A layer reads back from its record; anything else is none")
  func records() throws {
    for layer in facts(try fixture("prusaslicer-2.5-pyramid.gcode")).layers {
      #expect(layer.record.count == Layer.recordLength && Layer(record: layer.record[...]) == layer)
    }
    #expect(Layer(record: [UInt8](repeating: 255, count: Layer.recordLength)[...]) == nil)
    #expect(Layer(record: [1, 2, 3]) == nil)
  }

  @Test("Purge lines ahead of the first mark belong to no layer; empty layers do not count")
  func marks() {
    let facts = facts(
      lines(
        """
        G28
        M83
        G1 X0 Y0 Z0.3 F3000
        G1 X200 E9
        ;LAYER_CHANGE
        ;TYPE:Skirt/Brim
        G1 X5 Y5 Z0.2
        G1 X90 Y5 E3
        ;TYPE:External perimeter
        G1 X10 Y10
        G1 X20 Y10 E1
        ;LAYER_CHANGE
        ;LAYER_CHANGE
        G1 Z0.4
        G1 X20 Y30 E1
        G1 E-2
        """))
    #expect(facts.layers.map(\.z) == [0.2, 0.4] && facts.layers.map(\.line) == [5, 13])
    #expect(abs(facts.layers[1].height - 0.2) < 1e-9)
    #expect(
      facts.filament == [14] && facts.bounds.maxX == 90 && facts.part.maxX == 20 && facts.part.minX == 10)
    #expect(facts.hasKinds && facts.hasLayerMarks)
  }

  @Test("Without marks a layer begins where plastic is laid down at another height; a hop is none")
  func heights() {
    let facts = facts(
      lines(
        "G28\nM83\nG1 X0 Y0 Z0.2 F900\nG1 X9 E1\nG0 Z5\nG0 X0 Y9\nG0 Z0.2\nG1 X9 E1\nG0 Z0.45\nG1 X0 E1\n"))
    #expect(facts.layers.map(\.z) == [0.2, 0.45] && !facts.hasLayerMarks)
  }

  @Test("A spiral has a bounded number of layers, and so has a file that jumps up and down")
  func bounded() {
    var text = "G28\nM83\n"
    for index in 0..<50_000 { text += "G1 X\(index % 7) Y\(index % 5) Z\(index % 2 * 90).\(index % 9) E1\n" }
    #expect(facts(lines(text)).layers.count <= PathReading.mostLayers)
  }

  @Test("Filament is told by tool; what is drawn back at the end was used")
  func tools() {
    let facts = facts(
      lines("G28\nM83\nG1 X0 Y0 F900\nG1 X9 E4\nT1\nG1 X0 E2\nG1 E-1\nT0\nG1 X9 E1\nG1 E-3\n"))
    #expect(facts.filament == [5, 2])
  }

  @Test(
    "A laser's file is read as its firmware reads it: several words a line, motion that stays in force, power"
  )
  func laser() {
    let file = lines(
      """
      G00 G17 G40 G21 G54
      G90
      M4
      G0 X10Y10
      G1 X60 S300F1200
      Y40
      G1 X10 S0
      Y10 S300
      M5
      G0 X0Y0
      G1 X99
      """)
    let facts = facts(file)
    #expect(facts.isCut && facts.layers.count == 1 && facts.filament.isEmpty)
    #expect(facts.bounds.minX == 10 && facts.bounds.maxX == 60 && facts.bounds.maxY == 40)
    let drawn = path(file, facts.layers[0], kinds: [.cut]).lines
    #expect(
      drawn.map { $0.points.map { [$0.x, $0.y] } } == [
        [[1000, 1000], [6000, 1000], [6000, 4000]], [[1000, 4000], [1000, 1000]],
      ])
  }

  @Test("Whatever the numbers are, nothing traps")
  func extremes() {
    let words = ["999999999999999999999", "-999999999999999999", "0", "0.0000000001", "-", "", "1e5", "."]
    var text = "M83\n;LAYER_CHANGE\n"
    for a in words {
      for b in words {
        text +=
          "M201 X\(a) Y\(b)\nM205 X\(a) J\(b)\nM204 S\(b)\nG1 X\(a) Y\(b) E\(a) F\(b)\nG2 X\(b) I\(a) J\(b) E1\n"
        text += "G3 X1 R\(a)\nG4 S\(a)\nT\(a)\nM220 S\(b)\nG92 X\(a)\nG20\n;LAYER:\(a)\n"
      }
    }
    let facts = facts(lines(text))
    #expect(facts.seconds.isFinite && facts.filament.allSatisfy { $0.isFinite })
    for layer in facts.layers {
      #expect(path(lines(text), layer, most: 100).lines.flatMap(\.points).count <= 100)
    }
    if var picture = PartPicture(of: facts) {
      for index in picture.chosen { picture.add(path(lines(text), facts.layers[index]).lines, layer: index) }
      #expect(picture.finished().hasSuffix("</svg>\n"))
    }
  }
}
