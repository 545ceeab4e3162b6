import Hummingbird

/// The API's own description.
struct DescriptionRoutes {
  let version: String

  func add(to routes: RouterGroup<APIContext>) {
    // Made when it is asked for: it is rarely read, and would stay in memory otherwise.
    routes.get("openapi.json") { _, _ in try Response.json(OpenAPIDocument.make(version: version)) }
  }
}
