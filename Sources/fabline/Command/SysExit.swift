/// What the process says to its parent: the codes of `sysexits.h`, as `--help` and the README list them.
enum SysExit: Int32, CaseIterable, Sendable {
  case printed = 0
  case usage = 64
  case badGCode = 65
  case noSuchFile = 66
  case unavailable = 69
  case internalError = 70
  case cannotStore = 73
  case linkLost = 74
  case notNow = 75
  case refused = 76
  case forbidden = 77
  case cancelled = 130

  /// One line for the list in `--help`.
  var explanation: String {
    switch self {
    case .printed: "printed, or done as asked"
    case .usage: "wrong usage, or a job or machine that does not exist"
    case .badGCode: "bad G-code"
    case .noSuchFile: "no such file, or not one that can be read"
    case .unavailable: "port missing, busy or forbidden; or no supervisor"
    case .internalError: "an error of ours"
    case .cannotStore: "no room on the disk, or the file cannot be stored"
    case .linkLost: "link lost, no answer, or garbage (wrong baud)"
    case .notNow: "not now, or detached and the print goes on"
    case .refused: "the firmware refused, or asks for resends without end"
    case .forbidden: "not allowed for this user"
    case .cancelled: "cancelled by the user"
    }
  }

  /// The list for the end of `--help`.
  static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return "  " + String(repeating: " ", count: 3 - number.count) + number + "  " + status.explanation
    }.joined(separator: "\n")
  }
}

extension SysExit {
  /// The status that fits a fault's stable code, as `DriverInterface.Fault` and problem documents carry it.
  init(faultCode code: String) {
    let parts = code.split(separator: ".", maxSplits: 1)
    let family = parts.first.map(String.init) ?? ""
    let detail = parts.count > 1 ? String(parts[1]) : ""
    self =
      switch family {
      case "file": SysExit(fileDetail: detail)
      case "port": detail == "unplugged" || detail == "io" ? .linkLost : .unavailable
      case "link", "handshake": .linkLost
      case "firmware", "stream", "heat", "machine": .refused
      case "supervisor": .unavailable
      case "job", "attempt": .notNow
      case "disk", "journal": .cannotStore
      default: .internalError
      }
  }

  private init(fileDetail: String) {
    self =
      switch fileDetail {
      case "missing", "unreadable", "notRegular", "folder", "device", "fifo", "deleted", "unknown":
        .noSuchFile
      case "noSpace", "full", "tooLarge", "diskFull", "store", "io": .cannotStore
      default: .badGCode
      }
  }

  /// The status that fits a problem document: the HTTP status tells the family, the code the exceptions.
  init(httpStatus: Int, code: String) {
    self =
      switch httpStatus {
      case 507: .cannotStore
      case _ where code.hasPrefix("file."): SysExit(faultCode: code)
      case 400, 404, 405, 422: .usage
      case 401, 403: .forbidden
      case 408, 409, 423, 425, 429: .notNow
      case 503, 504: .unavailable
      default: .internalError
      }
  }
}
