/// What a person chose and answered; without any word the plan is made for the first line that may not have run.
public struct RecoveryChoice: Equatable, Sendable {
  /// Where to go on.
  public enum Place: Equatable, Sendable {
    /// At the first line that may not have run, at the height that was named.
    case proposed
    /// At this line of the file.
    case line(Int64)
    /// Where this layer begins, counted from 1.
    case layer(Int32)
  }

  /// Where to go on.
  public var place = Place.proposed
  /// The height at which the nozzle stands, in mm, out of those that were asked about; nil for the lowest.
  public var height: Double?

  /// Makes a choice.
  public init(place: Place = .proposed, height: Double? = nil) {
    self.place = place
    self.height = height
  }
}

/// Something that only a person at the machine can see.
public struct RecoveryQuestion: Equatable, Sendable {
  /// The name under which the answer is given.
  public var id: String
  /// The question.
  public var text: String
  /// What can be answered; the first is what lets the plan run, except for `height`, where each does.
  public var choices: [String]

  /// Makes a question.
  public init(id: String, text: String, choices: [String]) {
    self.id = id
    self.text = text
    self.choices = choices
  }

  /// Whether an answer lets the plan run.
  public func isSatisfied(by answer: String) -> Bool {
    id == Self.height ? choices.contains(answer) : answer == choices.first
  }

  /// Is the part stuck to the bed?
  public static let stuck = "stuck"
  /// Is the nozzle free of the part?
  public static let free = "free"
  /// At which height does the nozzle stand?
  public static let height = "height"
  /// Does the firmware home X and Y alone?
  public static let homesXY = "homesXY"
}

/// Why there is no plan.
public struct RecoveryRefusal: Error, Equatable, Sendable {
  /// The stable dotted code, such as `recovery.zNotHeld`.
  public var code: String
  /// One or two sentences: what stands in the way, and what can be done instead.
  public var sentence: String

  /// Makes a refusal.
  public init(_ code: String, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }
}
