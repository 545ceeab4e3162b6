import APIModel
import ArgumentParser

extension Role: ExpressibleByArgument {}

struct User: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Accounts: who signs in over the network, and what they may do.",
    discussion: """
      Roles: viewer sees everything; member submits, acts on the own jobs, clears beds and answers prompts; operator acts \
      on machines and on everybody's jobs; admin settles what lasts. Everyone may stop a machine.

      The first account is made on the machine itself: sudo fabline user add NAME --role admin

      An account and a Unix user of the same name are one person. Passwords are asked, or read from a file or a pipe; they \
      never stand on the command line.
      """,
    subcommands: [UserList.self, UserAdd.self, UserSet.self, UserPassword.self, UserRemove.self],
    defaultSubcommand: UserList.self)
}

/// Where a new password comes from.
struct PasswordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The password is this file's first line.", valueName: "file"), completion: .file())
  var passwordFile: String?
}

struct UserList: Verb {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the accounts.")

  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let page = try await context.withSupervisor { try await $0.users() }
    try context.output.answer(page) { output in
      guard !page.items.isEmpty else {
        return output.say("no accounts: fabline user add NAME --role admin makes the first")
      }
      output.table(PeopleText.table(page.items))
    }
  }
}

struct UserAdd: Verb {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Adds an account.")

  @Argument(help: "1 to 32 of a-z, 0-9, dot, hyphen, underscore.") var name: String
  @Option(help: "viewer, member, operator or admin.") var role: Role = .member
  @OptionGroup var password: PasswordOptions
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let password = try Password.new(file: password.passwordFile, of: name)
    let request = AccountRequest(name: name, role: role, password: password)
    let account = try await context.withSupervisor { try await $0.addUser(request) }
    try context.output.answer(account) {
      $0.say("\(account.name) is \(account.role.rawValue) and can sign in")
    }
  }
}

struct UserSet: Verb {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Changes an account: role, password, shut out, let in again.",
    discussion: "A disabled account's sessions and tokens are dead at once.")

  @Argument(help: "The account.") var name: String
  @Option(help: "viewer, member, operator or admin.") var role: Role?
  @Flag(help: "Shut out.") var disable = false
  @Flag(help: "Let in again.") var enable = false
  @Flag(name: .customLong("password"), help: "A new password; it is asked.") var newPassword = false
  @OptionGroup var password: PasswordOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if disable, enable { throw ValidationError("--disable and --enable exclude each other.") }
    guard role != nil || disable || enable || newPassword || password.passwordFile != nil else {
      throw ValidationError("Nothing to change: --role, --password, --disable or --enable.")
    }
  }

  func perform(_ context: Context) async throws {
    var change = AccountChange()
    change.role = role
    change.disabled = disable ? true : enable ? false : nil
    if newPassword || password.passwordFile != nil {
      change.password = try Password.new(file: password.passwordFile, of: name)
    }
    let account = try await context.withSupervisor { [change] in try await $0.changeUser(name, change) }
    try context.output.answer(account) {
      $0.say("\(account.name) is \(account.role.rawValue)\(account.disabled ? ", and shut out" : "")")
    }
  }
}

struct UserPassword: Verb {
  static let configuration = CommandConfiguration(
    commandName: "password", abstract: "Changes one's own password; other sessions of it end.")

  @OptionGroup var password: PasswordOptions
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let session = try await context.withSupervisor { try await $0.whoAmI() }
    var change = AccountChange()
    // The kernel's word for a Unix user is enough.
    if session.signedIn != .unix { change.currentPassword = try Password.current(of: session.name) }
    change.password = try Password.new(file: password.passwordFile, of: session.name)
    let account = try await context.withSupervisor { [change] in
      try await $0.changeUser(session.name, change)
    }
    try context.output.answer(account) { $0.say("the password of \(account.name) is changed") }
  }
}

struct UserRemove: Verb {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes an account with its sessions and tokens; its jobs stay.")

  @Argument(help: "The account.") var name: String
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await context.withSupervisor { try await $0.removeUser(name) }
    context.output.say("\(name) has no account any more")
  }
}
