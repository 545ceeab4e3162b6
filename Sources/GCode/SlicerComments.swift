/// What a slicer wrote about its file in comments: PrusaSlicer, SuperSlicer, OrcaSlicer, BambuStudio, Slic3r, Cura,
/// Simplify3D, ideaMaker.
///
/// Feed it raw lines in the order of the file; the first 64 KB and the last 256 KB hold all it knows. The first value of a
/// key counts. Values are what the slicer meant, not what the file does: `FileFacts` tells that. Text is bounded in
/// length, lists in number, so that a hostile file costs no memory.
public struct SlicerComments: Equatable, Sendable {
  /// The slicer's name, such as `PrusaSlicer` or `Cura`.
  public var slicer: String?
  /// Its version as it writes it.
  public var version: String?
  /// The printer's model, such as `MK3S`; in Cura's files the machine's name.
  public var printerModel: String?
  /// The name of the printer's profile in the slicer.
  public var printerProfile: String?
  /// The nozzles' diameters in mm, one a tool.
  public var nozzles: [Double] = []
  /// The filaments' types such as `PLA`, one a tool.
  public var filamentTypes: [String] = []
  /// The filaments' colours such as `#FF8000`, one a tool.
  public var filamentColours: [String] = []
  /// The names of the filaments' profiles, one a tool.
  public var filamentNames: [String] = []
  /// The filament used in mm, one a tool.
  public var filamentMillimetres: [Double] = []
  /// The filament used in g, one a tool.
  public var filamentGrams: [Double] = []
  /// The filament used by all tools in g, where only the sum is told.
  public var totalGrams: Double?
  /// The printing time in seconds; nil where the slicer told none.
  public var seconds: Double? {
    get { toldSeconds ?? elapsed }
    set { toldSeconds = newValue }
  }
  var toldSeconds: Double?
  /// What Cura's files say behind each layer; the last one is the whole.
  var elapsed: Double?
  /// The printing time in the printer's silent mode in seconds.
  public var silentSeconds: Double?
  /// How many layers there are.
  public var layers: Int32?
  /// The height of a layer in mm.
  public var layerHeight: Double?
  /// The height of the first layer in mm.
  public var firstLayerHeight: Double?
  /// The greatest height in mm.
  public var maximumZ: Double?
  /// The nozzles' temperatures on the first layer in °C, one a tool.
  public var nozzleTemperatures: [Double] = []
  /// The bed's temperature on the first layer in °C, one a filament.
  public var bedTemperatures: [Double] = []
  /// How many lines carry a print host's address or key, which must not be stored.
  public var printHostLines: Int64 = 0
  /// Whether the file tells its progress by M73.
  public var hasProgress = false

  /// Makes an empty reader.
  public init() {}

  /// Reads one raw line, without its ending; lines that are no comments cost a look at their first bytes.
  public mutating func read(_ line: ArraySlice<UInt8>) {
    line.withUnsafeBufferPointer { read($0) }
  }

  /// Reads one raw line, without its ending.
  public mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
    guard let first = line.first else { return }
    guard first == ASCII.semicolon else {
      if !hasProgress, line.behind("M73 ", at: 0) != nil { hasProgress = true }
      return
    }
    var start = 1
    while start < line.count, ASCII.isBlank(line[start]) || line[start] == ASCII.semicolon { start &+= 1 }
    guard start < line.count else { return }
    for (prefix, key) in SlicerKey.table {
      if prefix.utf8Start[0] == line[start], let value = line.behind(prefix, at: start) {
        return take(key, CommentText(line, from: value))
      }
    }
  }

  /// All filament in g; nil where the slicer told none.
  public var grams: Double? {
    filamentGrams.isEmpty ? totalGrams : filamentGrams.reduce(0, +)
  }

  /// All filament in mm; nil where the slicer told none.
  public var millimetres: Double? {
    filamentMillimetres.isEmpty ? nil : filamentMillimetres.reduce(0, +)
  }

  /// Whether a raw line is a comment that carries a print host's address, user, password or key.
  ///
  /// PrusaSlicer and its kin write their whole configuration into a file, and with it `; printhost_apikey = ...`. Such
  /// lines are to be left out when a file is taken in. Blanks around the `;` do not matter.
  public static func isPrintHostLine(_ line: ArraySlice<UInt8>) -> Bool {
    line.withUnsafeBufferPointer { isPrintHostLine($0) }
  }

  /// Whether a raw line is a comment that carries a print host's address, user, password or key.
  public static func isPrintHostLine(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    var start = 0
    while start < line.count, ASCII.isBlank(line[start]) { start &+= 1 }
    guard start < line.count, line[start] == ASCII.semicolon else { return false }
    while start < line.count, ASCII.isBlank(line[start]) || line[start] == ASCII.semicolon { start &+= 1 }
    return line.behind("printhost_", at: start) != nil || line.behind("print_host", at: start) != nil
  }
}
