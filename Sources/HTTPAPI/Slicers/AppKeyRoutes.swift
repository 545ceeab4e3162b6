import APIModel
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import JobStore

/// OctoPrint's application keys: a program asks for a key of its own, a person says yes, the program comes for it.
///
/// Cura's plugin opens `auth_dialog` in a browser and comes back to `Location` twice a second: both are whole addresses.
/// https://docs.octoprint.org/en/master/bundledplugins/appkeys.html
struct AppKeyRoutes {
  let door: Doorkeeper

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("plugin/appkeys/probe") { _, _ in Response.noContent }
    routes.post("plugin/appkeys/request") { request, context in try await ask(request, context) }
    routes.get("plugin/appkeys/request/:token") { _, context in try await poll(context) }
  }

  private struct Wish: Decodable {
    var app: String
    var user: String?
  }

  private struct Waiting: Encodable {
    var appToken: String
    var authDialog: String

    private enum CodingKeys: String, CodingKey {
      case appToken = "app_token"
      case authDialog = "auth_dialog"
    }
  }

  private func ask(_ request: Request, _ context: APIContext) async throws -> Response {
    let wish = try await request.json(Wish.self, context)
    let app = wish.app.trimmingCharacters(in: .whitespaces)
    // Room is left for a number behind it.
    guard !app.isEmpty, TokenOrder.isName(app + " 99") else {
      throw Problem.request("app is the program's name: 1 to 60 printable characters")
    }
    let user = wish.user.flatMap { $0.isEmpty ? nil : $0 }
    guard user.map({ TokenOrder.isName($0) }) ?? true else { throw Problem.request("user is no user's name") }
    let secret = Secret(text: SymmetricKey(size: .bits256).withUnsafeBytes { hexadecimal($0) })
    let asking = door.keys.withLock {
      $0.ask(
        app: app, user: user, address: Doorkeeper.network(of: context.origin), secret: secret,
        now: door.store.now())
    }
    guard let asking else {
      throw TryLater(
        problem: Problem(
          code: "key.tooMany", title: "too many requests", status: 429,
          detail: "too many programs ask for keys, or this one asked too often: try again in a minute"),
        seconds: 60)
    }
    context.logger.notice(
      "\(app) at \(asking.address) asks for a key; a person grants it on the page, or with `fabline token allow \(asking.id)`"
    )
    let host = (context.isSecure ? "https://" : "http://") + (request.head.authority ?? "localhost")
    let place = host + request.uri.path + "/" + secret.text
    var response = try Response.json(
      Waiting(appToken: secret.text, authDialog: host + "/#/more"), status: .created)
    response.headers[.location] = place
    return response
  }

  private func poll(_ context: APIContext) async throws -> Response {
    let secret = Secret(text: try context.parameter("token"))
    switch door.keys.withLock({ $0.poll(secret, now: door.store.now()) }) {
    case .waiting: return try Response.json(["message": "Awaiting decision"], status: .accepted)
    case .none:
      throw Problem(
        code: "key.unknown", title: "no such thing", status: 404,
        detail: "nobody granted a key: the request was refused, or it was over before anybody did")
    case .granted(let grant):
      let key = try await door.makeToken(grant)
      return try Response.json(["api_key": key.text])
    }
  }

  private func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension Doorkeeper {
  /// Makes the token that a person granted. A second one of a program is numbered: the first may be another computer's.
  fileprivate func makeToken(_ grant: KeyDesk.Grant) async throws -> Secret {
    var order = grant.order
    let taken = Set(try await store.tokens(of: order.owner).map(\.name))
    let names = [order.name] + (2...99).map { "\(grant.order.name) \($0)" }
    order.name = names.first { !taken.contains($0) } ?? order.name
    let secret = try await store.addToken(order, by: grant.actor).secret
    changed()
    return secret
  }
}
