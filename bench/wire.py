"""HTTP over plain sockets, as thin as Python allows: what is measured is the server, not the client."""
import json
import select
import socket


def frame(raw):
    """(head, body, rest) of the first whole message of raw, or None when there is more to come."""
    end = raw.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = raw[:end]
    at = head.find(b"Content-Length:")  # as all write it whom we talk to
    length = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(raw) < end + 4 + length:
        return None
    return head, raw[end + 4:end + 4 + length], raw[end + 4 + length:]


def encode(method, path, body=None):
    payload = b"" if body is None else json.dumps(body).encode()
    return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n").encode() + payload


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.raw = b""

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        """Reads what has come; the (status, body) of an answer when it is whole, else None."""
        more = self.socket.recv(1 << 20)
        if not more:
            raise ConnectionError("the server closed the connection")
        self.raw += more
        whole = frame(self.raw)
        if whole is None:
            return None
        head, body, self.raw = whole
        return int(head.split(b" ", 2)[1]), body

    def ask(self, request):
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def json(self, method, path, body=None, wanted=(200, 201, 204)):
        status, text = self.ask(encode(method, path, body))
        if status not in wanted:
            raise RuntimeError(f"{method} {path}: {status} {text[:300]!r}")
        return json.loads(text) if text else None

    def close(self):
        self.socket.close()


class Bot:
    """Receives webhooks, answers each with 200, and a text of a person with a message of its own."""

    OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.api = Connection(port)
        self.incoming = {}
        self.answer_to = None   # made from a webhook body: the request to send, or None
        self.received = 0       # webhooks so far, handshakes not counted
        self.answered = 0       # answers of the API so far
        self.refused = None     # the first answer of the API that was not 200
        self.poll = select.epoll()
        self.files = {}         # what is watched, by number
        self.watch(self.listener)
        self.watch(self.api.socket)

    def watch(self, file):
        if file.fileno() not in self.files:
            self.files[file.fileno()] = file
            self.poll.register(file.fileno(), select.EPOLLIN)

    def wait(self):
        ready = self.poll.poll(30)
        if not ready:
            raise RuntimeError("nothing happened for 30 seconds")
        return [self.files[number] for number, _ in ready]

    def serve(self, file):
        """Does what can be done at once with a socket that is ready."""
        if file is self.listener:
            accepted, _ = self.listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.incoming[accepted] = b""
            self.watch(accepted)
        elif file is self.api.socket:
            answer = self.api.receive()
            if answer is not None:
                self.answered += 1
                if answer[0] != 200 and self.refused is None:
                    self.refused = answer
        else:
            self.take(file)

    def take(self, file):
        more = file.recv(1 << 20)
        if not more:
            del self.incoming[file], self.files[file.fileno()]
            file.close()
            return
        raw = self.incoming[file] + more
        while (whole := frame(raw)) is not None:
            head, body, raw = whole
            if head.startswith(b"GET"):
                challenge = head.split(b"hub.challenge=", 1)[1].split(b" ", 1)[0].split(b"&", 1)[0]
                file.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(challenge), challenge))
                continue
            self.received += 1
            request = self.answer_to(body) if self.answer_to else None
            file.sendall(self.OK)
            if request is not None:
                self.api.send(request)
        self.incoming[file] = raw

    def ask(self, connection, request, wanted):
        """A request on another connection; webhooks that come meanwhile are served."""
        self.watch(connection.socket)
        connection.send(request)
        while True:
            for file in self.wait():
                if file is not connection.socket:
                    self.serve(file)
                elif (answer := connection.receive()) is not None:
                    if answer[0] != wanted:
                        raise RuntimeError(f"{request[:60]!r}: {answer[0]} {answer[1][:300]!r}")
                    return answer[1]

    def serve_until(self, done):
        while not done():
            for file in self.wait():
                self.serve(file)

    def close(self):
        self.poll.close()
        for file in [self.listener, self.api.socket, *self.incoming]:
            file.close()
