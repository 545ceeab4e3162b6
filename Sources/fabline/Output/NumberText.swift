/// Numbers as people read them, without a formatter.
enum NumberText {
  /// `value` with at most `digits` decimals and no trailing zeros.
  static func decimal(_ value: Double, digits: Int = 1) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "?" }
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((abs(value) * Double(scale)).rounded())
    var fraction = String(scaled % scale)
    fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    let whole = String(scaled / scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return digits == 0 || fraction.isEmpty ? sign + whole : sign + whole + "." + fraction
  }

  /// `18 B`, `1.4 kB`, `23.1 MB`, `1 GB`; powers of 1000.
  static func bytes(_ count: Int64) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 999.95 || unit == "GB" { return decimal(value, digits: unit == "B" ? 0 : 1) + " " + unit }
      value /= 1000
    }
    return "\(count) B"
  }

  /// `12,345`.
  static func grouped(_ value: Int64) -> String {
    let digits = String(value.magnitude)
    var shown = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { shown.append(",") }
      shown.append(digit)
    }
    return value < 0 ? "-" + shown : shown
  }

  /// `3 jobs`, `1 job`.
  static func count(_ value: Int64, _ noun: String, plural: String? = nil) -> String {
    "\(grouped(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }
}
