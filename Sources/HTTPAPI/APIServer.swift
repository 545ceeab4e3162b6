import Glibc
import HostConfiguration
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Supervisor

/// The API on a Unix socket, for the socket's owner and group.
///
/// Nothing listens on the network. The socket's file mode (0660) decides who may connect; the kernel tells who did.
public struct APIServer: Service {
  private let application: Application<RouterResponder<APIContext>>

  /// Serves `supervisor` at the socket of its folders; `serving` is called once clients can connect.
  public init(
    supervisor: Supervisor, version: String, configuration: HostConfiguration = HostConfiguration(),
    log: Logger, serving: @escaping @Sendable () -> Void = {}
  ) {
    let path = supervisor.folders.apiSocket
    let door = Doorkeeper(store: supervisor.store, unix: configuration.unix)
    let router = APIServer.router(
      supervisor: supervisor, version: version, principals: .peerCredentials, door: door)
    var quiet = log
    quiet.logLevel = max(log.logLevel, .notice)
    application = Application(
      router: router,
      // A connection that says nothing for a minute, and waits for nothing, is closed.
      server: .http1(configuration: .init(idleTimeout: .seconds(60))),
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: path), serverName: nil,
        availableConnectionsDelegate: .maximum(64, logger: quiet)),
      onServerRunning: { _ in
        if chmod(path, 0o660) != 0 {
          log.error("the mode of \(path) cannot be set: only its owner can connect")
        }
        log.notice("serving the API at \(path)")
        serving()
      },
      logger: quiet)
  }

  /// Serves until the process is asked to end.
  public func run() async throws { try await application.run() }

  /// All routes.
  static func router(
    supervisor: Supervisor, version: String, principals: PrincipalSource, door: Doorkeeper,
    heartbeat: Int = 15
  ) -> Router<APIContext> {
    let router = Router(context: APIContext.self)
    if case .network = principals { router.add(middleware: SecurityHeaders()) }
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: PrincipalMiddleware(source: principals, door: door))
    router.add(middleware: AuditMiddleware(door: door))
    router.add(middleware: AccessMiddleware(supervisor: supervisor, door: door))
    router.add(middleware: IdempotencyMiddleware(supervisor: supervisor))
    let routes = router.group("api/v1")
    StatusRoutes(supervisor: supervisor, version: version).add(to: routes)
    DescriptionRoutes(version: version).add(to: routes)
    FileRoutes(supervisor: supervisor).add(to: routes)
    let jobs = JobRoutes(supervisor: supervisor)
    jobs.add(to: routes)
    RecoveryRoutes(supervisor: supervisor, jobs: jobs).add(to: routes)
    MachineRoutes(supervisor: supervisor).add(to: routes)
    DeviceRoutes(supervisor: supervisor).add(to: routes)
    ProfileRoutes(supervisor: supervisor).add(to: routes)
    SessionRoutes(door: door).add(to: routes)
    AccountRoutes(door: door).add(to: routes)
    TokenRoutes(door: door).add(to: routes)
    AuditRoutes(store: supervisor.store).add(to: routes)
    EventRoutes(supervisor: supervisor, heartbeat: heartbeat).add(to: routes)
    return router
  }
}
