import Testing

@testable import fabline

@Suite struct PrintConversationTests {
  @Test func ctrlCAsksOnceThenCancels() {
    var talk = PrintConversation()
    #expect(talk.interrupted(now: 0) == .ask)
    #expect(talk.interrupted(now: 4000) == .cancel)
    #expect(talk.state == .cancelling)
  }

  @Test func nothingCutsTheSafeEndingShort() {
    var talk = PrintConversation()
    _ = talk.interrupted(now: 0)
    _ = talk.interrupted(now: 1)
    for moment in 2..<10 { #expect(talk.interrupted(now: Int64(moment)) == .explain) }
    #expect(talk.pressed(UInt8(ascii: "d"), now: 20) == .nothing)
    #expect(talk.tick(now: 1_000_000) == .nothing)
    #expect(talk.state == .cancelling)
  }

  @Test func theQuestionStandsFiveSeconds() {
    var talk = PrintConversation()
    _ = talk.interrupted(now: 1000)
    #expect(talk.tick(now: 5999) == .nothing)
    #expect(talk.tick(now: 6000) == .goOn)
    #expect(talk.interrupted(now: 6100) == .ask)
  }

  @Test func anotherKeyGoesOn() {
    var talk = PrintConversation()
    _ = talk.interrupted(now: 0)
    #expect(talk.pressed(UInt8(ascii: "x"), now: 1) == .goOn)
    #expect(talk.state == .following)
  }

  @Test func dDetachesOnlyWhenAsked() {
    var talk = PrintConversation()
    #expect(talk.pressed(UInt8(ascii: "d"), now: 0) == .nothing)
    _ = talk.interrupted(now: 0)
    #expect(talk.pressed(UInt8(ascii: "d"), now: 1) == .detach)
    #expect(talk.interrupted(now: 2) == .nothing)
  }

  @Test func aClosedTerminalDetachesAndNeverCancels() {
    var talk = PrintConversation()
    #expect(talk.hungUp() == .detach)
    var asked = PrintConversation()
    _ = asked.interrupted(now: 0)
    #expect(asked.hungUp() == .detach)
    var cancelling = asked
    _ = cancelling.interrupted(now: 1)
    #expect(cancelling.hungUp() == .detach)
  }

  @Test func aPromptIsAnsweredByItsNumber() {
    var talk = PrintConversation()
    #expect(talk.pressed(UInt8(ascii: "1"), now: 0) == .nothing)
    talk.choices = 2
    #expect(talk.pressed(UInt8(ascii: "2"), now: 0) == .nothing)
    #expect(talk.pressed(UInt8(ascii: "1"), now: 0) == .answer(1))
    talk.choices = 0
    #expect(talk.pressed(UInt8(ascii: "1"), now: 0) == .nothing)
    #expect(talk.pressed(0x0A, now: 0) == .answer(nil))
  }
}
