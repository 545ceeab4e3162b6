extension Schema {
  /// Migration "cameras": where a machine's camera is; the addresses may hold a password.
  static let cameraColumns = [
    "ALTER TABLE machine ADD COLUMN camera TEXT CHECK (length(camera) BETWEEN 1 AND 1000)",
    "ALTER TABLE machine ADD COLUMN cameraStream TEXT CHECK (length(cameraStream) BETWEEN 1 AND 1000)",
  ]
}
