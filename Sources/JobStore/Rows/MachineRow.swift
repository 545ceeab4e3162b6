import GRDB

extension MachineRecord {
  /// The machine with this name, or `machine.unknown`.
  static func find(_ database: Database, name: String) throws -> MachineRecord {
    let sql = "SELECT * FROM machine WHERE name = ? AND removedAt IS NULL"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [name]) else {
      throw StoreError(.machineUnknown, "there is no machine \(name); `fabline machine list` shows them")
    }
    return try MachineRecord(row: row, database: database)
  }

  static func fetchAll(_ database: Database) throws -> [MachineRecord] {
    try Row.fetchAll(database, sql: "SELECT * FROM machine WHERE removedAt IS NULL ORDER BY name")
      .map { try MachineRecord(row: $0, database: database) }
  }

  init(row: Row, database: Database) throws {
    self.init(settings: try Settings(row: row, database: database), createdAt: row["createdAt"])
    disabled = row["disabled"]
    ready = row["ready"]
    disconnectedBy = row["disconnectedBy"]
    resetsLearned = row["resetsLearned"]
    firmware = row["firmware"]
    identity = try MachineIdentity.fetch(database, machine: settings.name)
    attendance = try Attendance.fetch(database, machine: settings.name)
    bed = Bed(state: try row.word("bedState"), job: row["bedJob"], reason: row["bedReason"])
    bed.clearedBy = row["clearedBy"]
    bed.clearedAt = row["clearedAt"]
    bed.clearedJob = row["clearedJob"]
  }
}

extension MachineRecord.Settings {
  init(row: Row, database: Database) throws {
    self.init(name: row["name"], port: row["port"], baud: row["baud"])
    kind = try row.word("kind")
    pool = row["pool"]
    dialect = row["dialect"]
    receiveBuffer = row["receiveBuffer"]
    queueLines = row["queueLines"]
    window = row["windowLines"]
    hostOnly = row["hostOnly"]
    allowM3 = row["allowM3"]
    kinematics = row["kinematics"]
    volume = [row["volumeX"], row["volumeY"], row["volumeZ"]]
    model = row["model"]
    maxTool = row["maxTool"]
    maxBed = row["maxBed"]
    holdsZ = row["holdsZ"]
    homesXY = row["homesXY"]
    homeRaise = row["homeRaise"]
    resetsOnOpen = row["resetsOnOpen"]
    startsAlone = row["startsAlone"]
    camera = row["camera"]
    cameraStream = row["cameraStream"]
    hotEndOffAfter = row["hotEndOffAfter"]
    bedOffAfter = row["bedOffAfter"]
    standbyAfter = row["standbyAfter"]
    tools = try Row.fetchAll(
      database, sql: "SELECT * FROM machineTool WHERE machine = ? ORDER BY number", arguments: [name]
    ).map {
      MachineRecord.Tool(nozzle: $0["nozzle"], material: $0["material"], colour: $0["colour"])
    }
    for text in try Row.fetchAll(
      database, sql: "SELECT * FROM machineText WHERE machine = ?", arguments: [name])
    {
      let lines = (text["lines"] as String).split(separator: "\n", omittingEmptySubsequences: false)
      let body = lines.map(String.init)
      if text["use"] == "macro" { macros[text["name"]] = body } else { scripts[text["name"]] = body }
    }
  }

  /// Writes the settings over a row that exists, and the tools and texts anew.
  func save(_ database: Database) throws {
    try database.execute(
      sql: """
        UPDATE machine SET kind = ?, pool = ?, port = ?, baud = ?, dialect = ?, kinematics = ?, volumeX = ?,
          volumeY = ?, volumeZ = ?, model = ?, maxTool = ?, maxBed = ?, holdsZ = ?, resetsOnOpen = ?, startsAlone = ?,
          receiveBuffer = ?, queueLines = ?, windowLines = ?, hostOnly = ?, allowM3 = ?, homesXY = ?, homeRaise = ?,
          camera = ?, cameraStream = ?, hotEndOffAfter = ?, bedOffAfter = ?, standbyAfter = ?
        WHERE name = ?
        """,
      arguments: [
        kind.rawValue, pool, port, baud, dialect, kinematics, volume[0], volume[1], volume[2], model, maxTool,
        maxBed, holdsZ, resetsOnOpen, startsAlone, receiveBuffer, queueLines, window, hostOnly, allowM3,
        homesXY, homeRaise, camera, cameraStream, hotEndOffAfter, bedOffAfter, standbyAfter, name,
      ])
    try database.execute(sql: "DELETE FROM machineTool WHERE machine = ?", arguments: [name])
    for (number, tool) in tools.enumerated() {
      try database.execute(
        sql: "INSERT INTO machineTool (machine, number, nozzle, material, colour) VALUES (?, ?, ?, ?, ?)",
        arguments: [name, number, tool.nozzle, tool.material, tool.colour])
    }
    try database.execute(sql: "DELETE FROM machineText WHERE machine = ?", arguments: [name])
    for (use, texts) in [("macro", macros), ("script", scripts)] {
      for (title, lines) in texts.sorted(by: { $0.key < $1.key }) {
        try database.execute(
          sql: "INSERT INTO machineText (machine, use, name, lines) VALUES (?, ?, ?, ?)",
          arguments: [name, use, title, lines.joined(separator: "\n")])
      }
    }
  }
}
