import Crypto
import Foundation
import HostConfiguration
import Testing

@testable import Notices

/// The requests that deliver a notice.
@Suite struct TargetTests {
  private let notice = Notice(
    id: 42, at: 1_800_000_000_000, event: .jobFailed, machine: "ender",
    job: .init(id: 7, name: "bracket.gcode", submitter: "ann"), reason: "line 12: the cable")

  @Test("A webhook gets JSON with what happened")
  func body() throws {
    let request = Webhook(url: "https://x.example/h").request(notice, now: 5000)
    #expect(request.method == "POST" && request.url == "https://x.example/h")
    #expect(request["X-Fabline-Event"] == "job.failed" && request["X-Fabline-Delivery"] == "42")
    #expect(request["X-Fabline-Signature"] == nil)
    let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
    #expect(body["at"] as? String == "2027-01-15T08:00:00Z")
    #expect(body["reason"] as? String == "line 12: the cable")
    #expect((body["job"] as? [String: Any])?["submitter"] as? String == "ann")
    #expect(body["title"] as? String == "bracket.gcode (job 7) failed on ender")
  }

  @Test("The signature is HMAC-SHA256 over timestamp, full stop and body")
  func signature() throws {
    #expect(
      Webhook.signature(of: Array("b".utf8), timestamp: "a", secret: "key")
        == "v1=" + reference("a.b", "key"))
    let request = Webhook(url: "https://x.example", secret: "s3cret").request(notice, now: 1_234_567)
    let signed = "1234." + String(decoding: request.body, as: UTF8.self)
    #expect(request["X-Fabline-Timestamp"] == "1234")
    #expect(request["X-Fabline-Signature"] == "v1=" + reference(signed, "s3cret"))
  }

  /// HMAC by its definition (RFC 2104), from the hash alone.
  private func reference(_ text: String, _ key: String) -> String {
    var block = Array(key.utf8)
    block += Array(repeating: 0, count: 64 - block.count)
    let inner = SHA256.hash(data: block.map { $0 ^ 0x36 } + Array(text.utf8))
    let outer = SHA256.hash(data: block.map { $0 ^ 0x5C } + Array(inner))
    return outer.map { String(format: "%02x", $0) }.joined()
  }

  @Test(
    "A topic gets the text, with title, priority and tags in the header; with a picture the picture is the body"
  )
  func ntfy() {
    let target = Target.ntfy(Ntfy(server: "https://ntfy.example", topic: "ann-1", token: "tk"))
    let request = target.request(notice, now: 0)
    #expect(request.url == "https://ntfy.example/ann-1" && request.method == "POST")
    #expect(String(decoding: request.body, as: UTF8.self) == "line 12: the cable")
    #expect(request["Title"] == "bracket.gcode (job 7) failed on ender" && request["Priority"] == "4")
    #expect(request["Tags"] == "rotating_light" && request["Authorization"] == "Bearer tk")
    let seen = target.request(notice, now: 0, snapshot: Snapshot(type: "image/png", bytes: [1, 2]))
    #expect(seen.method == "PUT" && seen.body == [1, 2] && seen["Filename"] == "ender.png")
    #expect(seen["Message"] == "line 12: the cable")
  }

  @Test(
    "What goes into a header is printable ASCII whatever a file is called",
    arguments: [
      "클립.gcode", "a\r\nX-Evil: 1", "=?UTF-8?B?eA==?=", String(repeating: "é", count: 400), "👩‍👩‍👧‍👦", "",
    ])
  func headers(_ name: String) {
    let text = Ntfy.headerText(name)
    #expect(text.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    let words = text.split(separator: " ")
    #expect(words.allSatisfy { $0.utf8.count <= 75 })
    let decoded = words.compactMap { word in
      Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
    }.reduce(Data(), +)
    if !name.isEmpty { #expect(String(decoding: decoded, as: UTF8.self) == String(name.prefix(300))) }
  }

  @Test("Submitters hear of their jobs, operators of faults, webhooks of what they ask for")
  func subscriptions() {
    var to = Subscriptions()
    #expect(to.isEmpty)
    to.webhooks = [Webhook(url: "https://a"), Webhook(url: "https://b", events: [.machineFault])]
    to.server = "https://n"
    to.topics = ["bob": "bobs"]
    to.pattern = "lab-{user}"
    to.operators = "ops"
    func names(_ notice: Notice) -> [String] { to.targets(of: notice).map(\.name) }
    #expect(names(notice) == ["webhook https://a", "ntfy lab-ann"])
    var other = notice
    other.job?.submitter = "bob"
    other.event = .jobUncertain
    #expect(names(other) == ["webhook https://a", "ntfy bobs", "ntfy ops"])
    other.job?.submitter = "../admin"
    other.event = .jobDone
    #expect(names(other) == ["webhook https://a"])
    let fault = Notice(id: 1, at: 0, event: .machineFault, machine: "ender")
    #expect(names(fault) == ["webhook https://a", "webhook https://b", "ntfy ops"])
    for target in to.targets(of: notice) + to.targets(of: fault) {
      #expect(to.target(named: target.name) == target)
    }
    #expect(to.target(named: "ntfy else") == nil && to.target(named: "webhook https://c") == nil)
  }

  @Test("A state is told once until another comes; a fault again after ten minutes")
  func filter() {
    var filter = NoticeFilter(capacity: 2)
    func admits(_ event: Notice.Event, at: Int64 = 0, _ reason: String = "hot") -> Bool {
      var notice = notice
      notice.event = event
      notice.at = at
      notice.reason = reason
      if event == .machineFault { notice.job = nil }
      return filter.admits(notice)
    }
    let jobs = [admits(.jobFailed), admits(.jobFailed), admits(.jobDone), admits(.jobDone)]
    #expect(jobs == [true, false, true, false])
    let faults = [
      admits(.machineFault), admits(.machineFault, at: 599_999), admits(.machineFault, at: 600_000),
      admits(.machineFault, at: 600_001, "cold"),
    ]
    #expect(faults == [true, false, true, true])
  }

  @Test("The events that the configuration knows are those that there are")
  func events() {
    #expect(NoticesSection.events == Notice.Event.allCases.map(\.rawValue))
  }
}
