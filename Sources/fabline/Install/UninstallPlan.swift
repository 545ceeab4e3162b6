import Glibc

/// What an uninstallation takes away: what the manifest names, as far as nobody edited it. Looks at the disk; changes nothing.
///
/// The manifest goes on naming what was edited and kept: a later `--purge` finds it there.
struct UninstallPlan: Sendable {
  private(set) var steps: [InstallStep] = []
  /// Nothing was installed here.
  let isEmpty: Bool

  /// Plans it; `purge` takes edited files, state and the service's user too.
  init(layout: InstallLayout, facts: SystemFacts, purge: Bool) {
    let manifest = InstallPlan.manifest(layout)
    isEmpty = manifest.files.isEmpty
    var kept = InstallManifest()
    steps = facts.endingSteps(layout)
    for (path, mark) in manifest.files.sorted(by: { $0.key < $1.key }) {
      let place = layout.place(path)
      guard let there = InstallPlan.bytes(place) else { continue }
      if purge || InstallManifest.mark(there) == mark {
        steps.append(InstallStep(.removeFile(place), "remove", place))
      } else {
        kept.files[path] = mark
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
    let needed = kept.files.isEmpty ? [] : [layout.manifest] + kept.files.keys
    kept.folders = manifest.folders.filter { folder in needed.contains { $0.hasPrefix(folder + "/") } }
    forget(layout.place(layout.manifest), manifest, but: kept)
    for folder in manifest.folders.reversed() where !kept.folders.contains(folder) {
      let place = layout.place(folder)
      if access(place, F_OK) == 0 {
        steps.append(InstallStep(.removeFolder(place), "remove", place + "/ where it is empty"))
      }
    }
    steps += facts.forgettingSteps(layout)
    if purge { steps += facts.purgingSteps(layout) }
  }

  /// Takes the manifest away, or leaves in it what is kept.
  private mutating func forget(_ path: String, _ before: InstallManifest, but kept: InstallManifest) {
    if kept.files.isEmpty {
      steps.append(InstallStep(.removeFile(path), "remove", path))
    } else if kept != before {
      let words = "\(path): it names what is kept"
      steps.append(InstallStep(.write(Array(kept.text.utf8), to: path, mode: 0o644), "write", words))
    }
  }
}
