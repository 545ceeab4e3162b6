import Testing

@testable import fabline

@Suite struct EventStreamTests {
  private let text =
    "retry: 3000\n: hello\n\nid: 7\nevent: job\ndata: {\"a\":1}\n\ndata: x\ndata: y\n\nid: 8\n\n"
  private let events = [
    ServerSentEvent(id: "7", name: "job", data: "{\"a\":1}"),
    ServerSentEvent(id: "7", name: "message", data: "x\ny"),
  ]

  @Test func eventsAreCut() {
    var parser = ServerSentEventParser()
    #expect(parser.receive(text.utf8) == events)
  }

  @Test(arguments: 1...9)
  func piecesMayEndAnywhere(_ size: Int) {
    var parser = ServerSentEventParser()
    var rest = Array(text.utf8)[...]
    var found: [ServerSentEvent] = []
    while !rest.isEmpty {
      found += parser.receive(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    #expect(found == events)
  }

  @Test(arguments: ["\r\n", "\r"])
  func otherLineEndings(_ ending: String) {
    var parser = ServerSentEventParser()
    let other = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: ending)
    #expect(parser.receive(other.utf8) == events)
  }

  @Test func pathsAreEscaped() {
    #expect(
      Query.path("/files", [("name", "a b&c=ü/.gcode"), ("x", nil)])
        == "/files?name=a%20b%26c%3D%C3%BC%2F.gcode")
    #expect(APIClient.baseURL("/run/fabline/api.sock") == "http+unix://%2Frun%2Ffabline%2Fapi.sock/api/v1")
  }
}
