import FoundationEssentials
import Glibc
import Testing

extension EndToEnd {
  @Suite struct DemoPrint {
    @Test func theDemoEndsWithTheFileExecuted() async throws {
      try await Sandbox.with { sandbox in
        let ended = try await sandbox.start("fabline", ["demo"], environment: ["TMPDIR": sandbox.folder])
          .end()
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.out.contains("what the firmware executed is the file"))
        #expect(sandbox.processes().isEmpty)
        #expect(try demoFolders(sandbox).isEmpty)
      }
    }

    @Test func ctrlCClearsTheStage() async throws {
      try await Sandbox.with { sandbox in
        let demo = try sandbox.start("fabline", ["demo"], environment: ["TMPDIR": sandbox.folder])
        try await Deadline.wait(for: "driver", explain: { demo.error + demo.out }) {
          sandbox.processes("fabline-driver").isEmpty ? nil : true
        }
        demo.signal(SIGINT)
        let ended = try await demo.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(sandbox.processes().isEmpty)
        #expect(try demoFolders(sandbox).isEmpty)
      }
    }

    private func demoFolders(_ sandbox: Sandbox) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: sandbox.folder).filter {
        $0.hasPrefix("fabline-demo")
      }
    }
  }
}
