import Hummingbird
import Supervisor

/// Every dialect, behind every kind of address.
struct SlicerRoutes {
  let supervisor: Supervisor
  let version: String
  let door: Doorkeeper

  func add(to router: Router<APIContext>) {
    for prefix in SlicerTarget.prefixes {
      // The router's templates have `:machine` where the table has `{machine}`.
      let path = prefix.replacing("{", with: ":").replacing("}", with: "")
      let routes = router.group(RouterPath(path))
      OctoPrintRoutes(supervisor: supervisor, version: version, offersPut: !prefix.isEmpty).add(to: routes)
      AppKeyRoutes(door: door).add(to: routes)
      MoonrakerRoutes(supervisor: supervisor, version: version).add(to: routes)
      if !prefix.isEmpty { PrusaLinkRoutes(supervisor: supervisor, version: version).add(to: routes) }
    }
  }
}
