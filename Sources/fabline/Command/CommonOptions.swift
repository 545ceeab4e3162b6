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

  @Option(
    help: ArgumentHelp(
      "A fablined on another machine, as `fabline login` was told it (else FABLINE_HOST).",
      valueName: "address"))
  var host: String?

  @Option(
    help: ArgumentHelp(
      "Trust the host with this SHA-256 certificate fingerprint, and no other.", valueName: "fingerprint"))
  var trust: String?

  @Option(
    help: ArgumentHelp(
      "A file with the token to show (else FABLINE_TOKEN, or what `fabline login` kept).", valueName: "file"),
    completion: .file())
  var tokenFile: String?
}
