SignalInbox.shared.start()
await Entry.run()
