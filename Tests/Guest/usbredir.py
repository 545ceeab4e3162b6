"""A USB device outside the guest, spoken to QEMU by the usbredir protocol: a thread a device, a Unix socket as its cable.

Facts: usbredir-protocol.txt of spice's usbredir; USB 2.0 chapter 9 for descriptors and standard requests. Nothing listens
here: QEMU does, so that a connection is a plug that goes in, and its end is a plug that is pulled.
"""

import dataclasses
import socket
import struct
import threading

from guest import connect

# Packet types.
HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS, SET_CONFIGURATION, GET_CONFIGURATION = range(8)
CONFIGURATION_STATUS, SET_ALTERNATE, GET_ALTERNATE, ALTERNATE_STATUS = range(8, 12)
START_INTERRUPT, STOP_INTERRUPT, INTERRUPT_STATUS = 15, 16, 17
CANCEL = 21
CONTROL, BULK = 100, 101
# Capabilities that QEMU's xHCI asks for: packet sizes of endpoints, 64-bit ids, 32-bit lengths of bulk packets.
CAPABILITIES = 1 << 4 | 1 << 5 | 1 << 6
DONE, CANCELLED, STALL = 0, 1, 4
FULL_SPEED = 1
NO_ENDPOINT = 255


@dataclasses.dataclass
class Endpoint:
    """One endpoint: address with direction bit, type (2 bulk, 3 interrupt), packet size, interface."""

    address: int
    kind: int
    size: int
    interface: int = 0

    def descriptor(self):
        return struct.pack("<BBBBHB", 7, 5, self.address, self.kind, self.size, 10 if self.kind == 3 else 0)


@dataclasses.dataclass
class Interface:
    """One interface: class, subclass, protocol, what stands between it and its endpoints in the descriptor."""

    kind: tuple
    endpoints: list
    functional: bytes = b""


@dataclasses.dataclass
class Identity:
    """What a device says of itself; None for a string that it does not have."""

    vendor: int
    product: int
    version: int = 0x0100
    kind: int = 0
    maker: str | None = None
    name: str | None = None
    serial: str | None = None


