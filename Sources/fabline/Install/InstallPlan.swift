import Glibc
import HostConfiguration

/// What an installation consists of, and what of it has to be done here. Looks at the disk; changes nothing.
struct InstallPlan: Sendable {
  let layout: InstallLayout
  /// What there is, and what there will be.
  private let before: InstallManifest
  private var after: InstallManifest
  private(set) var steps: [InstallStep] = []
  private var made: Set<String> = []

  /// One file of an installation.
  struct Item: Sendable {
    var path: String
    var bytes: [UInt8]
    var mode: UInt32 = 0o644
    /// People edit it: once they did, it is theirs.
    var isConfiguration = false
  }

  /// Plans putting `items` there; `facts` tell what the system has.
  init(layout: InstallLayout, items: [Item], facts: SystemFacts) {
    self.layout = layout
    before = InstallPlan.manifest(layout)
    after = before
    if facts.runsCommands { steps += facts.userSteps(layout) }
    if !layout.prefix.isEmpty, access(layout.prefix, F_OK) != 0 {
      steps.append(InstallStep(.makeFolder(layout.prefix), "make", layout.prefix + "/"))
    }
    let files = steps.count
    for item in items { place(item) }
    let text = after.text
    let old = InstallPlan.bytes(layout.place(layout.manifest))
    if old != Array(text.utf8) {
      folder(InstallPlan.parent(layout.manifest))
      let path = layout.place(layout.manifest)
      // Folders made for the manifest itself belong into it too.
      steps.append(InstallStep(.write(Array(after.text.utf8), to: path, mode: 0o644), "write", path))
    }
    let hasChanged = steps[files...].contains(where: \.changes)
    steps += facts.serviceSteps(layout, hasChanged: hasChanged)
  }

  private mutating func place(_ item: Item) {
    let path = layout.place(item.path)
    let mark = InstallManifest.mark(item.bytes)
    guard let there = InstallPlan.bytes(path) else {
      folder(InstallPlan.parent(item.path))
      write(item, path, mark)
      return
    }
    let isOurs = before.files[item.path] == InstallManifest.mark(there)
    if there == item.bytes {
      after.files[item.path] = mark
      steps.append(InstallStep(.nothing, "same", path))
    } else if item.isConfiguration, !isOurs {
      steps.append(InstallStep(.nothing, "keep", "\(path): it was edited, and stays as it is"))
    } else {
      if !isOurs, before.files[item.path] != nil || !item.isProgram {
        steps.append(
          InstallStep(.write(there, to: path + ".old", mode: 0o644), "save", "\(path).old: it was edited"))
        after.files[item.path + ".old"] = InstallManifest.mark(there)
      }
      write(item, path, mark)
    }
  }

  private mutating func write(_ item: Item, _ path: String, _ mark: String) {
    after.files[item.path] = mark
    steps.append(
      InstallStep(
        .write(item.bytes, to: path, mode: item.mode), "write",
        "\(path) (\(NumberText.grouped(Int64(item.bytes.count))) bytes)"))
  }

  /// Makes what is missing of a folder and those above it.
  private mutating func folder(_ path: String) {
    guard path != "/", !path.isEmpty, !made.contains(path) else { return }
    made.insert(path)
    folder(InstallPlan.parent(path))
    let place = layout.place(path)
    guard access(place, F_OK) != 0 else { return }
    steps.append(InstallStep(.makeFolder(place), "make", place + "/"))
    if !after.folders.contains(path) { after.folders.append(path) }
  }

  static func manifest(_ layout: InstallLayout) -> InstallManifest {
    let bytes = bytes(layout.place(layout.manifest)) ?? []
    return InstallManifest(text: String(decoding: bytes, as: UTF8.self))
  }

  static func parent(_ path: String) -> String {
    "/" + path.split(separator: "/").dropLast().joined(separator: "/")
  }

  /// A small file, or a program, whole; nil where there is none.
  static func bytes(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    var all = [UInt8](repeating: 0, count: Int(facts.st_size))
    var length = 0
    while length < all.count {
      let count = all.withUnsafeMutableBytes { space in
        read(descriptor, space.baseAddress.map { $0 + length }, space.count - length)
      }
      guard count > 0 else { break }
      length += count
    }
    return Array(all.prefix(length))
  }
}

extension InstallPlan.Item {
  fileprivate var isProgram: Bool { mode & 0o111 != 0 }
}

extension InstallPlan {
  /// Everything that belongs to an installation, in the order in which it is put there.
  static func items(_ layout: InstallLayout) throws(Failure) -> [Item] {
    var items: [Item] = []
    for program in ["fabline", "fablined", "fabline-driver", "virtual-printer"] {
      let source = try Siblings.path(of: program)
      guard let bytes = bytes(source) else {
        throw Failure(code: "install.program", sentence: "\(source) cannot be read", status: .noSuchFile)
      }
      items.append(Item(path: layout.programs + "/" + program, bytes: bytes, mode: 0o755))
    }
    for file in try PageSource.files() {
      items.append(Item(path: layout.page + "/" + file.name, bytes: file.bytes))
    }
    let units = ServiceUnits(layout: layout)
    func text(_ path: String, _ text: String, isConfiguration: Bool = false) {
      items.append(Item(path: path, bytes: Array(text.utf8), isConfiguration: isConfiguration))
    }
    text(layout.units + "/fablined.service", units.supervisor)
    text(layout.units + "/fabline-driver.socket", units.driverSocket)
    text(layout.units + "/fabline-driver@.service", units.driver)
    if layout.scope == .system {
      text(layout.udevRules, UdevRules.text)
      text(layout.polkitRules, InstallTexts.polkit)
    }
    for shell in Completions.Shell.allCases { text(layout.completion(shell), shell.script) }
    text(layout.settings, ConfigurationSample.text, isConfiguration: true)
    text(layout.configuration, InstallTexts.configuration(layout), isConfiguration: true)
    return items
  }
}
