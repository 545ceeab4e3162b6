/// The firmwares' dialects by name.
enum Dialects {
  /// As the driver knows them.
  static let names = ["marlin", "marlin1", "prusa", "rrf", "repetier", "smoothie", "grbl", "grblhal"]
  /// For a help line.
  static let list = names.joined(separator: ", ")

  /// The dialect of a name; nil for `auto` and for nothing, which find out.
  static func named(_ text: String) throws(Failure) -> String? {
    let name = text.lowercased()
    if name.isEmpty || name == "auto" { return nil }
    if name == "klipper" {
      throw .usage("klipper is driven by its own host (Klippy); Fabline does not send to its port")
    }
    guard names.contains(name) else { throw .usage("there is no dialect \(text): \(list), or auto") }
    return name
  }

  /// Whether machines of this dialect cut or burn: their jobs start attended.
  static func isAttended(_ name: String?) -> Bool { name == "grbl" || name == "grblhal" }
}
