/// `GET /api/v1/jobs/ID/recovery?line=&layer=&height=`: what is known of a job that was cut short, and the plan for going on
/// with it (safety.md rule 15). Asking changes nothing.
public struct RecoveryModel: Codable, Equatable, Sendable {
  /// The job.
  public var job: Int64
  /// Its name.
  public var name: String
  /// The attempt that is uncertain.
  public var attempt: String
  /// Which copy, from 1.
  public var copy: Int
  /// The machine.
  public var machine: String
  /// Why the attempt is uncertain.
  public var reason: String?
  /// When what is on record was known, ISO 8601; null where nothing is.
  public var recordedAt: String?
  /// How many milliseconds the print may have gone on after that.
  public var staleMs: Int64?
  /// What ran and what may have.
  public var window: Window?
  /// The heights that the nozzle may stand at, lowest first.
  public var heights: [Height]
  /// Where the plan goes on.
  public var place: Place?
  /// How high the nozzle is believed to stand, in mm.
  public var believedZ: Double?
  /// What has to be answered before the plan runs.
  public var questions: [Question]
  /// What a person should know besides.
  public var notes: [String]
  /// The plan, a line of G-code each; empty where it is refused.
  public var plan: [String]
  /// Stands for this plan; `POST .../recover` wants it.
  public var planHash: String?
  /// Why there is no plan.
  public var refusal: Refusal?

  /// Lines of the file, from 1, ends included.
  public struct Window: Codable, Equatable, Sendable {
    /// Every line up to here certainly ran.
    public var ranUpTo: Int64
    /// Lines behind that up to here may have run.
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

  /// A height and what follows from it.
  public struct Height: Codable, Equatable, Sendable {
    /// In mm.
    public var z: Double
    /// The layer, from 1; null where the file does not tell.
    public var layer: Int?
    /// The line at which the plan goes on if the nozzle stands there.
    public var line: Int64
    /// Makes a height.
    public init(z: Double, layer: Int?, line: Int64) {
      self.z = z
      self.layer = layer
      self.line = line
    }
  }

  /// Where the file goes on.
  public struct Place: Codable, Equatable, Sendable {
    /// The first line that is printed again.
    public var line: Int64
    /// The offset of its first byte.
    public var offset: Int64
    /// The layer, from 1; null where the file does not tell.
    public var layer: Int?
    /// X, Y, Z, E before it, in mm.
    public var position: [Double]
    /// Makes a place.
    public init(line: Int64, offset: Int64, layer: Int?, position: [Double]) {
      self.line = line
      self.offset = offset
      self.layer = layer
      self.position = position
    }
  }

  /// Something that only a person at the machine can see.
  public struct Question: Codable, Equatable, Sendable {
    /// The name under which the answer is given.
    public var id: String
    /// The question.
    public var text: String
    /// What can be answered; only the first lets the plan run, but of `height` each does.
    public var choices: [String]
    /// Makes a question.
    public init(id: String, text: String, choices: [String]) {
      self.id = id
      self.text = text
      self.choices = choices
    }
  }

  /// Why there is no plan.
  public struct Refusal: Codable, Equatable, Sendable {
    /// The stable dotted code.
    public var code: String
    /// What stands in the way, and what can be done instead.
    public var sentence: String
    /// Makes a refusal.
    public init(code: String, sentence: String) {
      self.code = code
      self.sentence = sentence
    }
  }

  /// Makes a model of which nothing is known yet.
  public init(job: Int64, name: String, attempt: String, copy: Int, machine: String) {
    self.job = job
    self.name = name
    self.attempt = attempt
    self.copy = copy
    self.machine = machine
    heights = []
    questions = []
    notes = []
    plan = []
  }
}

/// `POST /api/v1/jobs/ID/recover`: a person's word for the plan that was shown.
public struct RecoverRequest: Codable, Equatable, Sendable {
  /// The answers by the questions' names.
  public var answers: [String: String]
  /// The hash of the plan that was shown.
  public var planHash: String
  /// The line that was chosen; as it was asked for.
  public var line: Int64?
  /// The layer that was chosen; as it was asked for.
  public var layer: Int?
  /// Makes a request.
  public init(answers: [String: String], planHash: String, line: Int64? = nil, layer: Int? = nil) {
    self.answers = answers
    self.planHash = planHash
    self.line = line
    self.layer = layer
  }
}

/// `POST /api/v1/jobs/ID/uncertain`: what a person says of a job that is uncertain.
public struct UncertainRequest: Codable, Equatable, Sendable {
  /// `done` where the part is whole, `failed` where it is lost, `goOn` to go on by the plan that was shown.
  public var decision: String
  /// Why, for the history.
  public var reason: String?
  /// With `goOn`: the hash of the plan that was shown, as `GET /api/v1/jobs/ID/recovery` names it.
  public var planHash: String?
  /// With `goOn`: the answers by the questions' names.
  public var answers: [String: String]?
  /// With `goOn`: the line that was chosen; as it was asked for.
  public var line: Int64?
  /// With `goOn`: the layer that was chosen; as it was asked for.
  public var layer: Int?
  /// Makes a request.
  public init(decision: String, reason: String? = nil) {
    self.decision = decision
    self.reason = reason
  }
}
