// Signals are taken by one thread, and must be blocked before the runtime starts any other.
SignalInbox.shared.start()
await Entry.run()
