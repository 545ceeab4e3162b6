import APIModel
import ArgumentParser
import Glibc

struct Login: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Signs in to a fablined on another machine, and remembers it.",
    discussion: """
      Asks for name and password, has the host make a token for this computer, and keeps it in \
      $XDG_CONFIG_HOME/fabline/hosts.json, for you alone. The first time the host's certificate is compared: `fabline status` \
      on the host shows its fingerprint. With --token-file a token that you have is kept instead.
      """)

  @Argument(help: "The host: https://HOST:7380, or HOST for short.") var address: String
  @Option(help: "The account; asked for where it is not said.") var user: String?
  @Option(
    help: ArgumentHelp("A file whose first line is the password.", valueName: "file"), completion: .file())
  var passwordFile: String?
  @OptionGroup var common: CommonOptions

  /// What `--json` prints.
  struct Answer: Codable {
    var host: String
    var name: String
    var role: Role
    var fingerprint: String?
  }

  func perform(_ context: Context) async throws {
    let address = try HostAddress(address)
    var options = common
    options.host = nil
    var host = try await RemoteContext(options: options).host(address)
    let path = KnownHosts.path()
    var kept = try KnownHosts.read(path).hosts[address.text] ?? KnownHosts.Host()
    if common.tokenFile == nil {
      host.token = nil
      let token = try await SignInRun(host: host, user: user, passwordFile: passwordFile).token()
      (host.token, kept.tokenID) = (token.secret, token.id)
    } else {
      kept.tokenID = nil
    }
    // Whoever it is that the token stands for: asked with the token alone, as every verb will.
    let session: SessionModel = try await APIClient.with(host) { client in
      try JSONText.decode(SessionModel.self, try await client.send(APIRequest(path: "/session")))
    }
    guard session.signedIn == .token else {
      throw Failure(
        code: "principal.token", sentence: "\(address.text) does not know this token", status: .forbidden)
    }
    kept.token = host.token
    kept.name = session.name
    // Read again: another fabline may have written meanwhile, and the host's fingerprint stands there since it was trusted.
    var known = try KnownHosts.read(path)
    kept.fingerprint = known.hosts[address.text]?.fingerprint ?? kept.fingerprint
    known.hosts[address.text] = kept
    try known.write(path)
    let answer = Answer(
      host: address.text, name: session.name, role: session.role, fingerprint: kept.fingerprint)
    try context.output.answer(answer) { output in
      output.say(
        TextWidth.harmless("signed in to \(address.text) as \(session.name), \(session.role.rawValue)"))
      output.say("from now on: fabline status --host \(address.text), or export FABLINE_HOST=\(address.text)")
    }
  }
}

struct Logout: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Takes back the token that `fabline login` had made, and forgets the host.")

  @Argument(help: "The host, as `fabline login` was told it.") var address: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let address = try HostAddress(address)
    let path = KnownHosts.path()
    var known = try KnownHosts.read(path)
    guard let kept = known.hosts[address.text] else {
      throw Failure(code: "host.unknown", sentence: "\(address.text) is not known here", status: .noSuchFile)
    }
    var trouble: String?
    if let id = kept.tokenID {
      do {
        let host = try await RemoteContext(options: common).host(address)
        _ = try await APIClient.with(host) { client in
          try await client.send(APIRequest(method: "DELETE", path: "/tokens/\(id)"))
        }
      } catch let failure as Failure {
        trouble = failure.sentence
      }
    }
    known.hosts[address.text] = nil
    try known.write(path)
    context.output.say("forgot \(address.text)")
    if let trouble {
      throw Failure(
        code: "logout.token", sentence: "the token is forgotten here and still good there: \(trouble)",
        status: .unavailable)
    }
  }
}

/// From name and password to a token of this computer's own.
struct SignInRun: Sendable {
  let host: RemoteHost
  let user: String?
  let passwordFile: String?

  func token() async throws -> (id: Int64, secret: String) {
    let (name, password) = try credentials()
    return try await APIClient.with(host) { client in
      let body = try JSONText.encode(SessionRequest(name: name, password: password), pretty: false)
      let (bytes, cookies) = try await client.exchange(
        APIRequest(method: "POST", path: "/session", body: body))
      let session = try JSONText.decode(SessionModel.self, bytes)
      let headers = [
        (
          "cookie",
          cookies.compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
        ),
        ("x-fabline-csrf", session.csrf ?? ""),
      ]
      let order = try JSONText.encode(TokenRequest(name: Self.tokenName), pretty: false)
      let made = try await client.send(
        APIRequest(method: "POST", path: "/tokens", body: order, headers: headers))
      let token = try JSONText.decode(TokenModel.self, made)
      // The session was for this only.
      _ = try? await client.send(APIRequest(method: "DELETE", path: "/session", headers: headers))
      guard let secret = token.secret else {
        throw Failure(
          code: "supervisor.answer", sentence: "\(host.address.text) made a token and did not tell it",
          status: .internalError)
      }
      return (token.id, secret)
    }
  }

  private func credentials() throws -> (String, String) {
    var name = user ?? ""
    if name.isEmpty, isatty(STDIN_FILENO) == 1 {
      Output.write("Name: ", to: STDERR_FILENO)
      name = (readLine() ?? "").trimmingBlanks()
    }
    guard !name.isEmpty else { throw Failure.usage("name the account: --user NAME") }
    return (name, try Password.known(file: passwordFile, of: name))
  }

  /// So that its owner knows it again in a list: this computer's name.
  private static var tokenName: String {
    var space = [UInt8](repeating: 0, count: 256)
    let isKnown = space.withUnsafeMutableBytes { bytes in
      bytes.bindMemory(to: CChar.self).baseAddress.map { gethostname($0, bytes.count - 1) == 0 } ?? false
    }
    let name = String(decoding: space.prefix { $0 != 0 }, as: UTF8.self)
    return "fabline on " + (isKnown && !name.isEmpty ? name : "a computer")
  }
}
