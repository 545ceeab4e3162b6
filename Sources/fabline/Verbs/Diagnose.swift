import APIModel
import ArgumentParser

struct Diagnose: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Says what limits the link to a machine: cable, power, speed, adapter, firmware, or nothing.",
    discussion: """
      One verdict, the figures behind it, and how long the firmware took to answer: a bar for each doubling of the time, \
      with the number of lines. Counted since the machine's driver started.
      """)

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let link = try await context.withSupervisor { try await $0.link(machine.value) }
    try context.output.answer(link) { output in
      for line in LinkText.lines(link, on: output.standard) { output.say(line) }
    }
  }
}

/// The link's report as people read it.
enum LinkText {
  /// The verdict first, then the figures, then the histogram.
  static func lines(_ link: LinkModel, on terminal: Terminal) -> [String] {
    let colour: Colour = link.verdict.code == "nothing" ? .green : .yellow
    let verdict = "\(link.machine): \(TextWidth.harmless(link.verdict.sentence))"
    var lines = TextWidth.wrapped(verdict, to: terminal.width).map { colour.paint($0, on: terminal.colour) }
    lines.append("")
    for (name, value) in figures(link) {
      let head = "  " + TextWidth.padded(name, to: 9) + " "
      let rest = TextWidth.wrapped(value, to: terminal.width.map { max(20, $0 - TextWidth.cells(head)) })
      for (index, line) in rest.enumerated() {
        let blank = String(repeating: " ", count: TextWidth.cells(head))
        lines.append((index == 0 ? Colour.dim.paint(head, on: terminal.colour) : blank) + line)
      }
    }
    let trips = Histogram(buckets: link.roundTrips)
    guard let half = trips.within(0.5, unicode: terminal.unicode),
      let most = trips.within(0.99, unicode: terminal.unicode)
    else { return lines }
    lines.append("")
    lines += TextWidth.wrapped(
      "From a line to its answer: half within \(half), 99 of 100 within \(most).",
      to: terminal.width)
    lines += trips.lines(width: (terminal.width ?? 80) - 2, unicode: terminal.unicode).map { "  " + $0 }
    return lines
  }

  /// Each figure with its name; what is not known is left out.
  static func figures(_ link: LinkModel) -> [(String, String)] {
    let adapter = link.adapter.map { " (\($0))" } ?? ""
    var figures = [("port", TextWidth.harmless(link.port + adapter))]
    if link.baudAsked > 0 {
      let granted =
        link.baudGranted > 0 && link.baudGranted != link.baudAsked
        ? ", the adapter chose \(link.baudGranted)" : ""
      figures.append(("speed", "\(link.baudAsked) baud\(granted)"))
    } else {
      figures.append(("speed", "closed"))
    }
    if let timer = link.latencyTimer { figures.append(("adapter", "waits \(timer) ms before it hands on")) }
    figures.append(
      ("sent", NumberText.count(link.lines, "line") + ", " + share(link.resends, "resend", of: link.lines)))
    figures.append(
      (
        "damaged",
        "\(NumberText.count(link.damagedOut, "line")) on the way out, "
          + "\(NumberText.count(link.damagedIn, "reply", plural: "replies")) on the way back"
      ))
    figures.append(
      (
        "answers",
        "\(NumberText.grouped(link.lostOks)) lost, \(NumberText.grouped(link.doubledOks)) doubled, "
          + "asked for \(NumberText.count(link.asked, "time"))"
      ))
    figures.append(
      (
        "firmware",
        NumberText.count(link.resets, "restart") + ", " + NumberText.count(link.overruns, "buffer overrun")
      ))
    figures.append(
      (
        "planner",
        link.starvations == 0
          ? "never ran dry"
          : "ran dry \(NumberText.count(link.starvations, "time")), "
            + "\(NumberText.decimal(link.starvedSeconds)) s in all"
      ))
    if let low = link.undervoltage {
      figures.append(("power", low ? "this computer's supply voltage is or was too low" : "no undervoltage"))
    }
    return figures
  }

  private static func share(_ count: Int64, _ noun: String, of all: Int64) -> String {
    guard count > 0, all > 0 else { return NumberText.count(count, noun) }
    let percent = Double(count) / Double(all) * 100
    return "\(NumberText.count(count, noun)) (\(NumberText.decimal(percent, digits: percent < 1 ? 3 : 1)) %)"
  }
}
