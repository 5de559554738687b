"""HTTP as bytes, for requests that no well-meaning client would send. Standard library only."""

import socket


class Line:
    """One keep-alive connection to nginx. `ask` reads one answer by its own framing."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """Status, head and body of the next answer; ConnectionError when there is none."""
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        status = int(head[9:12])
        if status in (204, 304):
            return status, head, b""
        if b"chunked" in head.lower():
            return status, head, self._chunks()
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(self.rest) < int(lengths[0]):
            self._more()
        body, self.rest = self.rest[:int(lengths[0])], self.rest[int(lengths[0]):]
        return status, head, body

    def ask(self, data):
        self.send(data)
        return self.receive()

    def until_end(self):
        """All that comes until the other side closes."""
        try:
            while True:
                self._more()
        except ConnectionError:
            received, self.rest = self.rest, b""
            return received

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the connection ended before the answer did")
        self.rest += piece

    def _chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.rest:
                self._more()
            size, _, self.rest = self.rest.partition(b"\r\n")
            count = int(size, 16)
            while len(self.rest) < count + 2:
                self._more()
            body, self.rest = body + self.rest[:count], self.rest[count + 2:]
            if count == 0:
                return body


def post(path, body=b"", headers=(), content_type="application/json", method="POST", length=None):
    """A request as bytes; `length` is a Content-Length that need not be true, False leaves it out."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers)]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(path, body, headers=(), content_type="application/json", size=60_000, method="POST"):
    head = post(path, b"", [*headers, ("Transfer-Encoding", "chunked")], content_type, method, length=False)
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
