import Testing

@testable import HTTPAPI

/// Who is waited for, and how long: without a socket or a clock.
@Suite struct ConnectionPaceTests {
  private let limits: ConnectionLimits = {
    var limits = ConnectionLimits()
    (limits.firstHead, limits.stall, limits.idle, limits.ending) = (10, 30, 60, 3)
    limits.leastProgress = 100
    return limits
  }()

  private func opened() -> ConnectionPace { ConnectionPace(limits: limits, now: 0) }

  @Test("A head that does not come ends the connection, however many bytes of it came")
  func head() {
    var pace = opened()
    #expect(pace.nextDeadline == 10)
    let late1 = pace.timeout(now: 9)
    #expect(!late1)
    let late2 = pace.timeout(now: 10)
    #expect(late2)
  }

  @Test("A body has its time again after each piece of some size; drops do not buy time")
  func body() {
    var pace = opened()
    pace.headRead(now: 5)
    #expect(pace.nextDeadline == 35)
    pace.bodyRead(99, now: 20)
    #expect(pace.nextDeadline == 35)
    pace.bodyRead(1, now: 30)
    #expect(pace.nextDeadline == 60)
    for now in 31..<60 { pace.bodyRead(1, now: Int64(now)) }
    let late3 = pace.timeout(now: 60)
    #expect(late3)
  }

  @Test("A body that nobody asks for is not late")
  func backPressure() {
    var pace = opened()
    pace.headRead(now: 0)
    pace.asks(false)
    let late4 = pace.timeout(now: 30)
    #expect(!late4)
    #expect(pace.nextDeadline == 60)
    pace.asks(true)
    let late5 = pace.timeout(now: 60)
    #expect(late5)
  }

  @Test("While an answer is made nothing is waited for; afterwards the next request is")
  func answer() {
    var pace = opened()
    pace.headRead(now: 0)
    pace.endRead(now: 2)
    #expect(pace.nextDeadline == nil)
    pace.answered(now: 100)
    #expect(pace.nextDeadline == 160)
    pace.headRead(now: 110)
    pace.endRead(now: 2)
    pace.headRead(now: 111)
    pace.endRead(now: 2)
    pace.answered(now: 120)
    #expect(pace.nextDeadline == nil, "one of two is still owed")
    pace.answered(now: 121)
    #expect(pace.nextDeadline == 181)
  }

  @Test("An answer before the body is whole leaves the body its time")
  func early() {
    var pace = opened()
    pace.headRead(now: 0)
    pace.answered(now: 1)
    #expect(pace.nextDeadline == 30)
    pace.endRead(now: 2)
    #expect(pace.nextDeadline == 62, "the next request is waited for")
  }

  @Test("An answer that is not taken ends the connection")
  func untaken() {
    var pace = opened()
    pace.headRead(now: 0)
    pace.endRead(now: 2)
    pace.takes(false, now: 7)
    #expect(pace.nextDeadline == 37)
    pace.takes(true, now: 8)
    #expect(pace.nextDeadline == nil)
    pace.takes(false, now: 9)
    let late6 = pace.timeout(now: 39)
    #expect(late6)
  }

  @Test("When the host ends, what still runs has a little time")
  func ending() {
    var pace = opened()
    pace.headRead(now: 0)
    pace.endRead(now: 2)
    pace.ending(now: 50)
    let late7 = pace.timeout(now: 52)
    #expect(!late7)
    let late8 = pace.timeout(now: 53)
    #expect(late8)
  }
}

/// Nobody takes every connection.
@Suite struct ConnectionLedgerTests {
  @Test("Connections are bounded by address and in all, and come back")
  func bounds() {
    let ledger = ConnectionLedger(limit: 5, limitPerAddress: 2, unbounded: ["10.0.0.9"])
    #expect(ledger.enter("10.0.0.1") && ledger.enter("10.0.0.1"))
    #expect(!ledger.enter("10.0.0.1"))
    #expect(ledger.enter("10.0.0.2"))
    #expect(ledger.enter("10.0.0.9") && ledger.enter("10.0.0.9"))
    #expect(!ledger.enter("10.0.0.9") && !ledger.enter("10.0.0.3"), "five are held")
    ledger.leave("10.0.0.1")
    #expect(ledger.enter("10.0.0.9"), "a proxy is bounded in all only")
    for _ in 0..<3 { ledger.leave("10.0.0.9") }
    ledger.leave("10.0.0.1")
    ledger.leave("10.0.0.2")
    #expect(ledger.count == 0)
  }

  @Test("IPv6 addresses of one household count as one, and mapped IPv4 as IPv4")
  func six() {
    let ledger = ConnectionLedger(limit: 9, limitPerAddress: 1, unbounded: [])
    #expect(ledger.enter("2001:db8:1:2::1"))
    #expect(!ledger.enter("2001:db8:1:2:ffff::2"))
    #expect(ledger.enter("2001:db8:1:3::1"))
    #expect(ledger.enter("10.0.0.1"))
    #expect(!ledger.enter("::ffff:10.0.0.1"))
    #expect(ledger.enter("::ffff:10.0.0.2"))
  }
}

/// Whose address a request has.
@Suite struct EntranceTests {
  @Test("Only a believed proxy's word counts, and of it only the last address that no proxy has")
  func forwarded() {
    func client(_ peer: String, _ forwarded: String?) -> String {
      Entrance.client(peer: peer, forwarded: forwarded, proxies: ["10.0.0.9", "10.0.0.8"])
    }
    #expect(client("1.2.3.4", "9.9.9.9") == "1.2.3.4")
    #expect(client("10.0.0.9", "9.9.9.9") == "9.9.9.9")
    #expect(client("10.0.0.9", "invented, 9.9.9.9, 10.0.0.8") == "9.9.9.9")
    #expect(client("10.0.0.9", "9.9.9.9, <script>") == "10.0.0.9")
    #expect(client("10.0.0.9", nil) == "10.0.0.9")
    #expect(client("10.0.0.9", "") == "10.0.0.9")
  }
}
