import APIModel
import ArgumentParser
import Glibc

struct MachineMeasure: Verb {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measures how much the board takes at once, so that more lines may be in flight.",
    discussion: """
      Fills the firmware's buffers until it loses bytes, with lines that do nothing; nothing moves and nothing heats. \
      The machine must be idle. What was measured is kept as the profile of this firmware.
      """)

  @Argument(help: "The machine.") var name: MachineName
  @Flag(help: "Yes, measure: do not ask.") var yes = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let result = try await context.withSupervisor { api in
      // A machine that does not exist is said before anything is asked.
      let machine = try await api.machine(name.value)
      try Consent.ask(
        "fill the buffers of \(name.value) (\(machine.settings.port)) until bytes are lost? nothing moves or heats",
        given: yes)
      return try await api.act(name.value, ActRequest(act: "measure"), seconds: 300)
    }
    try context.output.answer(result) { output in
      if let message = result.message { output.say(TextWidth.harmless(message)) }
      if let profile = result.profile { output.say("\(name.value): " + ProfileText.words(profile)) }
    }
  }
}

struct MachineProfile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows, exports and imports what was measured of firmwares.",
    subcommands: [ProfileList.self, ProfileExport.self, ProfileImport.self],
    defaultSubcommand: ProfileList.self)
}

struct ProfileList: Verb {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the profiles.")

  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let page = try await context.withSupervisor { try await $0.profiles() }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else { return output.say("no profiles: fabline machine measure MACHINE") }
      output.table(ProfileText.table(page.items))
    }
  }
}

struct ProfileExport: Verb {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes profiles as JSON, for another space to import.",
    discussion: "Example: fabline machine profile export ender > ender.json")

  @Argument(help: "A machine's name for its firmware's profile, or a fingerprint; all without.")
  var which: String?
  @Option(name: [.short, .long], help: "Write to this file, not to standard output.", completion: .file())
  var output: String?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let text = try await context.withSupervisor { api -> String in
      guard let which else { return try JSONText.encode(try await api.profiles(), pretty: true) }
      let fingerprint = try await Self.fingerprint(which, api)
      return try JSONText.encode(try await api.profile(fingerprint), pretty: true)
    }
    guard let output else { return Output.write(text + "\n", to: STDOUT_FILENO) }
    try Self.write(text + "\n", to: RunFolder.absolute(output))
    context.output.say("written to \(output)")
  }

  /// 16 hexadecimal digits are a fingerprint, anything else is a machine.
  static func fingerprint(_ which: String, _ api: SupervisorAPI) async throws -> String {
    if which.utf8.count == 16, which.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) { return which }
    guard let name = MachineName(argument: which) else {
      throw Failure.usage("\(which) is no machine's name and no fingerprint (16 hexadecimal digits)")
    }
    guard let fingerprint = try await api.machine(name.value).fingerprint else {
      throw Failure(
        code: "profile.unknown",
        sentence: "\(which)'s firmware has not answered yet, so which profile is its own is not known",
        status: .notNow)
    }
    return fingerprint
  }

  private static func write(_ text: String, to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(path) }
    let bytes = Array(text.utf8)
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard close(descriptor) == 0, written == bytes.count else { throw unwritable(path) }
  }

  private static func unwritable(_ path: String) -> Failure {
    Failure(
      code: "file.store", sentence: "\(path) cannot be written: \(String(cString: strerror(errno)))",
      status: .cannotStore)
  }
}

struct ProfileImport: Verb {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes profiles that `export` wrote.")

  @Argument(help: "The JSON file.", completion: .file(extensions: ["json"])) var file: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let profiles = try Self.read(RunFolder.absolute(file))
    let stored = try await context.withSupervisor { api in
      var stored: [ProfileModel] = []
      for profile in profiles { stored.append(try await api.store(profile)) }
      return ItemPage(items: stored)
    }
    try context.output.answer(stored) { output in
      for profile in stored.items { output.say("imported: " + ProfileText.words(profile)) }
    }
  }

  /// One profile, or the page that an export of all is.
  static func read(_ path: String) throws(Failure) -> [ProfileModel] {
    var bytes: [UInt8] = []
    let pieces = FilePieces(path: path).makeIterator()
    while let piece = try pieces.next() {
      bytes += piece
      guard bytes.count <= 4 << 20 else { throw .usage("\(path) is too long to be profiles") }
    }
    if let page = try? JSONText.decode(ItemPage<ProfileModel>.self, bytes) { return page.items }
    if let one = try? JSONText.decode(ProfileModel.self, bytes) { return [one] }
    throw Failure(
      code: "profile.invalid", sentence: "\(path) is no profile that `fabline machine profile export` wrote",
      status: .badGCode)
  }
}

/// Profiles as people read them.
enum ProfileText {
  static func table(_ profiles: [ProfileModel]) -> TextTable {
    var table = TextTable([
      .init(title: "FINGERPRINT"), .init(title: "FIRMWARE", minimum: 10), .init(title: "BUFFER", right: true),
      .init(title: "QUEUE", right: true), .init(title: "MEASURED", expendable: 2),
      .init(title: "NOTE", minimum: 8, expendable: 3),
    ])
    for profile in profiles {
      table.add([
        profile.fingerprint, MachineText.firmwareName(profile.firmware),
        profile.receiveBuffer.map { "\($0)" } ?? "", profile.queueLines.map { "\($0)" } ?? "",
        profile.measuredAt.map { Timestamp.local($0) } ?? "", profile.note ?? "",
      ])
    }
    return table
  }

  /// `receive buffer 128 bytes, queue 4 lines, of Marlin 2.1.2 (profile 00ff…)`.
  static func words(_ profile: ProfileModel) -> String {
    let buffer = profile.receiveBuffer.map { "receive buffer \($0) bytes" } ?? "receive buffer not known"
    let queue = profile.queueLines.map { "queue \(NumberText.count(Int64($0), "line"))" } ?? "queue not known"
    let firmware = TextWidth.harmless(MachineText.firmwareName(profile.firmware))
    return "\(buffer), \(queue), of \(firmware) (profile \(profile.fingerprint))"
  }
}
