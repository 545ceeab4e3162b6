"""The three kinds of serial ports that printers have: an FTDI adapter, a CH340 adapter, and CDC-ACM.

Facts: the requests that Linux' `ftdi_sio`, `ch341` and `cdc_acm` make; USB CDC 1.2, PSTN subclass, sections 6.3.10 to 12.
"""

import struct

from usbredir import Device, Endpoint, Identity, Interface

# What a board's own divider makes of a speed is never exact; a UART takes what is 3% off.
SPEEDS = [9600, 19200, 38400, 57600, 115200, 230400, 250000, 460800, 500000, 921600, 1000000, 2000000]


def nearest(speed):
    """The usual speed that is meant; the speed itself where none is near."""
    best = min(SPEEDS, key=lambda known: abs(known - speed))
    return best if abs(best - speed) < 0.03 * best else round(speed)


class Adapter(Device):
    """A device that carries a serial line to a board: bytes, speed and DTR."""

    def __init__(self, identity):
        super().__init__(identity)
        self.board = None
        self.dtr = False

    def set_dtr(self, raised):
        """The guest's driver raises DTR as the port is opened and drops it at the last close."""
        if raised == self.dtr:
            return
        self.dtr = raised
        if raised:
            self.board.opened(self)
        else:
            self.board.closed()

    def received(self, data):
        if self.dtr:
            self.board.write(data)

    def pulled(self):
        self.set_dtr(False)


class Ftdi(Adapter):
    """FT232R: every packet to the guest begins with two status bytes."""

    driver, node = "ftdi_sio", "ttyUSB"
    interfaces = [Interface((255, 255, 255), [Endpoint(0x81, 2, 64), Endpoint(0x02, 2, 64)])]
    # Clear to send, data set ready; transmitter empty.
    STATUS = b"\x31\x60"
    EIGHTHS = [0, 4, 2, 1, 3, 5, 6, 7]

    def __init__(self, serial="A50285BI"):
        super().__init__(Identity(0x0403, 0x6001, 0x0600, 0, "FTDI", "FT232R USB UART", serial))

    def piece(self, room):
        return self.STATUS + super().piece(min(room, 64) - 2)

    def request(self, kind, request, value, index, data):
        if request == 1:
            if value & 0x0100:
                self.set_dtr(bool(value & 1))
        elif request == 3:
            self.board.set_speed(nearest(self.speed(value | (index & 1) << 16)))
        return {5: self.STATUS, 0x0A: b"\x01", 0x90: b"\0\0"}.get(request, b"")

    @classmethod
    def speed(cls, divisor):
        """Three megabaud by a divisor in eighths; 0 and 1 stand for 3 and 2 megabaud."""
        if divisor in (0, 1):
            return [3e6, 2e6][divisor]
        return 3e6 / ((divisor & 0x3FFF) + cls.EIGHTHS[divisor >> 14 & 7] / 8)


class Ch340(Adapter):
    """CH340: two bare ones look the same, since they have no serial number."""

    driver, node = "ch341", "ttyUSB"
    interfaces = [Interface((255, 1, 2), [Endpoint(0x82, 2, 32), Endpoint(0x02, 2, 32), Endpoint(0x81, 3, 8)])]

    def __init__(self, serial=None):
        super().__init__(Identity(0x1A86, 0x7523, 0x0264, 255, None, "USB Serial", serial))

    def request(self, kind, request, value, index, data):
        if request == 0xA4:
            self.set_dtr(not value & 0x20)
        elif request == 0x9A and value == 0x1312:
            prescaler, fact, divisor = index & 3, index >> 2 & 1, 0x100 - (index >> 8)
            self.board.set_speed(nearest(48e6 / (1 << (12 - 3 * prescaler - fact)) / divisor))
        # Version; the modem's lines, where a 0 stands for raised.
        return {0x5F: b"\x31\x00", 0x95: b"\xf0\xff" if value == 0x0706 else b"\0\0"}.get(request, b"")


class CdcAcm(Adapter):
    """A board with USB of its own, or an Arduino's second controller."""

    driver, node = "cdc_acm", "ttyACM"
    interfaces = [
        Interface((2, 2, 1), [Endpoint(0x81, 3, 8, 0)],
                  bytes([5, 0x24, 0, 0x10, 1, 5, 0x24, 1, 0, 1, 4, 0x24, 2, 2, 5, 0x24, 6, 0, 1])),
        Interface((10, 0, 0), [Endpoint(0x02, 2, 64, 1), Endpoint(0x82, 2, 64, 1)]),
    ]

    def __init__(self, serial="75830303934351E0F1A1", vendor=0x2341, product=0x0042, maker="Arduino (www.arduino.cc)",
                 name=None):
        super().__init__(Identity(vendor, product, 0x0001, 2, maker, name, serial))
        self.coding = struct.pack("<IBBB", 9600, 0, 0, 8)

    def request(self, kind, request, value, index, data):
        if request == 0x20:
            self.coding = data[:7]
            self.board.set_speed(struct.unpack("<I", data[:4])[0])
        elif request == 0x22:
            self.set_dtr(bool(value & 1))
        return self.coding if request == 0x21 else b""


KINDS = {"ftdi": Ftdi, "ch340": Ch340, "cdc": CdcAcm}
