import APIModel
import Camera
import HostConfiguration
import Hummingbird
import JobStore
import Logging
import NIOCore
import ServiceLifecycle
import Supervisor

/// The API on a Unix socket, for the socket's owner and group, and on the network where the configuration says so.
///
/// The socket's file mode (0660) decides who may connect there; the kernel tells who did.
public struct APIServer: Service {
  private let listeners: [Listener]

  /// Serves `supervisor` at the socket of its folders and at the configured addresses; `serving` is called once clients can
  /// connect at all of them.
  ///
  /// Throws what is wrong with certificate or key: `tls.certificate`, `tls.key`, `tls.folder`.
  public init(
    supervisor: Supervisor, version: String, configuration: HostConfiguration = HostConfiguration(),
    configurationPath: String? = nil, page: Result<PageFiles, PageError> = PageFiles.absent,
    cameras: any CameraSource = NoCameras(), log: Logger,
    serving: @escaping @Sendable () -> Void = {}
  ) throws(HostError) {
    let network = configuration.network
    // TLS costs memory: nothing of it is touched where nobody asked for it.
    let identity =
      network.listen.isEmpty ? nil : try TLSIdentity.find(network, state: supervisor.folders.state)
    let listening = Listening(configuration: configurationPath)
    let door = Doorkeeper(
      store: supervisor.store, unix: configuration.unix, times: SessionTimes(configuration.sessions))
    let places = network.listen.count + 1
    // One count for all doors.
    let requests = RequestFigures()
    self.init(
      configuration: configuration, limits: ConnectionLimits(configuration.limits), identity: identity,
      socket: supervisor.folders.apiSocket, log: log
    ) { source in
      APIServer.router(
        supervisor: supervisor, version: version, principals: source, door: door, listening: listening,
        requests: requests, page: page, cameras: cameras
      ).buildResponder()
    } running: { place in
      listening.add(place)
      if listening.all.count == places { serving() }
    }
  }

  /// Serves some routes; what a test takes to set its own pace.
  init(
    configuration: HostConfiguration, limits: ConnectionLimits, identity: TLSIdentity?, socket: String,
    log: Logger, routes: (PrincipalSource) -> RouterResponder<APIContext>,
    running: @escaping @Sendable (ListeningModel) -> Void
  ) {
    var quiet = log
    quiet.logLevel = max(log.logLevel, .notice)
    var listeners = [
      Listener(
        unix: socket, entrance: Entrance(kind: .unix, limits: limits), routes: routes(.peerCredentials),
        connections: configuration.limits.unixConnections, log: quiet, running: running)
    ]
    let network = configuration.network
    if !network.listen.isEmpty {
      let proxies = Set(network.trustProxy)
      let ledger = ConnectionLedger(
        limit: configuration.limits.connections, limitPerAddress: configuration.limits.connectionsPerAddress,
        unbounded: proxies)
      let entrance = Entrance(kind: identity == nil ? .plain : .tls, limits: limits, proxies: proxies)
      let routes = routes(.network(isSecure: identity != nil))
      for address in network.listen {
        listeners.append(
          Listener(
            address, identity: identity, entrance: entrance, routes: routes, ledger: ledger, log: quiet,
            running: running))
      }
    }
    self.listeners = listeners
  }

  /// Serves until the process is asked to end; the first place that cannot be listened at ends all.
  public func run() async throws {
    // Cancelled, a listener does not end; asked to, it does.
    let configuration = ServiceGroupConfiguration(
      services: listeners.map { listener in
        .init(
          service: listener, successTerminationBehavior: .gracefullyShutdownGroup,
          failureTerminationBehavior: .gracefullyShutdownGroup)
      }, logger: Logger(label: "listeners") { _ in SwiftLogNoOpLogHandler() })
    try await ServiceGroup(configuration: configuration).run()
  }

  /// All routes.
  static func router(
    supervisor: Supervisor, version: String, principals: PrincipalSource, door: Doorkeeper,
    heartbeat: Int = 15, listening: Listening = Listening(), requests: RequestFigures = RequestFigures(),
    page: Result<PageFiles, PageError> = PageFiles.absent, cameras: any CameraSource = NoCameras()
  ) -> Router<APIContext> {
    let router = Router(context: APIContext.self)
    router.add(middleware: CountingMiddleware(figures: requests))
    if case .network = principals { router.add(middleware: SecurityHeaders()) }
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: PrincipalMiddleware(source: principals, door: door))
    router.add(middleware: AuditMiddleware(door: door))
    router.add(middleware: AccessMiddleware(supervisor: supervisor, door: door))
    router.add(middleware: ContinueMiddleware())
    router.add(middleware: IdempotencyMiddleware(supervisor: supervisor))
    PageRoutes(files: page).add(to: router)
    MetricsRoutes(supervisor: supervisor, version: version, requests: requests).add(to: router)
    let routes = router.group("api/v1")
    StatusRoutes(supervisor: supervisor, version: version, listening: listening).add(to: routes)
    DescriptionRoutes(version: version).add(to: routes)
    FileRoutes(supervisor: supervisor).add(to: routes)
    ContentsRoutes(supervisor: supervisor).add(to: routes)
    let jobs = JobRoutes(supervisor: supervisor)
    jobs.add(to: routes)
    RecoveryRoutes(supervisor: supervisor, jobs: jobs).add(to: routes)
    MachineRoutes(supervisor: supervisor).add(to: routes)
    CameraRoutes(supervisor: supervisor, cameras: cameras, door: door).add(to: routes)
    DeviceRoutes(supervisor: supervisor).add(to: routes)
    ProfileRoutes(supervisor: supervisor).add(to: routes)
    SessionRoutes(door: door).add(to: routes)
    AccountRoutes(door: door).add(to: routes)
    TokenRoutes(door: door).add(to: routes)
    KeyRequestRoutes(door: door).add(to: routes)
    AuditRoutes(store: supervisor.store).add(to: routes)
    EventRoutes(supervisor: supervisor, heartbeat: heartbeat, door: door).add(to: routes)
    SlicerRoutes(supervisor: supervisor, version: version, door: door).add(to: router)
    return router
  }
}
