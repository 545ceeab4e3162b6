// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Warnings are errors in what we write; the packages we depend on keep their own rules.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// `FABLINE_DRIVER=embedded`: the driver alone, as Embedded Swift. It has no runtime library in it (1.2 MB of program instead of 7.6), so
// that a print has 1.3 MB of private memory instead of 3.5. A module is compiled either way, never both in one build: hence a
// package of its own, with a folder of its own (`--scratch-path`). Its module Glibc is Sources/EmbeddedGlibc.
let isEmbedded = Context.environment["FABLINE_DRIVER"] == "embedded"

let embedded: [SwiftSetting] =
  isEmbedded ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])] : []

// What the driver is made of is built for size in a release: its own text counts as private memory, and the two runtime
// libraries that are imported unasked would cost it a third of a megabyte. The price: no `String.contains(String)` there.
// Exclusive access is proved by the compiler wherever it can be, and looked after at run time in a debug build, which is what
// the tests are; a release leaves that out, some 1,500 instructions a line. Nothing is lost: all that a line touches belongs to
// the wire thread alone, and what two threads share (ring, mailboxes) is atomic or locked.
let leanFlags = [
  "-Xfrontend", "-disable-implicit-string-processing-module-import", "-Xfrontend",
  "-disable-implicit-concurrency-module-import", "-enforce-exclusivity=unchecked", "-Xfrontend",
  "-function-sections",
]
let lean: [SwiftSetting] =
  strict + embedded + [.unsafeFlags(["-Osize"] + leanFlags, .when(configuration: .release))]

// What each line passes through is built for speed: built for size, the compiler copies large values byte by byte.
let fast: [SwiftSetting] =
  strict + embedded + [.unsafeFlags(["-O"] + leanFlags, .when(configuration: .release))]

// The host's modules too: what is touched of their text counts as the supervisor's private memory.
let small: [SwiftSetting] =
  strict + [.unsafeFlags(["-Osize", "-Xfrontend", "-function-sections"], .when(configuration: .release))]

// Identical functions once, relocations packed: two megabytes less of the supervisor's private memory, 0.1 of the driver's.
let packed: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "--icf=all", "-Xlinker", "--pack-dyn-relocs=relr", "-Xlinker", "-z",
      "-Xlinker", "pack-relative-relocs",
    ], .when(configuration: .release))
]

// The kernel maps 64 kB of a program around each page that is touched. What a print runs through is a quarter of the driver's
// text and a sixteenth of the supervisor's: put side by side it takes a megabyte less of private memory, and three (what comes from
// packages is ordered file by file). The lists are what callgrind saw (`.ci/order`); a name that is no more is passed over, and
// without a list nothing is ordered.
func ordered(_ program: String) -> [LinkerSetting] {
  let list = Context.packageDirectory + "/Sources/\(program)/functions.order"
  guard FileManager.default.fileExists(atPath: list) else { return [] }
  return [
    .unsafeFlags(
      ["-Xlinker", "--symbol-ordering-file=" + list, "-Xlinker", "--no-warn-symbol-ordering"],
      .when(configuration: .release))
  ]
}

// What a list cannot name: three megabytes less of the supervisor's private memory while somebody asks it.
let thunksTogether: [LinkerSetting] = [
  .unsafeFlags(
    ["-Xlinker", "-T", "-Xlinker", Context.packageDirectory + "/Sources/fablined/thunks.ld"],
    .when(configuration: .release))
]

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], excluding: [String] = [],
  settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: excluding, swiftSettings: settings)
}

func program(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  settings: [SwiftSetting] = strict, linking: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings, linkerSettings: linking
  )
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

// Embedded Swift's compiler finds no module Glibc.
let systemModule: [Target.Dependency] = isEmbedded ? ["Glibc"] : []

// The linker is told, too, that there is no runtime library to look for; what a `String` has to know of Unicode lies beside it.
#if arch(arm64)
  let triple = "aarch64-unknown-linux-gnu"
#else
  let triple = "x86_64-unknown-linux-gnu"
#endif
let standalone: [LinkerSetting] = [
  .linkedLibrary(":../embedded/\(triple)/libswiftUnicodeDataTables.a"), .linkedLibrary("m"),
  .unsafeFlags(["-enable-experimental-feature", "Embedded"]),
]

// What the driver consists of.
let driver: [Target] = [
  // Sans-IO: no Foundation, no Glibc, no clock, no descriptor.
  library("GCode", settings: fast),
  library("PrinterProtocol", ["GCode"], settings: fast),
  library("DriverInterface", settings: lean),

  // Edge: the system, thinly.
  .target(name: "CLinux"),
  library("SerialPort", ["CLinux"] + systemModule, settings: lean),

  library(
    "PrinterDriver", ["PrinterProtocol", "GCode", "SerialPort", "DriverInterface", "CLinux"] + systemModule,
    settings: lean),
  program(
    "fabline-driver", ["PrinterDriver", "DriverInterface"] + systemModule, exclude: ["functions.order"],
    settings: lean, linking: packed + (isEmbedded ? standalone + ordered("fabline-driver") : [])),
]

