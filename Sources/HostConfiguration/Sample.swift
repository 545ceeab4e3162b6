/// The configuration as a commented file that can be used as it is: all that it says is said by the defaults too.
public enum ConfigurationSample {
  /// The file's text. Words stand after `# `, optional keys at their default after `#` alone.
  public static let text = head + HostConfiguration.sections.map { "\n" + $0.sample + "\n" }.joined()

  private static let head = """
    # Fabline's configuration. Every key is optional: a line that begins with #key shows the default, take the # away to
    # change it. What is wrong is told with its line: fablined --check. Flags and the environment go before this file.
    # Changes take effect when fablined starts again; what prints goes on meanwhile.
    #
    # What changed in this file's form:
    #   2026-11-28  first form: host, network, unix, limits, notices, mqtt

    """

  /// The sample with every optional key uncommented; what a test reads.
  static var uncommented: String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let indent = line.prefix { $0 == " " }
      let rest = line.dropFirst(indent.count)
      guard rest.first == "#", let next = rest.dropFirst().first, next != " " else { return String(line) }
      return "\(indent)\(rest.dropFirst())"
    }.joined(separator: "\n")
  }
}