class Device:
    """A device with one bulk pipe each way. Subclasses know the requests of a chip."""

    interfaces = []

    def __init__(self, identity):
        self.identity = identity
        self.link = None
        self.lock = threading.RLock()
        self.thread = None
        self.wanted = []
        self.waiting = bytearray()

    # What a subclass says

    def request(self, kind, request, value, index, data):
        """A class or vendor request: the answer's bytes, or None to refuse it."""
        raise NotImplementedError

    def received(self, data):
        """Bytes that came from the guest."""
        raise NotImplementedError

    def pulled(self):
        """The cable was pulled."""

    def piece(self, room):
        """The next bytes for the guest, at most as many as fit; takes them from `waiting`."""
        taken = bytes(self.waiting[:room])
        del self.waiting[:room]
        return taken

    # The cable

    def plug(self, path):
        """Puts the plug in; QEMU listens at the path."""
        self.link = connect(path, 30)
        self.wanted, self.waiting = [], bytearray()
        self.thread = threading.Thread(target=self._serve, args=(self.link,), daemon=True)
        self.thread.start()

    def unplug(self):
        """Pulls the cable."""
        with self.lock:
            link, self.link = self.link, None
        if link is None:
            return
        link.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        link.close()
        self.pulled()

    def transmit(self, data):
        """Bytes for the guest, as soon as it asks for some."""
        with self.lock:
            self.waiting += data
            self._serve_wanted()

    # Descriptors

    def _endpoints(self):
        return [endpoint for interface in self.interfaces for endpoint in interface.endpoints]

    def _strings(self):
        return [None, self.identity.maker, self.identity.name, self.identity.serial]

    def _descriptor(self, kind, number):
        own = self.identity
        if kind == 1:
            strings = [place if text else 0 for place, text in enumerate(self._strings())][1:]
            return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, own.kind, 0, 0, 64, own.vendor, own.product,
                               own.version, *strings, 1)
        if kind == 2:
            body = b""
            for place, interface in enumerate(self.interfaces):
                body += bytes([9, 4, place, 0, len(interface.endpoints), *interface.kind, 0]) + interface.functional
                body += b"".join(endpoint.descriptor() for endpoint in interface.endpoints)
            return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 50) + body
        if kind == 3 and number == 0:
            return bytes([4, 3, 0x09, 0x04])
        if kind == 3 and number < 4 and self._strings()[number]:
            text = self._strings()[number].encode("utf-16-le")
            return bytes([2 + len(text), 3]) + text
        return None

    # The protocol

    def _send(self, kind, number, data):
        with self.lock:
            if self.link is None:
                return
            head = struct.pack("<III", kind, len(data), number) if kind == HELLO else struct.pack(
                "<IIQ", kind, len(data), number)
            try:
                self.link.sendall(head + data)
            except OSError:
                pass

    def _read(self, link, count):
        data = bytearray()
        while len(data) < count:
            piece = link.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return bytes(data)

    def _serve(self, link):
        try:
            self._send(HELLO, 0, b"a printer's board".ljust(64, b"\0") + struct.pack("<I", CAPABILITIES))
            head = struct.Struct("<III")
            while True:
                kind, length, number = head.unpack(self._read(link, head.size))
                self._packet(kind, number, self._read(link, length))
                head = struct.Struct("<IIQ")
        except (ConnectionError, OSError):
            pass

    def _packet(self, kind, number, data):
        if kind == HELLO:
            self._introduce()
        elif kind == CONTROL:
            self._control(number, data)
        elif kind == BULK:
            self._bulk(number, data)
        elif kind == CANCEL:
            with self.lock:
                for wanted in [wanted for wanted in self.wanted if wanted[0] == number]:
                    self.wanted.remove(wanted)
                    self._send(BULK, number, struct.pack("<BBHIH", wanted[1], CANCELLED, 0, 0, 0))
        elif kind == SET_CONFIGURATION:
            self._send(CONFIGURATION_STATUS, number, bytes([DONE, data[0]]))
        elif kind == GET_CONFIGURATION:
            self._send(CONFIGURATION_STATUS, number, bytes([DONE, 1]))
        elif kind == SET_ALTERNATE:
            self._send(ALTERNATE_STATUS, number, bytes([DONE, data[0], data[1]]))
        elif kind == GET_ALTERNATE:
            self._send(ALTERNATE_STATUS, number, bytes([DONE, data[0], 0]))
        elif kind in (START_INTERRUPT, STOP_INTERRUPT):
            self._send(INTERRUPT_STATUS, number, bytes([DONE, data[0]]))

    def _introduce(self):
        """Endpoints in 32 places, outward first; then interfaces, then the device itself."""
        kinds, intervals, owners, sizes = [NO_ENDPOINT] * 32, [0] * 32, [0] * 32, [0] * 32
        for place in (0, 16):
            kinds[place], sizes[place] = 0, 64
        for endpoint in self._endpoints():
            place = (endpoint.address & 15) + (16 if endpoint.address & 0x80 else 0)
            kinds[place], owners[place], sizes[place] = endpoint.kind, endpoint.interface, endpoint.size
            intervals[place] = 10 if endpoint.kind == 3 else 0
        self._send(ENDPOINTS, 0, bytes(kinds + intervals + owners) + struct.pack("<32H", *sizes))
        rows = [bytes(range(len(self.interfaces)))]
        rows += [bytes(interface.kind[column] for interface in self.interfaces) for column in range(3)]
        self._send(INTERFACES, 0, struct.pack("<I", len(self.interfaces)) + b"".join(
            row.ljust(32, b"\0") for row in rows))
        own = self.identity
        self._send(CONNECT, 0, struct.pack("<BBBBHH", FULL_SPEED, own.kind, 0, 0, own.vendor, own.product))

    def _control(self, number, data):
        endpoint, request, kind, _, value, index, length = struct.unpack("<BBBBHHH", data[:10])
        if kind & 0x60 == 0:
            standard = {6: lambda: self._descriptor(value >> 8, value & 255), 0: lambda: b"\0\0"}
            answer = standard.get(request, lambda: b"")()
        else:
            answer = self.request(kind, request, value, index, data[10:])
        status = DONE if answer is not None else STALL
        if kind & 0x80:
            answer = (answer or b"")[:length]
            length = len(answer)
        else:
            answer = b""
        self._send(CONTROL, number, struct.pack("<BBBBHHH", endpoint, request, kind, status, value, index, length)
                   + answer)

    def _bulk(self, number, data):
        endpoint, _, low, stream, high = struct.unpack("<BBHIH", data[:10])
        if endpoint & 0x80:
            with self.lock:
                self.wanted.append((number, endpoint, low | high << 16))
                self._serve_wanted()
            return
        # Answered when the board has it: the guest's driver sends no faster than that.
        self.received(data[10:])
        self._send(BULK, number, struct.pack("<BBHIH", endpoint, DONE, low, stream, high))

    def _serve_wanted(self):
        while self.wanted and self.waiting:
            number, endpoint, room = self.wanted.pop(0)
            piece = self.piece(room)
            self._send(BULK, number, struct.pack("<BBHIH", endpoint, DONE, len(piece), 0, 0) + piece)
