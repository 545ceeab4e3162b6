/// What `--version` prints.
enum Version {
  /// Semantic; every program of this package has the same.
  static let text = "0.1.0"
}
