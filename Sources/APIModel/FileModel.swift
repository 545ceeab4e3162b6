/// A stored file and what its slicer wrote in it.
public struct FileModel: Codable, Equatable, Sendable {
  /// SHA-256 of the stored bytes, lower-case hex.
  public var hash: String
  /// The name it came with.
  public var name: String
  /// Bytes.
  public var size: Int64
  /// When it came, ISO 8601.
  public var createdAt: String
  /// Who brought it.
  public var submitter: String
  /// Lines that hold a command.
  public var commands: Int64?
  /// What the slicer says of it.
  public var metadata: FileMetadata
  /// The pictures that the slicer put in; nil where there are none.
  public var thumbnails: [ThumbnailModel]?
  /// Things that a person should know and that do not forbid the file; only in the answer to an upload.
  public var remarks: [String]?

  /// Makes a file.
  public init(hash: String, name: String, size: Int64, createdAt: String, submitter: String) {
    self.hash = hash
    self.name = name
    self.size = size
    self.createdAt = createdAt
    self.submitter = submitter
    self.metadata = FileMetadata()
  }
}

/// A picture in a file's comments.
public struct ThumbnailModel: Codable, Equatable, Sendable {
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int
  /// The media type of what `url` gives.
  public var type: String
  /// Where it is served.
  public var url: String

  /// Makes a thumbnail.
  public init(width: Int, height: Int, type: String, url: String) {
    self.width = width
    self.height = height
    self.type = type
    self.url = url
  }
}

/// What a file asks of one tool, and uses of its filament.
public struct ToolUseModel: Codable, Equatable, Sendable {
  /// The tool, from 0.
  public var tool: Int
  /// Nozzle diameter, mm.
  public var nozzle: Double?
  /// Filament type.
  public var material: String?
  /// Filament length, mm.
  public var millimetres: Double?
  /// Filament weight, g.
  public var grams: Double?

  /// Makes a tool's use.
  public init(tool: Int) { self.tool = tool }
}

/// What the slicer's comments say.
public struct FileMetadata: Codable, Equatable, Sendable {
  /// The slicer and its version.
  public var slicer: String?
  /// `printer_model`.
  public var printerModel: String?
  /// Nozzle diameters per tool, mm.
  public var nozzles: [Double]
  /// Filament types per tool.
  public var materials: [String]
  /// Filament length, mm.
  public var filamentMillimetres: Double?
  /// Filament weight, g.
  public var filamentGrams: Double?
  /// Print time, seconds.
  public var seconds: Int64?
  /// Layers.
  public var layers: Int?
  /// The height of most layers, mm.
  public var layerHeight: Double?
  /// The height of the first layer, mm.
  public var firstLayerHeight: Double?
  /// What each tool is asked for; nil where nothing is known of tools.
  public var tools: [ToolUseModel]?
  /// The names of the members that Fabline found by following the path, because the slicer did not tell; nil until it did.
  public var computed: [String]?
  /// Size of the part: X, Y, Z extents in mm, where known.
  public var size: [Double]?
  /// First-layer temperatures: hot end, bed.
  public var toolTemperature: Double?
  /// Bed temperature.
  public var bedTemperature: Double?
  /// Makes metadata that says nothing.
  public init() {
    self.nozzles = []
    self.materials = []
  }
}

/// An event on `GET /api/v1/events` (SSE): `id` is the sequence, `event` is `kind`, `data` this object.
public struct EventModel: Codable, Sendable {
  /// The supervisor's event sequence.
  public var id: Int64
  /// ISO 8601 with milliseconds.
  public var at: String
  /// `job`, `machine`, `progress`, `heaters`, `log`, `prompt`, `fault`, `drain`.
  public var kind: String
  /// The machine it concerns.
  public var machine: String?
  /// The job it concerns.
  public var job: Int64?
  /// New state, for `job` and `machine`; `on` or `off` for `drain`.
  public var state: String?
  /// Log level, for `log`: `debug`, `info`, `notice`, `warning`, `error`.
  public var level: String?
  /// Text for `log`, `fault`; reason for states.
  public var message: String?
  /// For `progress`.
  public var progress: ProgressModel?
  /// For `heaters`.
  public var heaters: [HeaterModel]?
  /// Makes an event.
  public init(id: Int64, at: String, kind: String) {
    self.id = id
    self.at = at
    self.kind = kind
  }
}

/// `GET /api/v1/status`: the supervisor itself.
public struct StatusModel: Codable, Sendable {
  /// The program's version.
  public var version: String
  /// Its process.
  public var pid: Int32
  /// The state folder.
  public var stateFolder: String
  /// Since when it runs, ISO 8601.
  public var startedAt: String
  /// Jobs by state.
  public var jobs: [String: Int]
  /// Machines.
  public var machines: Int
  /// Who asked that no job starts, and when; nil while jobs are given out.
  public var draining: DrainModel?
  /// Whether the host is kept from shutting down and sleeping while something prints; nil where nothing prints.
  public var inhibitor: String?
  /// What became of a damaged database, until its files are taken away.
  public var storeSetAside: String?
  /// Where it listens.
  public var listening: [ListeningModel]?
  /// The configuration's path; nil where the defaults hold.
  public var configuration: String?
  /// Makes a status.
  public init(version: String, pid: Int32, stateFolder: String, startedAt: String) {
    self.version = version
    self.pid = pid
    self.stateFolder = stateFolder
    self.startedAt = startedAt
    self.jobs = [:]
    self.machines = 0
  }
}

/// A place where the host listens.
public struct ListeningModel: Codable, Equatable, Sendable {
  /// `unix:PATH`, `https://ADDRESS:PORT` or `http://ADDRESS:PORT`.
  public var url: String
  /// Its certificate's SHA-256 fingerprint, which clients remember; nil without TLS.
  public var fingerprint: String?
  /// Makes a place.
  public init(url: String, fingerprint: String? = nil) {
    self.url = url
    self.fingerprint = fingerprint
  }
}

/// A person's word that running jobs finish and none start.
public struct DrainModel: Codable, Equatable, Sendable {
  /// Who said it.
  public var by: String
  /// When, ISO 8601.
  public var since: String
  /// Makes a word.
  public init(by: String, since: String) {
    self.by = by
    self.since = since
  }
}
