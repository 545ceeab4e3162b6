/// The texts of systemd's units. Why each line is there stands in the text: an administrator reads it too.
struct ServiceUnits: Sendable {
  let layout: InstallLayout

  private var isSystem: Bool { layout.scope == .system }

  /// The supervisor's unit.
  var supervisor: String {
    """
    # Fabline's supervisor. Change it by `systemctl \(isSystem ? "" : "--user ")edit fablined`: `fabline install` writes this file anew.
    [Unit]
    Description=Fabline, a print host for machines at serial ports
    \(isSystem ? "# The driver units' socket comes first. After D-Bus and logind: at shutdown they still answer when this unit ends.\nWants=fabline-driver.socket\nAfter=fabline-driver.socket dbus.service systemd-logind.service local-fs.target time-sync.target\n\(modules)" : "Wants=fabline-driver.socket\nAfter=fabline-driver.socket")
    # It comes back as often as it takes: what prints does not need it, the queue does.
    StartLimitIntervalSec=0

    [Service]
    Type=notify
    EnvironmentFile=-\(layout.configuration)
    Environment=FABLINED_OPTIONS=
    Environment=FABLINE_DRIVER_SOCKET=%t/fabline-drivers.sock\(isSystem ? "\nEnvironment=FABLINE_STATE=%S/fabline FABLINE_RUN=%t/fabline FABLINE_CONFIG=\(layout.settings)" : "")
    ExecStart=\(layout.programs)/fablined $FABLINED_OPTIONS
    \(isSystem ? identity + "\n" : "")\(folders)
    Restart=always
    RestartSec=2
    # Wrong options or configuration, a missing driver program, a folder that cannot be made: a restart mends none of these.
    RestartPreventExitStatus=64 66 73 78
    # Checking a large database after a power cut takes its time.
    TimeoutStartSec=10min
    # A forced shutdown leaves 20 s to park what prints.
    TimeoutStopSec=40
    # A sign of life is sent only after the supervisor, every machine's keeper and the database have answered.
    WatchdogSec=60
    # Drivers have units of their own. Should that socket be missing, they are children of this one: then only the supervisor
    # is ended by a stop, they print on, and the next one takes them over. Their sockets stay as well.
    KillMode=process
    RuntimeDirectoryPreserve=yes
    # Where memory runs out, this process goes before any driver, and alone.
    OOMPolicy=continue\(isSystem ? "\nOOMScoreAdjust=-500" : "")
    MemoryMax=512M
    TasksMax=512

    \(isSystem ? hardening(privateTemporary: true) : userHardening)

    [Install]
    WantedBy=\(isSystem ? "multi-user.target" : "default.target")

    """
  }

  /// The socket by which the supervisor has drivers started.
  var driverSocket: String {
    """
    # Each connection starts one driver in a unit of its own, outside the supervisor's: it outlives that one's stop, kill,
    # watchdog and memory limit. The supervisor writes the driver's arguments into the connection.
    [Unit]
    Description=Fabline's drivers, each in a unit of its own

    [Socket]
    ListenStream=%t/fabline-drivers.sock
    Accept=yes
    MaxConnections=256\(isSystem ? "\nSocketUser=fabline\nSocketGroup=fabline" : "")
    SocketMode=0600

    [Install]
    WantedBy=sockets.target

    """
  }

  /// One driver's unit.
  var driver: String {
    """
    # One machine's driver; started through fabline-driver.socket only.
    [Unit]
    Description=Fabline driver, connection %I
    # At shutdown units end in the reverse order: the supervisor first, which has jobs parked, then what is left of the drivers.
    Before=fablined.service
    \(isSystem ? modules + "\n" : "")CollectMode=inactive-or-failed
    RefuseManualStart=yes

    [Service]
    Type=simple
    ExecStart=\(layout.programs)/fabline-driver --from-socket
    StandardInput=socket
    StandardOutput=journal
    StandardError=journal
    \(isSystem ? identity + "\n" : "")UMask=0027
    # SIGTERM ends a print safely: heaters off, head lifted.
    TimeoutStopSec=40
    # The supervisor decides whether and when another one is started.
    Restart=no\(isSystem ? "\nOOMScoreAdjust=-800" : "")
    # For fabline-driver --realtime.
    LimitRTPRIO=20

    \(isSystem ? hardening(privateTemporary: false) : userHardening)

    """
  }

  /// Device groups are looked up by name when a unit starts: without its module a group is unknown, and stays forbidden.
  private var modules: String {
    """
    # DeviceAllow knows only the groups whose modules are loaded when the unit starts.
    Wants=modprobe@usbserial.service modprobe@cdc_acm.service
    After=modprobe@usbserial.service modprobe@cdc_acm.service
    """
  }

  private var identity: String {
    """
    User=fabline
    Group=fabline
    """
      + (layout.portGroups.isEmpty
        ? ""
        : """

        # The group that udev's own rules give serial ports to.
        SupplementaryGroups=\(layout.portGroups.joined(separator: " "))
        """)
  }

  private var folders: String {
    isSystem
      ? """
      UMask=0027
      StateDirectory=fabline
      StateDirectoryMode=0750
      RuntimeDirectory=fabline
      RuntimeDirectoryMode=0750
      """
      : """
      UMask=0027
      RuntimeDirectory=fabline
      RuntimeDirectoryMode=0750
      """
  }

  /// What a print host does not need. Not here, on purpose: PrivateDevices (hides the ports), PrivateNetwork (udev's events come
  /// over netlink), PrivateUsers (peer credentials), ProtectProc (who holds a port).
  private func hardening(privateTemporary: Bool) -> String {
    """
    # Ports by their kind; null, random and pseudo terminals are allowed by `closed`. A board at a UART of its own:
    # DeviceAllow=char-ttyAMA rw or char-ttyS rw in `systemctl edit`.
    DevicePolicy=closed
    DeviceAllow=char-ttyUSB rw
    DeviceAllow=char-ttyACM rw
    # The file system is read-only but for the folders of the service: a backup goes there, or ReadWritePaths names its place.
    ProtectSystem=strict
    ProtectHome=yes
    ReadWritePaths=-/var/lib/fabline -/run/fabline
    PrivateTmp=\(privateTemporary ? "yes" : "no")
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    AmbientCapabilities=
    ProtectKernelTunables=yes
    ProtectKernelModules=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    ProtectClock=yes
    ProtectHostname=yes
    RestrictNamespaces=yes
    RestrictSUIDSGID=yes
    RestrictRealtime=\(privateTemporary ? "yes" : "no")
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    # Unix sockets for the API and D-Bus, netlink for udev\(privateTemporary ? "; the network only where the configuration names an address" : "").
    RestrictAddressFamilies=AF_UNIX AF_NETLINK\(privateTemporary ? " AF_INET AF_INET6" : "")
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    SystemCallErrorNumber=EPERM
    """
  }

  /// A user's manager can drop rights, and build no walls.
  private var userHardening: String {
    """
    NoNewPrivileges=yes
    LockPersonality=yes
    SystemCallArchitectures=native
    """
  }
}
