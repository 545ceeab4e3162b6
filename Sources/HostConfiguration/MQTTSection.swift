/// `mqtt:` the broker that hears of the machines; for programs that were built with the trait MQTT.
public struct MQTTSection: ConfigurationSection {
  /// The broker's name or address; nil for none.
  public var host: String?
  /// Its port.
  public var port = 1883
  /// The file with the authorities that sign the broker's certificate; nil for no TLS.
  public var caFile: String?
  /// The user's name, where the broker wants one.
  public var user: String?
  /// The file with the password.
  public var passwordFile: String?
  /// Before all topics.
  public var prefix = "fabline"
  /// Where Home Assistant looks for devices; nil not to tell it.
  public var discovery: String? = "homeassistant"
  /// Pause, resume and emergency stop are taken from the broker.
  public var commands = false

  static let name = "mqtt"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    host = try section.text("host")
    port = try section.number("port", 1...65535) ?? port
    caFile = try section.path("ca-file")
    user = try section.text("user")
    passwordFile = try section.path("password-file")
    if let text = try section.text("prefix") {
      guard MQTTSection.isTopic(text) else { throw section.wrong("prefix", MQTTSection.topicRule) }
      prefix = text
    }
    if let text = try section.text("discovery") {
      guard MQTTSection.isTopic(text) else { throw section.wrong("discovery", MQTTSection.topicRule) }
      discovery = text == "no" ? nil : text
    }
    commands = try section.flag("commands") ?? commands
    if passwordFile != nil, user == nil { throw section.wrong("password-file", "needs user") }
  }

  private static let topicRule = "has to be letters, digits, - and _, levels separated by /"

  private static func isTopic(_ text: String) -> Bool {
    text.utf8.count <= 100 && !text.hasPrefix("/") && !text.hasSuffix("/")
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "/") }
  }

  static let sample = """
    mqtt:
      # The broker that hears of the machines; needs a program that was built with `swift build --traits MQTT`.
      #host:
      #port: 1883
      # TLS, with the authorities in this file that sign the broker's certificate.
      #ca-file:
      #user:
      #password-file:
      # Before all topics.
      #prefix: fabline
      # Where Home Assistant looks for devices; no to tell it nothing.
      #discovery: homeassistant
      # Take pause, resume and estop from whoever may write to the broker.
      #commands: no
    """
}
