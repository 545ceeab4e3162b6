import GCode
import Testing

@testable import Toolpath

@Suite struct DrawingTests {
  @Test(
    "What a stretch is for, as each slicer says it",
    arguments: [
      (";TYPE:External perimeter", PathKind.outerWall), (";TYPE:Perimeter", .innerWall),
      (";TYPE:Overhang perimeter", .overhang), (";TYPE:Internal infill", .infill),
      (";TYPE:Solid infill", .solid), (";TYPE:Top solid infill", .solid), (";TYPE:Bridge infill", .overhang),
      (";TYPE:Gap fill", .innerWall), (";TYPE:Skirt/Brim", .skirt),
      (";TYPE:Support material interface", .support),
      (";TYPE:Wipe tower", .skirt), (";TYPE:Custom", .plain), (";TYPE:Outer wall", .outerWall),
      (";TYPE:Inner wall", .innerWall), (";TYPE:Sparse infill", .infill), (";TYPE:Top surface", .solid),
      (";TYPE:Prime tower", .skirt), (";TYPE:WALL-OUTER", .outerWall), (";TYPE:WALL-INNER", .innerWall),
      (";TYPE:SKIN", .solid), (";TYPE:FILL", .infill), (";TYPE:SUPPORT-INTERFACE", .support),
      (";TYPE:PRIME-TOWER", .skirt), ("; FEATURE: Outer wall", .outerWall),
      ("; feature outer perimeter", .outerWall), ("; feature solid layer", .solid),
    ])
  func kinds(line: String, kind: PathKind) {
    #expect(lines(line).withUnsafeBufferPointer { PathKind.read($0) } == kind)
  }

  @Test(
    "Other lines say nothing of it",
    arguments: ["", ";", ";TYPE:", "; type of part", "G1 X1 ;TYPE:Perimeter"])
  func noKind(line: String) {
    #expect(lines(line).withUnsafeBufferPointer { PathKind.read($0) } == nil)
  }

  @Test("The points of an arc lie on its circle, and end where it ends")
  func arcs() throws {
    let file = lines("G90\nM83\nG1 X30 Y20 Z0.2 F900\nG2 X10 Y20 I-10 J0 E1\nG3 X10 Y20 I10 J0 E1\n")
    let layer = try #require(facts(file).layers.first)
    let points = path(file, layer, kinds: [.plain]).lines.flatMap(\.points)
    #expect(points.count > 60)
    for point in points {
      let (x, y) = (Double(point.x) / 100 - 20, Double(point.y) / 100 - 20)
      #expect(abs((x * x + y * y).squareRoot() - 10) < 0.02)
    }
    // Clockwise from the right over the bottom, then the whole circle.
    #expect(points.contains { $0.y < 1010 } && points.contains { $0.y > 2990 })
    #expect(points.last == LayerPath.Point(10, 20))
  }

  @Test("A layer of any size is drawn within its bound, and close to what it is")
  func decimation() throws {
    var text = "G90\nM83\nG1 X0 Y0 Z0.2 F900\n"
    for index in 0..<60_000 { text += "G1 X\(Double(index % 300) / 3) Y\(Double(index / 300) / 2) E0.01\n" }
    let file = lines(text)
    let layer = try #require(facts(file).layers.first)
    let drawn = path(file, layer, most: 1000)
    let points = drawn.lines.flatMap(\.points)
    #expect(points.count <= 1000 && points.count > 100)
    #expect(points.map(\.x).max() ?? 0 > 9000 && points.map(\.y).max() ?? 0 > 9000)
  }

  @Test("Drawings hold whole numbers and our own words only")
  func svg() throws {
    let file = try fixture("prusaslicer-2.5-pyramid.gcode")
    let facts = facts(file)
    var picture = try #require(PartPicture(of: facts))
    for index in picture.chosen {
      picture.add(path(file, facts.layers[index], kinds: picture.kinds(of: index)).lines, layer: index)
    }
    let layer = LayerDrawing.svg(path(file, facts.layers[3]).lines, bounds: facts.bounds, title: "layer 3")
    for text in [picture.finished(), layer] {
      #expect(
        text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"") && text.hasSuffix("</svg>\n"))
      #expect(text.utf8.count < 60_000)
      for part in text.split(separator: "\"").filter({ $0.hasPrefix("M") }) {
        #expect(part.utf8.allSatisfy { "Ml- 0123456789".utf8.contains($0) })
      }
    }
    #expect(picture.chosen.count == 26 && layer.contains(LayerDrawing.colour(.outerWall)))
  }
}
