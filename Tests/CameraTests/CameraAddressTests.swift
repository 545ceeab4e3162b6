import Camera
import Testing

@Suite struct CameraAddressTests {
  @Test("An address is taken apart; name and password do not stay in it")
  func parts() throws {
    let plain = try CameraAddress("http://cam.local/snap.jpg?res=1")
    #expect((plain.host, plain.port, plain.target) == ("cam.local", 80, "/snap.jpg?res=1"))
    #expect(!plain.isSecure && plain.credentials == nil)
    let whole = try CameraAddress("HTTPS://an%3Ana:p%40ss@192.168.1.7:8443?x")
    #expect(whole.isSecure && (whole.host, whole.port, whole.target) == ("192.168.1.7", 8443, "/?x"))
    #expect(whole.credentials == Array("an:na:p@ss".utf8))
    #expect(whole.url == "https://192.168.1.7:8443/?x")
    let six = try CameraAddress("http://[2001:db8::7]:81/")
    #expect((six.host, six.port) == ("2001:db8::7", 81) && six.url == "http://[2001:db8::7]:81/")
    #expect(try CameraAddress("http://127.0.0.1:8080/").host == "127.0.0.1", "a camera of this host's own")
  }

  @Test(
    "What is no camera's address is refused with the reason, which tells nothing of it",
    arguments: [
      "", "ftp://cam/", "file:///etc/passwd", "cam.local/snap", "http://", "http:///snap", "http://cam:0/",
      "http://cam:70000/", "http://cam:8a/", "http://cam/#x", "http://ca m/", "http://cam/\r\nX: y",
      "http://käm/", "http://user@cam@/", "http://a%zz@cam/", "http://a%0Ab@cam/", "http://cam\\x/",
      "http://[::1/", "http://[cam]/", "http://[::1]x/", "http://::1/", "gopher://cam/", "http://c%61m/",
      "http://cam/" + String(repeating: "a", count: 1000),
    ])
  func refused(_ text: String) {
    #expect { _ = try CameraAddress(text) } throws: {
      ($0 as? CameraAddress.Refusal).map {
        !$0.sentence.isEmpty && (text.count < 9 || !$0.sentence.contains(text))
      } == true
    }
  }

  @Test(
    "Link-local, multicast and metadata addresses are never asked, however they are written",
    arguments: [
      "169.254.169.254", "169.254.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "100.100.100.200",
      "192.0.0.192", "[fe80::1]", "[febf::1]", "[ff02::1]", "[::]", "[::ffff:169.254.169.254]",
      "[::ffff:a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::1]", "[fd00:ec2::254]",
      "[::169.254.169.254]",
    ])
  func forbidden(_ host: String) {
    #expect { _ = try CameraAddress("http://\(host)/latest/meta-data") } throws: {
      ($0 as? CameraAddress.Refusal)?.sentence == CameraAddress.forbidden
    }
  }

  @Test("The usual places of a camera are asked")
  func allowed() {
    for text in [
      "10.0.0.7", "192.168.1.7", "172.16.0.9", "127.0.0.1", "::1", "fd12::7", "2001:db8::1",
      "::ffff:10.0.0.1",
    ] {
      #expect(NetworkAddress(text)?.isForbidden == false, "\(text)")
    }
    for text in [
      "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.+4", "0xA9FEA9FE", "1:2", ":::", "1::2::3", "12345::",
      "::1.2.3", "cam",
    ] {
      #expect(NetworkAddress(text) == nil, "\(text)")
    }
  }
}
