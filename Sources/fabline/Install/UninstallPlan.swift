import Glibc

/// What an uninstallation takes away: what the manifest names, as far as nobody edited it. Looks at the disk; changes nothing.
struct UninstallPlan: Sendable {
  private(set) var steps: [InstallStep] = []
  /// Nothing was installed here.
  let isEmpty: Bool

  /// Plans it; `purge` takes edited files, state and the service's user too.
  init(layout: InstallLayout, facts: SystemFacts, purge: Bool) {
    let manifest = InstallPlan.manifest(layout)
    isEmpty = manifest.files.isEmpty
    steps = facts.endingSteps(layout)
    for (path, mark) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let place = layout.place(path)
      guard let there = InstallPlan.bytes(place) else { continue }
      if purge || InstallManifest.mark(there) == mark {
        steps.append(InstallStep(.removeFile(place), "remove", place))
      } else {
        steps.append(InstallStep(.nothing, "keep", "\(place): it was edited; --purge removes it"))
      }
    }
    let state = layout.place(layout.state)
    if purge, access(state, F_OK) == 0 {
      steps.append(
        InstallStep(.removeTree(state), "remove", "\(state)/ with queue, files, logs and journals"))
    } else if access(state, F_OK) == 0 {
      steps.append(InstallStep(.nothing, "keep", "\(state)/ with queue, files and logs; --purge removes it"))
    }
    steps.append(
      InstallStep(.removeFile(layout.place(layout.manifest)), "remove", layout.place(layout.manifest)))
    for folder in manifest.folders.reversed() {
      let place = layout.place(folder)
      if access(place, F_OK) == 0 {
        steps.append(InstallStep(.removeFolder(place), "remove", place + "/ where it is empty"))
      }
    }
    steps += facts.forgettingSteps(layout)
    if purge { steps += facts.purgingSteps(layout) }
  }
}
