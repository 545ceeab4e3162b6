/// The page's modules as two files, so that a phone far from its access point waits one turn for all of them and not one for
/// each six: those that the first page needs, and those that are read when they are gone to.
///
/// Each module becomes a function, run when it is first imported, as the browser would do. Understood is what the page's
/// modules use: imports of one line at a line's beginning, `export` in front of a declaration, `import(…)`, `import.meta.url`.
/// A module with a default is a dictionary, and stays a file of its own.
struct ModuleBundle {
  /// Why modules cannot be joined: one of them says something that is not understood.
  struct Misread: Error, Equatable {
    /// The module's name.
    var module: String
    /// The line.
    var line: String
  }

  /// What the first page needs; it reads `rest` beside it when more is wanted.
  let first: String
  /// The other modules.
  let rest: String

  /// Joins these modules, by their names below the page's folder; `main` is run.
  init(_ modules: [String: String], main: String, rest name: String) throws(Misread) {
    let apart = modules.filter { $0.value.contains("\nexport default ") }.map(\.key).sorted()
    let joined = modules.filter { !apart.contains($0.key) }
    let needed = Self.needed(by: main, in: joined)
    first = """
      const define = {
      \(try Self.functions(joined.filter { needed.contains($0.key) }))};
      const apart = [\(apart.map { "'\($0)'" }.joined(separator: ", "))];
      const made = {};
      const beside = (name) => new URL(name, import.meta.url);
      function use(name) {
        if (made[name]) return made[name];
        const out = (made[name] = {});
        define[name](use, out, (path) => load(new URL(path, `x:/${name}`).pathname.slice(1)), beside(name));
        return out;
      }
      async function load(name) {
        if (apart.includes(name)) return import(beside(name));
        if (!define[name]) Object.assign(define, (await import(beside('\(name)'))).default);
        return use(name);
      }
      use('\(main)');
      export { use };

      """
    rest = "export default {\n\(try Self.functions(joined.filter { !needed.contains($0.key) }))};\n"
  }

  /// The modules that are read with this one.
  private static func needed(by main: String, in modules: [String: String]) -> Set<String> {
    var needed: Set<String> = []
    var open = [main]
    while let name = open.popLast() {
      guard let source = modules[name], needed.insert(name).inserted else { continue }
      for line in source.split(separator: "\n") where line.hasPrefix("import ") {
        let parts = line.split(separator: "'")
        if parts.count > 1 { open.append(resolved(parts[1], from: name)) }
      }
    }
    return needed
  }

  private static func functions(_ modules: [String: String]) throws(Misread) -> String {
    var text = ""
    for (name, source) in modules.sorted(by: { $0.key < $1.key }) {
      text += "'\(name)'($use, $out, $load, $place) {\n\(try function(of: name, source))},\n"
    }
    return text
  }

  private static func function(of name: String, _ source: String) throws(Misread) -> String {
    var lines: [Substring] = []
    var exported: [Substring] = []
    for line in withoutComments(source) {
      if line.hasPrefix("import ") {
        guard let text = imported(line, by: name) else { throw Misread(module: name, line: String(line)) }
        lines.append(text[...])
      } else if line.hasPrefix("export ") {
        guard let word = declared(line) else { throw Misread(module: name, line: String(line)) }
        exported.append(word)
        lines.append(line.dropFirst(7))
      } else {
        lines.append(line)
      }
    }
    // What a module exports is known before it is run: functions may be used by one that it imports.
    let names = exported.map { "get \($0)() { return \($0); }" }.joined(separator: ", ")
    let text = lines.joined(separator: "\n").replacing("import(", with: "$load(")
      .replacing("import.meta.url", with: "$place")
    return "Object.defineProperties($out, Object.getOwnPropertyDescriptors({ \(names) }));\n" + text
  }

  /// Comments that have lines of their own are for those who read the source.
  private static func withoutComments(_ source: String) -> [Substring] {
    var isComment = false
    return source.split(separator: "\n").filter { line in
      let text = line.trimmingPrefix { $0 == " " }
      if text.hasPrefix("/**") { isComment = true }
      defer { if text.hasSuffix("*/") { isComment = false } }
      return !isComment && !text.hasPrefix("// ")
    }
  }

  /// `import { a, b as c } from './x.js';` or `import * as x from './x.js';` as the use of another function.
  private static func imported(_ line: Substring, by name: String) -> String? {
    let parts = line.dropFirst(7).split(separator: "'", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].hasSuffix(" from "), parts[2] == ";" else { return nil }
    let target = resolved(parts[1], from: name)
    let what = parts[0].dropLast(6)
    if what.hasPrefix("* as ") { return "const \(what.dropFirst(5)) = $use('\(target)');" }
    guard what.hasPrefix("{"), what.hasSuffix("}") else { return nil }
    return "const \(what.replacing(" as ", with: ": ")) = $use('\(target)');"
  }

  /// The name that `export` stands in front of; nil for one that may change, of which importers would keep the old value.
  private static func declared(_ line: Substring) -> Substring? {
    var words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }.dropFirst()
    if words.first == "async" { words.removeFirst() }
    guard let kind = words.popFirst(), ["function", "const", "class"].contains(kind) else { return nil }
    return words.first
  }

  /// `../core/dom.js` from `views/job.js` is `core/dom.js`.
  private static func resolved(_ path: Substring, from name: String) -> String {
    var folders = name.split(separator: "/").dropLast()
    for step in path.split(separator: "/") where step != "." {
      if step == ".." { _ = folders.popLast() } else { folders.append(step) }
    }
    return folders.joined(separator: "/")
  }
}
