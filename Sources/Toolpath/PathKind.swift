/// What a stretch of the path is for, as far as the slicer's comments tell.
public enum PathKind: UInt8, Sendable, CaseIterable {
  /// Moving without laying anything down.
  case travel
  /// Extrusion that no comment explains.
  case plain
  /// The outer wall.
  case outerWall
  /// Walls inside, thin walls, gaps.
  case innerWall
  /// A wall that hangs over, a bridge.
  case overhang
  /// Sparse infill.
  case infill
  /// Solid infill, top and bottom surfaces, ironing.
  case solid
  /// Support and its interface, raft.
  case support
  /// Skirt, brim, prime tower, purge.
  case skirt
  /// The beam or the spindle is on.
  case cut

  /// The name in documents and drawings.
  public var name: String {
    switch self {
    case .travel: "travel"
    case .plain: "plain"
    case .outerWall: "outerWall"
    case .innerWall: "innerWall"
    case .overhang: "overhang"
    case .infill: "infill"
    case .solid: "solid"
    case .support: "support"
    case .skirt: "skirt"
    case .cut: "cut"
    }
  }

  /// The kind that a comment line announces for what follows; nil for other lines.
  ///
  /// `;TYPE:` (PrusaSlicer, SuperSlicer, OrcaSlicer, Cura, ideaMaker), `; FEATURE: ` (BambuStudio), `; feature ` (Simplify3D).
  public static func read(_ line: UnsafeBufferPointer<UInt8>) -> PathKind? {
    guard line.count > 6, line.count < 64, line[0] == UInt8(ascii: ";") else { return nil }
    for mark in marks where line.count > mark.utf8CodeUnitCount {
      var isHere = true
      for index in 0..<mark.utf8CodeUnitCount where line[index] != mark.utf8Start[index] { isHere = false }
      guard isHere else { continue }
      let word = line[mark.utf8CodeUnitCount...].map { $0 &- 65 < 26 ? $0 | 32 : $0 }
      return kind(of: word.split(whereSeparator: { $0 < 33 || $0 == 45 || $0 == 95 || $0 == 47 }))
    }
    return nil
  }

  private static let marks: [StaticString] = [";TYPE:", "; FEATURE: ", "; feature ", "; TYPE:"]

  /// The first row of which all words are there decides.
  private static let rows: [(words: [String], kind: PathKind)] = [
    (["support"], .support), (["raft"], .support),
    (["overhang"], .overhang), (["bridge"], .overhang),
    (["external", "perimeter"], .outerWall), (["outer"], .outerWall),
    (["perimeter"], .innerWall), (["wall"], .innerWall), (["inset"], .innerWall),
    (["gap"], .innerWall), (["thin"], .innerWall),
    (["solid"], .solid), (["skin"], .solid), (["surface"], .solid), (["ironing"], .solid),
    (["top"], .solid), (["bottom"], .solid),
    (["infill"], .infill), (["fill"], .infill),
    (["skirt"], .skirt), (["brim"], .skirt), (["tower"], .skirt), (["pillar"], .skirt), (["shield"], .skirt),
  ]

  private static func kind(of words: [[UInt8].SubSequence]) -> PathKind {
    func has(_ word: String) -> Bool { words.contains { $0.elementsEqual(word.utf8) } }
    return rows.first { $0.words.allSatisfy(has) }?.kind ?? .plain
  }
}
