extension RouteTable {
  /// The slicers' dialects behind each kind of address; under `/api/v1` alone there is only Fabline's own.
  static let slicers: [RouteEntry] = SlicerTarget.prefixes.flatMap { prefix in
    slicerPaths.filter { !prefix.isEmpty || !$0.path.hasPrefix("/api/v1/") }.map { entry in
      RouteEntry(entry.method, prefix + entry.path, entry.access, entry.summary)
    }
  }

  /// A dialect's own paths.
  static let slicerPaths: [RouteEntry] = octoPrint + appKeys + prusaLink + moonraker

  /// What a program without a key may call. What it asks for waits for a person: `KeyDesk`.
  private static let appKeys: [RouteEntry] = [
    .init("GET", "/plugin/appkeys/probe", .anyone, "OctoPrint: whether a program may ask for a key"),
    .init("POST", "/plugin/appkeys/request", .anyone, "OctoPrint: ask for a key"),
    .init("GET", "/plugin/appkeys/request/{token}", .anyone, "OctoPrint: whether a person granted it"),
  ]

  private static let octoPrint: [RouteEntry] = [
    .init("GET", "/api/version", .role(.viewer), "OctoPrint: who serves; the slicer's Test button"),
    .init("GET", "/api/server", .role(.viewer), "OctoPrint: the version"),
    .init("POST", "/api/login", .role(.viewer), "OctoPrint: whose key it is"),
    .init("GET", "/api/currentuser", .role(.viewer), "OctoPrint: whose key it is"),
    .init("GET", "/api/settings", .role(.viewer), "OctoPrint: what is offered"),
    .init("GET", "/api/printerprofiles", .role(.viewer), "OctoPrint: the machines meant"),
    .init("GET", "/api/connection", .role(.viewer), "OctoPrint: whether the machine is there"),
    .init("GET", "/api/printer", .role(.viewer), "OctoPrint: state and temperatures"),
    .init("GET", "/api/job", .role(.viewer), "OctoPrint: what prints"),
    .init("POST", "/api/job", .role(.member), "OctoPrint: pause, resume or cancel what prints"),
    .init("GET", "/api/files", .role(.viewer), "OctoPrint: the stored files"),
    .init("GET", "/api/files/local", .role(.viewer), "OctoPrint: the stored files"),
    .init("POST", "/api/files/local", .role(.member), "OctoPrint: bring a file, and queue it"),
    .init("POST", "/api/files/sdcard", .role(.member), "OctoPrint: the same, there are no cards"),
    .init("GET", "/api/files/local/**", .role(.viewer), "OctoPrint: a stored file"),
    .init("POST", "/api/files/local/**", .role(.member), "OctoPrint: queue a stored file"),
  ]

  private static let prusaLink: [RouteEntry] = [
    .init("GET", "/api/v1/storage", .role(.viewer), "PrusaLink: where files go"),
    .init("GET", "/api/v1/info", .role(.viewer), "PrusaLink: the machine"),
    .init("GET", "/api/v1/status", .role(.viewer), "PrusaLink: state and temperatures"),
    .init("GET", "/api/v1/job", .role(.viewer), "PrusaLink: what prints"),
    .init("PUT", "/api/v1/files/local/**", .role(.member), "PrusaLink: bring a file, and queue it"),
    .init("GET", "/api/v1/files/local/**", .role(.viewer), "PrusaLink: a stored file"),
    .init("HEAD", "/api/v1/files/local/**", .role(.viewer), "PrusaLink: whether a file is stored"),
  ]

  private static let moonraker: [RouteEntry] = [
    .init("GET", "/server/info", .role(.viewer), "Moonraker: who serves; the slicer's Test button"),
    .init("GET", "/printer/info", .role(.viewer), "Moonraker: the machine's state"),
    .init("GET", "/server/files/roots", .role(.viewer), "Moonraker: where files go"),
    .init("POST", "/server/files/upload", .role(.member), "Moonraker: bring a file, and queue it"),
    .init("POST", "/printer/print/start", .role(.member), "Moonraker: queue a stored file"),
  ]
}
