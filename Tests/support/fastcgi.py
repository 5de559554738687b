"""Speaks FastCGI to Purser's socket as nginx does, and as nginx never would. Standard library only."""

import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, GET_VALUES = 1, 2, 3, 4, 5, 6, 7, 9


def record(kind, content=b"", request=1):
    """One record (FastCGI specification 1.0, section 3.3)."""
    return struct.pack("!BBHHBB", 1, kind, request, len(content), 0, 0) + content


def pairs(params):
    """Names and values (section 3.4)."""
    def length(text):
        return bytes([len(text)]) if len(text) < 128 else struct.pack("!I", len(text) | 0x80000000)

    encoded = [(str(name).encode(), str(value).encode()) for name, value in params.items()]
    return b"".join(length(name) + length(value) + name + value for name, value in encoded)


def request(method, target, body=b"", key=None, keep=True, **params):
    """A whole request; `params` are further CGI variables."""
    variables = {"REQUEST_METHOD": method, "REQUEST_URI": target, "REMOTE_ADDR": "127.0.0.1",
                 "CONTENT_LENGTH": str(len(body)) if body else ""}
    if body:
        variables["CONTENT_TYPE"] = "application/json"
    if key:
        variables["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    pieces = [body[at:at + 65_000] for at in range(0, len(body), 65_000)]
    return b"".join([
        record(BEGIN, struct.pack("!HB5x", 1, 1 if keep else 0)), record(PARAMS, pairs(variables | params)),
        record(PARAMS), *(record(STDIN, piece) for piece in pieces), record(STDIN),
    ])


class Peer:
    """One connection to the socket."""

    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next answer: status and body. Raises ConnectionError when the connection ends before it does."""
        output = b""
        while True:
            _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", self._exactly(8))
            content = self._exactly(length + padding)[:length]
            if kind == STDOUT:
                output += content
            elif kind == END:
                break
        head, _, body = output.partition(b"\r\n\r\n")
        return int(head.split(b"Status: ", 1)[1][:3]), body

    def ask(self, method, target, body=b"", **more):
        self.send(request(method, target, body, **more))
        return self.receive()

    def is_closed(self):
        """Whether the other side has closed; waits for it."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("the connection ended before the answer did")
            data += piece
        return data
