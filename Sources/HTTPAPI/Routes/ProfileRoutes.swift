import APIModel
import Hummingbird
import JobStore
import Supervisor

/// Quirk profiles: what was measured of firmwares, listed, exported, imported.
struct ProfileRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("profiles") { request, _ in
      let profiles = try await supervisor.store.profiles().map { ProfileModel($0) }
      return try Response.json(try ItemPage.part(of: profiles, request) { $0.fingerprint })
    }
    routes.get("profiles/:fingerprint") { _, context in
      try Response.json(
        ProfileModel(try await supervisor.store.profile(try context.parameter("fingerprint"))))
    }
    routes.put("profiles/:fingerprint") { request, context in
      let body = try await request.json(ProfileModel.self, context)
      guard try body.fingerprint == context.parameter("fingerprint") else {
        throw Problem.request("the fingerprint in the path is not that of the profile")
      }
      return try Response.json(
        ProfileModel(try await supervisor.store.setProfile(body.stored(), by: context.principal.name)))
    }
  }
}
