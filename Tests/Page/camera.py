"""A small camera: `/snap` gives a picture, `/film` gives them without end, each in another colour."""

import http.server
import struct
import threading
import zlib


def picture(number, width=320, height=240):
    """A PNG: a bed seen from above, a nozzle that has moved on with each picture."""
    rows = bytearray()
    nozzle = 40 + number * 24 % (width - 80)
    for y in range(height):
        rows.append(0)
        for x in range(width):
            if abs(x - nozzle) < 8 and 60 < y < 110:
                rows += b"\xe8\xb0\x40"
            elif 110 <= y < 190 and 30 < x < width - 30:
                rows += b"\x50\x58\x60" if (x // 20 + y // 20) % 2 else b"\x5a\x62\x6a"
            else:
                rows += bytes((24, 30 + y // 8, 38 + y // 6))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


class Camera:
    """Runs until `end`; tells how often it was asked and how many watch."""

    def __init__(self):
        camera = self
        self.pictures = [picture(number) for number in range(4)]
        self.asked = 0
        self.watching = 0
        self.is_on = True
        self.tick = threading.Condition()

        class Answer(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                if not camera.is_on:
                    self.send_error(503)
                elif self.path == "/snap":
                    camera.asked += 1
                    body = camera.pictures[camera.asked % 4]
                    self.send_response(200)
                    self.send_header("Content-Type", "image/png")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                elif self.path == "/film":
                    self.film()
                else:
                    self.send_error(404)

            def film(self):
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=film")
                self.end_headers()
                camera.watching += 1
                number = 0
                try:
                    while camera.is_on:
                        number += 1
                        self.wfile.write(b"--film\r\nContent-Type: image/png\r\n\r\n" + camera.pictures[number % 4] + b"\r\n")
                        with camera.tick:
                            camera.tick.wait(0.2)
                except OSError:
                    pass
                finally:
                    camera.watching -= 1

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.is_on = False
        with self.tick:
            self.tick.notify_all()
        self.server.shutdown()
        self.server.server_close()
