import ArgumentParser

/// What every verb takes.
struct CommonOptions: ParsableArguments {
  @Flag(help: "Answer in JSON with stable keys; what follows live is one document a line.")
  var json = false

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "The folder with the sockets (else FABLINE_RUN, XDG_RUNTIME_DIR/fabline or /run/fabline).",
      valueName: "folder"),
    completion: .directory)
  var run: String?
}
