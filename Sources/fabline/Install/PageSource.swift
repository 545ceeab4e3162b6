import FoundationEssentials
import Glibc

/// The web page's files, where this program was built or installed; `fablined` looks for them in the same places.
enum PageSource {
  /// Each file's path below the page's folder, with its bytes.
  static func files() throws(Failure) -> [(name: String, bytes: [UInt8])] {
    let folder = try folder(beside: try Siblings.path(of: "fablined"))
    var files: [(String, [UInt8])] = []
    for name in ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).sorted() {
      guard let bytes = InstallPlan.bytes(folder + "/" + name) else { continue }
      files.append((name, bytes))
    }
    return files
  }

  /// The folder: of an installation, or of the checkout that the program was built in.
  static func folder(beside program: String) throws(Failure) -> String {
    var place = InstallPlan.parent(InstallPlan.parent(program))
    let installed = place + "/share/fabline/page"
    if access(installed + "/index.html", R_OK) == 0 { return installed }
    while place != "/" {
      let source = place + "/Sources/HTTPAPI/Page/Files"
      if access(source + "/index.html", R_OK) == 0 { return source }
      place = InstallPlan.parent(place)
    }
    throw Failure(
      code: "install.page", sentence: "the web page's files are not at \(installed)", status: .noSuchFile)
  }
}
