import Testing

@testable import fabline_bench

@Suite struct ExecutedFunctionsTests {
  @Test("the functions of the program alone count, each once, by its name")
  func ofTheProgram() {
    let text = """
      events: Ir
      ob=(1) /tmp/x/fabline-driver
      fl=(1) ???
      fn=(1) $s4Wire4readyyF
      0 10
      cob=(2) /lib/libc.so.6
      cfn=(2) memchr
      calls=1 0
      0 5
      fn=(3) $s4Wire4loopyyF'2
      0 1
      fn=(4) 0x00000000000d9f78
      0 1
      ob=(2)
      fn=(2)
      0 5
      ob=(1)
      fn=(5) clinux_epoll_wait
      0 2
      fn=(1)
      0 3
      """
    let executed = ExecutedFunctions(program: "fabline-driver", callgrind: text)
    #expect(executed.list() == "$s4Wire4loopyyF\n$s4Wire4readyyF\nclinux_epoll_wait\n")
    let first: Set = ["clinux_epoll_wait", "of_another_program"]
    #expect(executed.list(first: first) == "clinux_epoll_wait\n$s4Wire4loopyyF\n$s4Wire4readyyF\n")
  }
}
