/// What tells one machine's firmware from another's, out of the answer to M115: a UUID of its own, and the machine's name.
public struct FirmwareIdentity: Equatable, Sendable {
  /// The UUID in lower case; nil where there is none, or one that every board with that firmware has.
  public var uuid: String?
  /// The machine's name; nil where there is none, or the firmware's standard one.
  public var name: String?

  /// Makes an identity of its parts.
  public init(uuid: String? = nil, name: String? = nil) {
    self.uuid = uuid
    self.name = name
  }

  /// Reads the firmware's words, as M115 answers them: `... MACHINE_TYPE:Ender-3 EXTRUDER_COUNT:1 UUID:...`.
  public init(_ words: String) {
    let pairs = FirmwareIdentity.pairs(words)
    uuid = pairs["UUID"].map { $0.lowercased() }.flatMap { text in
      text.utf8.count < 8 || FirmwareIdentity.commonUUIDs.contains(text) ? nil : text
    }
    name = pairs["MACHINE_TYPE"].flatMap { FirmwareIdentity.commonNames.contains($0) ? nil : $0 }
  }

  /// Nothing that tells it from others.
  public var isEmpty: Bool { uuid == nil && name == nil }

  /// For people: `Ender-3, UUID cede…`.
  public var words: String {
    let parts = [name, uuid.map { "UUID \($0)" }].compactMap { $0 }
    return parts.isEmpty ? "a firmware without a name" : parts.joined(separator: ", ")
  }

  /// Marlin's default `MACHINE_UUID`, which most builds keep, and what is no UUID at all.
  private static let commonUUIDs: Set = [
    "cede2a2f-41a2-4748-9b12-c55c62f367ff", "00000000-0000-0000-0000-000000000000",
  ]
  /// Marlin's default name.
  private static let commonNames: Set = ["3D Printer", ""]

  /// `KEY:value` pairs; a value goes on to the next key, so that names may have blanks.
  private static func pairs(_ words: String) -> [String: String] {
    var pairs: [String: String] = [:]
    var key: String?
    var value: [Substring] = []
    func keep() {
      if let key, pairs[key] == nil { pairs[key] = value.joined(separator: " ") }
    }
    for word in words.split(whereSeparator: \.isWhitespace) {
      if let colon = word.firstIndex(of: ":"), colon > word.startIndex,
        word[..<colon].allSatisfy({ $0.isASCII && ($0.isUppercase || $0 == "_" || $0.isNumber) })
      {
        keep()
        key = String(word[..<colon])
        let rest = word[word.index(after: colon)...]
        value = rest.isEmpty ? [] : [rest]
      } else {
        value.append(word)
      }
    }
    keep()
    return pairs
  }
}

/// What a firmware's words mean for the machine that they were heard on.
public enum FirmwareVerdict: Equatable, Sendable {
  /// It is the one that was known, or nothing tells it from that.
  case same
  /// Something is known now that was not: to be kept.
  case learned(FirmwareIdentity)
  /// It says something else, and is the same all the same: to be kept, and told.
  case told(FirmwareIdentity, String)
  /// It is another machine's, or was replaced: a person decides, and the port is closed until then.
  case doubtful(String)

  /// The table: what `machine` was known by, against what is heard now. `others` are the firmwares of other machines.
  ///
  ///     nothing known, or nothing heard              same, or learned
  ///     known by another machine's UUID              doubtful: swapped?
  ///     same UUID, same name                         same
  ///     same UUID, another name                      told
  ///     another UUID                                 doubtful
  ///     a UUID on one side only, same name           learned
  ///     a UUID on one side only, or none, other name doubtful
  public init(
    _ machine: String, known: FirmwareIdentity?, heard: FirmwareIdentity, others: [String: FirmwareIdentity]
  ) {
    if let owner = FirmwareVerdict.owner(of: heard, known, others) {
      self = .doubtful(
        "the firmware at \(machine)'s port is the one that \(owner) had (\(heard.words)): were the two swapped? "
          + FirmwareVerdict.advice(machine))
      return
    }
    guard let known, !known.isEmpty, !heard.isEmpty else {
      let isNew = !heard.isEmpty
      self = isNew ? .learned(heard) : .same
      return
    }
    let all = FirmwareIdentity(uuid: heard.uuid ?? known.uuid, name: heard.name ?? known.name)
    let isOtherName = known.name != nil && heard.name != nil && known.name != heard.name
    let other = FirmwareVerdict.doubtful(
      "the firmware at \(machine)'s port says that it is \(heard.words), and was \(known.words): was the board "
        + "replaced, or other firmware written to it? " + FirmwareVerdict.advice(machine))
    if let before = known.uuid, let now = heard.uuid {
      guard before == now else {
        self = other
        return
      }
      self =
        isOtherName
        ? .told(all, "\(machine)'s firmware calls itself \(heard.words) now; it was \(known.words)")
        : all == known ? .same : .learned(all)
    } else if isOtherName {
      self = other
    } else {
      self = all == known ? .same : .learned(all)
    }
  }

  /// The one other machine that this firmware was heard on, where it tells machines apart and was not heard on this one.
  private static func owner(
    of heard: FirmwareIdentity, _ known: FirmwareIdentity?, _ others: [String: FirmwareIdentity]
  ) -> String? {
    guard let uuid = heard.uuid, known?.uuid != uuid else { return nil }
    return others.filter { $0.value.uuid == uuid }.keys.min()
  }

  private static func advice(_ machine: String) -> String {
    "Nothing is sent to it. If it is right so: `fabline machine set \(machine) --port PORT` with the port that it is at."
  }
}