let package = Package(
  name: "fabline",
  products: [
    .executable(name: "fabline", targets: ["fabline"]),
    .executable(name: "fablined", targets: ["fablined"]),
    .executable(name: "fabline-driver", targets: ["fabline-driver"]),
    .executable(name: "virtual-printer", targets: ["virtual-printer"]),
    .executable(name: "fabline-bench", targets: ["fabline-bench"]),
  ],
  traits: [
    .trait(name: "MQTT", description: "Tell an MQTT broker of the machines; needs libmosquitto-dev.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: driver + [
    // Sans-IO too.
    library("VirtualFirmware"),
    library("SimulatedLink", ["PrinterProtocol", "VirtualFirmware"]),
    library("CanonicalFile"),
    library("Multipart", settings: fast),
    library("Camera", settings: small),
    library("Recovery", ["GCode"], settings: small),
    library("Thumbnail", settings: small),
    library("Toolpath", ["GCode"], settings: fast),

    // Edge.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
    library("DeviceDiscovery", ["CUdev", "SerialPort"]),
    library("DriverClient", ["DriverInterface", "CLinux"], settings: small),

    // Host.
    library("HostConfiguration", ["APIModel", .product(name: "Yams", package: "Yams")], settings: small),
    library(
      "JobStore",
      [
        "GCode", "Thumbnail", "Toolpath", "Camera", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ], settings: small),
    library(
      "Supervisor",
      [
        "DriverInterface", "DriverClient", "JobStore", "CLinux", "DeviceDiscovery", "Recovery", "GCode",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], settings: small),
    library("APIModel", settings: small),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    library("Notices", [.product(name: "Crypto", package: "swift-crypto")], settings: small),
    library(
      "Outgoing",
      [
        "Notices", "HostConfiguration", "Supervisor", "JobStore", "Camera",
        .target(name: "CMosquitto", condition: .when(traits: ["MQTT"])),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], settings: small),
    library(
      "HTTPAPI",
      [
        "Supervisor", "JobStore", "DriverInterface", "APIModel", "Recovery", "HostConfiguration", "Multipart",
        "Thumbnail", "Toolpath", "Camera", "CZlib",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], excluding: ["Page/Files"], settings: small),

    // Programs.
    program(
      "fablined",
      [
        "Supervisor", "HTTPAPI", "JobStore", "HostConfiguration", "Camera", "Notices", "Outgoing", "CLinux",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], exclude: ["functions.order", "thunks.ld"], settings: small,
      linking: packed + ordered("fablined") + thunksTogether),
    program(
      "fabline",
      [
        "APIModel", "CLinux", "DriverInterface", "DriverClient", "DeviceDiscovery", "GCode", "CanonicalFile",
        "HostConfiguration",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    program("virtual-printer", ["VirtualFirmware", "CLinux"]),
    .target(name: "CPingPong", cSettings: [.unsafeFlags(["-O2"])]),
    program(
      "fabline-bench",
      [
        "CPingPong", "CanonicalFile", "CLinux", "SimulatedLink", "PrinterProtocol", "VirtualFirmware",
        "DriverClient",
        "DriverInterface", .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),

    // Tests, a target a tier.
    tests("GCodeTests", ["GCode", "CanonicalFile"]),
    tests("MultipartTests", ["Multipart"]),
    tests("CameraTests", ["Camera"]),
    tests("ThumbnailTests", ["Thumbnail"]),
    tests("ToolpathTests", ["Toolpath", "GCode"]),
    tests("RecoveryTests", ["Recovery", "GCode", "VirtualFirmware"]),
    tests("PrinterProtocolTests", ["PrinterProtocol", "GCode"]),
    tests("VirtualFirmwareTests", ["VirtualFirmware", "CanonicalFile"]),
    tests("VirtualPrinterTests", ["virtual-printer", "CLinux"]),
    tests("LinkTests", ["SimulatedLink", "PrinterProtocol", "VirtualFirmware"]),
    tests("SerialPortTests", ["SerialPort", "CLinux"]),
    tests("DeviceDiscoveryTests", ["DeviceDiscovery", "SerialPort"]),
    tests("DriverInterfaceTests", ["DriverInterface", "DriverClient"]),
    tests(
      "PrinterDriverTests",
      [
        "PrinterDriver", "PrinterProtocol", "GCode", "DriverInterface", "DriverClient", "SerialPort",
        "CLinux",
      ]),
    tests(
      "NoticesTests",
      ["Notices", "HostConfiguration", .product(name: "Crypto", package: "swift-crypto")]),
    tests(
      "OutgoingTests",
      [
        "Outgoing", "Notices", "HostConfiguration", "Supervisor", "JobStore", "Camera", "DriverInterface",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests("HostConfigurationTests", ["HostConfiguration", "APIModel"]),
    tests(
      "JobStoreTests",
      [
        "JobStore", "Thumbnail", "Toolpath", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    tests(
      "SupervisorTests",
      [
        "Supervisor", "JobStore", "DriverInterface", "DriverClient", "DeviceDiscovery", "CLinux",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests(
      "HTTPAPITests",
      [
        "HTTPAPI", "APIModel", "Supervisor", "JobStore", "DriverInterface", "HostConfiguration",
        "Thumbnail", "Camera", "Outgoing",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests("BenchTests", ["fabline-bench"]),
    tests("CommandLineTests", ["fabline", "APIModel", "DriverInterface", "GCode"]),
    tests(
      "EndToEndTests",
      [
        "CanonicalFile", "DriverInterface", "DriverClient", "APIModel", "CLinux",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

if isEmbedded {
  package.products = [.executable(name: "fabline-driver", targets: ["fabline-driver"])]
  package.dependencies = []
  package.targets = driver + [.systemLibrary(name: "Glibc", path: "Sources/EmbeddedGlibc")]
}
