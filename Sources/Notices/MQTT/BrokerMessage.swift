/// One MQTT message that the broker keeps for whoever subscribes later.
public struct BrokerMessage: Equatable, Sendable {
  /// The topic.
  public var topic: String
  /// The payload, UTF-8; an empty one takes the kept message away.
  public var payload: String

  /// Makes a message.
  public init(topic: String, payload: String) {
    self.topic = topic
    self.payload = payload
  }
}

/// What of a machine goes over MQTT.
public struct MachineReading: Equatable, Sendable {
  /// One heater, °C.
  public struct Heater: Equatable, Sendable {
    /// `T0`, `B`, …
    public var name: String
    /// Measured.
    public var current: Double
    /// Asked for; 0 is off.
    public var target: Double

    /// Makes a reading.
    public init(name: String, current: Double, target: Double) {
      self.name = name
      self.current = current
      self.target = target
    }
  }

  /// The machine's name: letters, digits, `-` and `_`.
  public var name: String
  /// `idle`, `printing`, …, `noDriver`.
  public var phase: String
  /// Why it is in that phase, where there is a reason.
  public var reason: String?
  /// Whether a person has to do something.
  public var needsPerson: Bool
  /// What it prints, by the file's name.
  public var job: String?
  /// How far, in percent; nil where nothing prints.
  public var percent: Int?
  /// Seconds left, where known.
  public var remaining: Int64?
  /// Its heaters.
  public var heaters: [Heater] = []

  /// Makes a reading of a machine of which little is known.
  public init(name: String, phase: String, needsPerson: Bool) {
    self.name = name
    self.phase = phase
    self.needsPerson = needsPerson
  }
}
