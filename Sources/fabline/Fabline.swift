import ArgumentParser

/// The command line: everything a person does.
struct Fabline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fabline",
    abstract: "Prints G-code on machines at a serial port, with a queue or without.",
    discussion: """
      Without a daemon:   fabline print part.gcode --port /dev/ttyUSB0
      With a queue:       fablined &   fabline machine add ender --port /dev/ttyUSB0
                          fabline submit part.gcode --machine ender --copies 3
      To look around:     fabline demo

      Where a verb takes a job or a machine, digits are a job's number and anything else is a machine's name.
      In an emergency:    fabline estop NAME   or   fabline estop --all

      EXIT CODES
      \(SysExit.table)
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(name: "Direct", subcommands: [Demo.self, PrintFile.self, Attach.self, Ports.self]),
      CommandGroup(
        name: "Job",
        subcommands: [
          Submit.self, Jobs.self, Show.self, Why.self, Files.self, Cancel.self, Pause.self, Resume.self,
          Hold.self, Release.self, Retry.self, Recover.self, Reorder.self, Start.self, Frame.self,
        ]),
      CommandGroup(
        name: "Machine",
        subcommands: [
          Machine.self, Status.self, Ready.self, Answer.self, Connect.self, Disconnect.self, Reset.self,
          Diagnose.self, Unlock.self, Stop.self, Estop.self,
        ]),
      CommandGroup(
        name: "Manual",
        subcommands: [
          Heat.self, Cool.self, Home.self, Zero.self, Jog.self, Tune.self, Load.self, Unload.self,
          RunMacro.self,
          Send.self,
          Console.self,
        ]),
      CommandGroup(name: "People", subcommands: [User.self, Token.self, Audit.self]),
      CommandGroup(
        name: "Upkeep",
        subcommands: [
          Login.self, Logout.self, Logs.self, Doctor.self, BackUp.self, Drain.self, Install.self,
          Uninstall.self,
          Completions.self,
        ]),
    ])
}
