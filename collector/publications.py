"""Cuts what came from the broker into packets, and reads publications out of them in bulk.

paho takes four system calls and two property objects for each message. Publications of QoS 0 and 1, nearly all that
comes, are read here from large pieces; every other packet is handed on to paho as it is.
"""

Publication = tuple[bytes, bytes, int, bool]
"""Topic, payload, packet id (0 with QoS 0), retained."""


def cut(received: bytearray, mqtt5: bool) -> tuple[list[Publication | bytes], int]:
    """The whole packets at the head of ``received``, in order, and how many bytes they are.

    What is no legal publication is given as its bytes, for paho to judge.
    """
    packets: list[Publication | bytes] = []
    at, size = 0, len(received)
    while at + 1 < size:
        length, body = _varying(received, at + 1)
        if body == 0:
            break
        if body < 0:  # no length is longer than four bytes
            packets.append(bytes(received[at:]))
            return packets, size
        end = body + length
        if end > size:
            break
        publication = None
        if received[at] & 0xF4 == 0x30:  # PUBLISH, and not QoS 2
            publication = _publication(received, received[at], body, end, mqtt5)
        packets.append(publication or bytes(received[at:end]))
        at = end
    return packets, at


def _publication(received: bytearray, head: int, body: int, end: int, mqtt5: bool) -> Publication | None:
    if end - body < 2:
        return None
    topic = body + 2
    at = topic_end = topic + (received[body] << 8 | received[body + 1])
    number = 0
    if head & 0x06:
        if at + 2 > end:
            return None
        number = received[at] << 8 | received[at + 1]
        at += 2
    if mqtt5:
        if at >= end:
            return None
        length, at = _varying(received, at)
        at += length
    if not 0 < at <= end:
        return None
    return bytes(received[topic:topic_end]), bytes(received[at:end]), number, bool(head & 0x01)


def _varying(received: bytearray, at: int) -> tuple[int, int]:
    """A length of one to four bytes and where it ends; 0 when it is not all there, below 0 when it has no end."""
    number = received[at]
    if number < 0x80:
        return number, at + 1
    number, shift = 0, 0
    for place in range(at, min(at + 4, len(received))):
        number |= (received[place] & 0x7F) << shift
        if received[place] < 0x80:
            return number, place + 1
        shift += 7
    return (0, 0) if at + 4 > len(received) else (0, -(1 << 62))
