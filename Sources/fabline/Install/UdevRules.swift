/// The rules for boards that are certainly printer controllers; `udev-rules/README.md` tells about each line.
enum UdevRules {
  /// The same as `udev-rules/70-fabline.rules`, which a test holds it to.
  static let text = #"""
    # Serial ports of boards that are certainly printer controllers. See README.md beside this file.
    #
    # Sorts after 60-serial.rules, which sets the ID_* properties used here and makes the links in /dev/serial,
    # and before 73-seat-late.rules and ModemManager's 77- and 80- files, which act on what was decided. Single machines are
    # named in 71-fabline-machines.rules: `fabline machine udev` prints that file.

    ACTION=="remove", GOTO="fabline_end"
    SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", GOTO="fabline_device"
    SUBSYSTEM!="tty", GOTO="fabline_end"
    ENV{ID_BUS}!="usb", GOTO="fabline_end"

    # Prusa Research: all of its boards.
    ENV{ID_VENDOR_ID}=="2c99", GOTO="fabline_printer"
    # UltiMachine RAMBo.
    ENV{ID_VENDOR_ID}=="27b1", ENV{ID_MODEL_ID}=="0001", GOTO="fabline_printer"
    # Marlin 2 on boards with USB of their own; Smoothieboard; Duet 2 and 3.
    ENV{ID_VENDOR_ID}=="1d50", ENV{ID_MODEL_ID}=="6029|6015|60ec|60ed|60ee", GOTO="fabline_printer"
    # Arduino Mega 2560, nearly always under a RAMPS shield or a copy of it.
    ENV{ID_VENDOR_ID}=="2341|2a03", ENV{ID_MODEL_ID}=="0010|0042", GOTO="fabline_printer"

    # Not here, on purpose: the chips that sit in everything (CH340 1a86:7523, FTDI 0403:6001, CP210x 10c4:ea60,
    # PL2303 067b:2303) and the numbers that many makers share (STM32 0483:5740, LUFA 03eb:204b, Teensy
    # 16c0:0483, Maple 1eaf:0004). Such a port may be a modem, a UPS or a meter: only a machine's own rule names it.
    GOTO="fabline_end"

    LABEL="fabline_printer"
    # ModemManager would open the port and write AT commands to a printer.
    ENV{ID_MM_PORT_IGNORE}="1"
    # A unit of systemd may wait for it; 99-systemd.rules says the same for every tty.
    TAG+="systemd"
    # As Debian has it by default, said once more for systems that do not.
    GROUP="dialout", MODE="0660"
    GOTO="fabline_end"

    LABEL="fabline_device"
    # The whole USB device, with all ports that it may have: ModemManager looks at this one first.
    ATTR{idVendor}=="2c99", ENV{ID_MM_DEVICE_IGNORE}="1"
    ATTR{idVendor}=="27b1", ATTR{idProduct}=="0001", ENV{ID_MM_DEVICE_IGNORE}="1"
    ATTR{idVendor}=="1d50", ATTR{idProduct}=="6029|6015|60ec|60ed|60ee", ENV{ID_MM_DEVICE_IGNORE}="1"
    ATTR{idVendor}=="2341|2a03", ATTR{idProduct}=="0010|0042", ENV{ID_MM_DEVICE_IGNORE}="1"

    LABEL="fabline_end"

    """#
}
