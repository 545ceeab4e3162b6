import Thumbnail

/// A stored file and what could be read from it.
public struct FileRecord: Equatable, Sendable {
  /// SHA-256 of the stored bytes, 64 lower-case hexadecimal digits.
  public var hash: String
  /// The name it came with, made safe: no path, no control characters.
  public var name: String
  /// Bytes stored.
  public var size: Int64
  /// When it came first, in milliseconds since 1970.
  public var createdAt: Int64
  /// Who brought it first.
  public var submitter: String
  /// What was read from its lines and comments.
  public var facts: StoredFacts
  /// What a person has to allow before it is printed (it stores settings, it holds lines that are no commands); nil where
  /// there is nothing to ask. A job of the file is held with it at submission.
  public var question: String?

  /// Makes a record.
  public init(
    hash: String, name: String, size: Int64, createdAt: Int64, submitter: String, facts: StoredFacts,
    question: String? = nil
  ) {
    self.hash = hash
    self.name = name
    self.size = size
    self.createdAt = createdAt
    self.submitter = submitter
    self.facts = facts
    self.question = question
  }
}

/// What the lines and the slicer's comments of a file say; nil or empty where they say nothing.
public struct StoredFacts: Equatable, Sendable {
  /// Lines, comments and empty ones included.
  public var lines: Int64 = 0
  /// Lines that hold a command.
  public var commands: Int64 = 0
  /// Layers.
  public var layers: Int64?
  /// The slicer and its version.
  public var slicer: String?
  /// `printer_model` or its like.
  public var printerModel: String?
  /// Nozzle diameter per tool, mm.
  public var nozzles: [Double] = []
  /// Filament type per tool.
  public var materials: [String] = []
  /// Filament length, mm.
  public var filamentMillimetres: Double?
  /// Filament weight, g.
  public var filamentGrams: Double?
  /// Filament length per tool, mm; 0 for tools without.
  public var toolMillimetres: [Double] = []
  /// Filament weight per tool, g; 0 for tools without.
  public var toolGrams: [Double] = []
  /// The height of most layers, mm.
  public var layerHeight: Double?
  /// The height of the first layer, mm.
  public var firstLayerHeight: Double?
  /// The pictures in the file's comments.
  public var thumbnails: [Thumbnail] = []
  /// The names of the facts that the slicer did not tell and that were found by following the path; nil until that was done.
  public var computed: [String]?
  /// Print time as the slicer thinks, seconds.
  public var seconds: Int64?
  /// Extents of what the moves reach: X, Y, Z in mm.
  public var extents: [Double]?
  /// The highest hot-end target in the commands, else the slicer's word, °C.
  public var toolTemperature: Double?
  /// The highest bed target in the commands, else the slicer's word, °C.
  public var bedTemperature: Double?

  /// Makes facts that say nothing.
  public init() {}
}

/// The result of taking a file in.
public struct FileIntake: Equatable, Sendable {
  /// The stored file.
  public var file: FileRecord
  /// The same bytes were stored before: nothing new was kept.
  public var storedBefore: Bool
  /// Things a person should know that do not forbid the file.
  public var remarks: [FileRemark]
  /// How many lines with keys of a print host were taken out.
  public var strippedLines: Int

  /// Makes a result.
  public init(file: FileRecord, storedBefore: Bool, remarks: [FileRemark] = [], strippedLines: Int = 0) {
    self.file = file
    self.storedBefore = storedBefore
    self.remarks = remarks
    self.strippedLines = strippedLines
  }
}

/// One thing that a person should know about a file.
public struct FileRemark: Equatable, Sendable {
  /// A person has to allow it: a job of the file waits until then.
  public var isQuestion: Bool
  /// One or two sentences; they name the line.
  public var sentence: String

  /// Makes a remark.
  public init(isQuestion: Bool, sentence: String) {
    self.isQuestion = isQuestion
    self.sentence = sentence
  }
}
