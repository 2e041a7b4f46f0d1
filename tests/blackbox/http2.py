"""http2 - enough of HTTP/2 to say what no honest client says: frames, and fields as they are given (RFC 9113, RFC 7541)."""
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
ACK, END_STREAM, END_HEADERS = 1, 1, 4
FRAME_BYTES = 16384


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _length(size):
    """An integer with a prefix of 7 bits (RFC 7541 section 5.1)."""
    if size < 127:
        return bytes([size])
    size, more = size - 127, [127]
    while size >= 128:
        more.append(size % 128 + 128)
        size //= 128
    return bytes([*more, size])


def fields(pairs):
    """Each as a literal without indexing, whatever is in it."""
    return b"".join(b"\0" + _length(len(name)) + name + _length(len(value)) + value for name, value in pairs)


def request(stream, pairs, body=b"", trailers=()):
    """A request on a stream of its own."""
    pieces = [body[i:i + FRAME_BYTES] for i in range(0, len(body), FRAME_BYTES)]
    ends = END_STREAM if not pieces and not trailers else 0
    out = frame(HEADERS, END_HEADERS | ends, stream, fields(pairs))
    for number, piece in enumerate(pieces, 1):
        out += frame(DATA, END_STREAM if number == len(pieces) and not trailers else 0, stream, piece)
    return out + (frame(HEADERS, END_HEADERS | END_STREAM, stream, fields(trailers)) if trailers else b"")


class Conversation:
    """A connection that has said hello."""

    def __init__(self, raw):
        self._raw = raw
        raw.send(PREFACE + frame(SETTINGS, 0, 0))

    def ask(self, *requests):
        """Sends them, and reads until each has its end: what came of the body of each."""
        bodies, open_ones = {number: b"" for number, _ in requests}, {number for number, _ in requests}
        self._raw.send(b"".join(data for _, data in requests))
        while open_ones and (found := self._read_frame()):
            kind, flags, stream, payload = found
            if kind in (SETTINGS, PING) and not flags & ACK:
                self._raw.send(frame(kind, ACK, 0, payload if kind == PING else b""))
            elif kind == GOAWAY:
                open_ones -= {number for number in open_ones if number > struct.unpack(">I", payload[:4])[0]}
            elif kind == RST_STREAM:
                open_ones.discard(stream)
            elif kind == DATA:
                bodies[stream] += payload
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                open_ones.discard(stream)
        return list(bodies.values())

    def _read_frame(self):
        head = self._raw.read_some(9)
        if len(head) < 9:
            return None
        payload = self._raw.read_some(int.from_bytes(head[:3], "big"))
        return head[3], head[4], int.from_bytes(head[5:], "big") & 0x7fffffff, payload
