import GCode

/// What is known of the lines around the stop. Line numbers of the file, from 1; ends included.
public struct RunWindow: Equatable, Sendable {
  /// Every line up to here certainly ran; 0 where none did.
  public var ranUpTo: Int64
  /// Lines behind `ranUpTo` up to here may have run, wholly or in part; equal to `ranUpTo` where there is no doubt.
  public var mayHaveRunUpTo: Int64
  /// How many commands that is.
  public var doubtful: Int64

  /// Makes a window.
  public init(ranUpTo: Int64, mayHaveRunUpTo: Int64, doubtful: Int64) {
    self.ranUpTo = ranUpTo
    self.mayHaveRunUpTo = mayHaveRunUpTo
    self.doubtful = doubtful
  }
}

/// A height at which the nozzle may stand, and what follows from it.
public struct HeightChoice: Equatable, Sendable {
  /// In mm.
  public var z: Double
  /// The layer, from 1; 0 where the file does not tell.
  public var layer: Int32
  /// The first line in doubt that begins at this height.
  public var line: Int64
}

/// Where the file goes on.
public struct ResumePlace: Equatable, Sendable {
  /// The first line that is printed again.
  public var line: Int64
  /// The offset of its first byte.
  public var offset: Int64
  /// The layer, from 1; 0 where the file does not tell.
  public var layer: Int32
  /// Where the nozzle has to be before it.
  public var position: Position
}

/// All that a person has to see before a print is recovered, and the plan.
public struct RecoveryResult: Equatable, Sendable {
  /// What ran and what may have; nil where nothing is on record.
  public var window: RunWindow?
  /// The heights that the nozzle may stand at, lowest first.
  public var heights: [HeightChoice] = []
  /// Where the plan goes on.
  public var place: ResumePlace?
  /// How high the nozzle is believed to stand, in mm.
  public var believedZ: Double?
  /// What has to be asked.
  public var questions: [RecoveryQuestion] = []
  /// What a person should know besides.
  public var notes: [String] = []
  /// The plan as lines of G-code without line endings; empty where it is refused.
  public var plan: [String] = []
  /// Why there is no plan.
  public var refusal: RecoveryRefusal?

  /// Makes a result that says nothing yet.
  public init() {}

  /// Makes the result of something that was refused before the file was read.
  public init(refusal: RecoveryRefusal) { self.refusal = refusal }

  /// 16 hexadecimal digits that stand for the plan and the place in the file; consent is given to these.
  public var hash: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bytes: some Sequence<UInt8>) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 10) &* 0x100_0000_01b3
    }
    add("\(place?.line ?? 0) \(place?.offset ?? 0)".utf8)
    for line in plan { add(line.utf8) }
    var digits = String(hash, radix: 16)
    while digits.utf8.count < 16 { digits = "0" + digits }
    return digits
  }
}
