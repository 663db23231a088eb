r"""The bench: a whole board without a Pi, and the hand of whoever tests on it.

    clock = HandClock(start_ns)
    bench = Bench(clock)
    bench.drive(17, False)                       # the contact on GPIO17 closes to ground
    bench.bounce(17, True)                       # … and opens again, bouncing as contacts do
    bench.type("/dev/ttyUSB0", b"ST,+00123.45  g\r\n")
    bench.i2c_chip(1, 0x76, chip)
    clock.turn(1.0)

A sensor opens it like a real board (`edge.board.Board`) and cannot tell. It is part of the product: class, CI and
``kojo demo`` run on it. It is never picked silently (`edge.pins.open_board`). Several may live in one process.
"""

import random
from collections.abc import Callable

from contract.errors import MissingExtra
from contract.reading import NS_PER_S
from edge import troubles
from edge.bench_bus import BenchI2C, BenchSPI, I2CChip, SPIChip
from edge.bench_one_wire import BenchOneWire, OneWireChip
from edge.bench_tcp import BenchTcp, BenchTcpPort, Reply
from edge.board import Board, T
from edge.clock import Clock, Timer
from edge.shared import Shared

try:
    from gpiozero.exc import GPIOZeroError

    from edge.bench_pin import BenchFactory, BenchPin, ShortCircuit
    from edge.bench_serial import BenchPort, BenchSerial, Settings
except ModuleNotFoundError as missing:
    raise MissingExtra(missing.name or "gpiozero", "edge") from missing

__all__ = ["Bench", "Settings", "ShortCircuit"]


class Bench:
    """A Board whose pins, buses and ports are moved by hand. ``seed`` decides how contacts bounce."""

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self._clock = clock
        self._random = random.Random(seed)
        self.factory = BenchFactory(clock)
        self._i2c: dict[int, BenchI2C] = {1: BenchI2C()}
        self._spi: dict[tuple[int, int], SPIChip | None] = {(0, 0): None, (0, 1): None}
        self._ports: dict[str, BenchSerial] = {}
        self._one_wire = BenchOneWire()
        self._network: dict[tuple[str, int], BenchTcp] = {}
        self._shared = Shared()
        self._held: set[int] = set()
        self._pins: dict[int, BenchPin] = {}

    @property
    def clock(self) -> Clock:
        """The clock all of it lives by."""
        return self._clock

    # ---- the board's side: what a sensor may do ----

    def pin(self, number: int) -> BenchPin:
        """A free pin. Raises SensorError for no such pin, or one that is in use."""
        try:
            pin = self._pin(number)
        except GPIOZeroError as error:
            raise troubles.pin_refused(number, str(error)) from error
        if pin.taken or number in self._held:
            raise troubles.pin_in_use(number)
        pin.taken = True
        return pin

    def i2c(self, bus: int = 1) -> BenchI2C:
        """An I2C bus. Raises SensorError for one that is not there."""
        if bus not in self._i2c:
            raise troubles.no_i2c_bus(bus, f"/dev/i2c-{bus}: No such file or directory")
        return self._i2c[bus]

    def spi(self, bus: int, chip: int, hz: int, mode: int = 0) -> BenchSPI:
        """A chip on an SPI bus. Raises SensorError for a bus that is not there."""
        if (bus, chip) not in self._spi:
            raise troubles.no_spi_bus(bus, chip, f"/dev/spidev{bus}.{chip}: No such file or directory")
        return BenchSPI(lambda: self._spi[bus, chip], hz, mode)

    def serial(self, port: str, baud: int, *, bits: int = 8, parity: str = "N", stop: float = 1) -> BenchPort:
        """A serial port; every name is there unless it was unplugged. Raises SensorError."""
        return self._port(port).open(Settings(baud, bits, parity, stop))

    def keys(self, path: str) -> BenchPort:
        """An input device that types; ``type`` it the events of `edge.keyboard.typed`. Raises SensorError."""
        return self._port(path).open(Settings(0))

    def one_wire(self) -> BenchOneWire:
        """The 1-Wire bus."""
        return self._one_wire

    def tcp(self, host: str, port: int, within_s: float) -> BenchTcpPort:  # noqa: ARG002 - nobody to wait for
        """A connection to a device of the bench's network. Raises SensorError if nobody is there."""
        return self._address(host, port).open()

    def share(self, name: str, make: Callable[[Board], T]) -> T:
        """What several sensors use together; made by the first who asks."""
        return self._shared.get(name, lambda: make(self))

    # ---- the tester's side: what the world does ----

    def drive(self, pin: int, level: bool, at_ns: int | None = None) -> None:
        """One clean electrical edge; ``level`` True is 3.3 V. Raises ShortCircuit on an output.

        ``at_ns``: when it was (monotonic, now or before), where a busy computer comes late to say so.
        """
        self._pin(pin).wire(level, at_ns)

    def release(self, pin: int) -> None:
        """Nothing connected any more: the pull decides."""
        self._pin(pin).wire(None)

    def take(self, pin: int, level: bool | None) -> None:
        """A person takes the wire and holds it at ``level`` (None: pulled out); what drives it meanwhile has to wait.

        Raises ShortCircuit on an output.
        """
        self._pin(pin).take(level)

    def leave(self, pin: int) -> None:
        """The person lets go: the pin is as whatever drives it says now."""
        self._pin(pin).leave()

    def in_hand(self, pin: int) -> bool:
        """Whether a person holds the wire."""
        return self._pin(pin).in_hand

    def bounce(self, pin: int, level: bool, edges: int = 5, within_ms: float = 5.0) -> None:
        """A contact that bounces and ends at ``level``: the first edge now, the last ``within_ms`` later at most.

        ``edges`` is rounded up so that they end there; from a pin that is at ``level`` already it is a glitch.
        """
        self._bounce(pin, level, edges, within_ms, by_hand=False)

    def bounce_in_hand(self, pin: int, level: bool, edges: int, within_ms: float, lane: str = "bench") -> Timer:
        """The same done by a person, who holds the wire from then on. Gives what is to come, to be called off."""
        return self._bounce(pin, level, edges, within_ms, by_hand=True, lane=lane)

    def _bounce(
        self,
        pin: int,
        level: bool,
        edges: int,
        within_ms: float,
        *,
        by_hand: bool,
        lane: str = "bench",
    ) -> Timer:
        """The edges after the first are put together once the last is due, each with its own date.

        So a busy computer cannot stretch a burst; an edge that comes out late and rightly dated is what a kernel gives.
        Whoever reads the pin meanwhile finds it as it is by then.
        """
        wire, now_ns = self._pin(pin), self._clock.monotonic_ns()
        now_level, put = wire.level, wire.take if by_hand else wire.wire
        edges += (edges + (now_level != level)) % 2
        after_ms = sorted(self._random.uniform(0.0, within_ms) for _ in range(max(0, edges - 1)))
        levels = [now_level ^ (i % 2 == 0) for i in range(edges)]
        dates = [now_ns] + [now_ns + round(after * NS_PER_S / 1000) for after in after_ms]
        burst = list(zip(dates, levels, strict=False))

        def the_rest() -> None:
            for at_ns, edge in burst[1:]:
                put(edge, at_ns)
            wire.expect(())

        if by_hand or not wire.in_hand:
            wire.expect(burst)
        if burst:
            put(levels[0], now_ns)
        return self._clock.at(dates[-1], the_rest, lane)

    def level(self, pin: int) -> bool:
        """The voltage on a pin: what an output drives, or what an input sees."""
        return self._pin(pin).level

    def changes(self, pin: int) -> int:
        """How often the voltage on a pin has changed so far."""
        return self._pin(pin).changes

    def is_output(self, pin: int) -> bool:
        """Whether the pin drives its wire."""
        return bool(self._pin(pin).function == "output")

    def record(self, pin: int) -> list[tuple[int, bool]]:
        """A list that grows with every change of a pin from now on: (monotonic ns, level)."""
        changes: list[tuple[int, bool]] = []
        self._pin(pin).record(lambda at_ns, level: changes.append((at_ns, level)))
        return changes

    def attach(self, pin: int, device: Callable[[int, bool], None]) -> None:
        """Hang a device's model on a pin: ``device(monotonic_ns, level)`` at each change; it may move other pins."""
        self._pin(pin).attach(device)

    def lose_edges(self, pin: int, lost: bool = True) -> None:
        """Let the kernel drop the edges of a pin, as it does in a flood; the voltage moves all the same."""
        self._pin(pin).deaf = lost

    def hold(self, pin: int) -> None:
        """Let another program hold a pin, so that nobody here can have it."""
        self._held.add(pin)

    def let_go(self, pin: int) -> None:
        """The other program has ended."""
        self._held.discard(pin)

    def type(self, port: str, data: bytes) -> None:
        """Bytes out of the device at a port; lost if nobody has it open.

        On a hand-turned clock whoever watches the port has read all of them when this returns.
        """
        self._port(port).type(data)

    def unplug(self, port: str) -> None:
        """Pull a serial device out."""
        self._port(port).unplug()

    def plug(self, port: str, settings: Settings | None = None, reply: Callable[[bytes], bytes] | None = None) -> None:
        """Plug a serial device in; with ``settings`` it is deaf to others, ``reply`` answers what it is told."""
        self._port(port).plug(settings, reply)

    def i2c_chip(self, bus: int, address: int, chip: I2CChip | None) -> None:
        """Put a chip model on an I2C bus, or take it away (None)."""
        self._i2c.setdefault(bus, BenchI2C()).plug(address, chip)

    def i2c_chip_at(self, bus: int, address: int) -> I2CChip | None:
        """The chip model at an address, or None."""
        return self._i2c[bus].plugged(address) if bus in self._i2c else None

    def spi_chip_at(self, bus: int, chip_select: int) -> SPIChip | None:
        """The chip model on an SPI bus, or None."""
        return self._spi.get((bus, chip_select))

    def spi_chip(self, bus: int, chip_select: int, chip: SPIChip | None) -> None:
        """Put a chip model on an SPI bus, or take it away (None)."""
        self._spi[bus, chip_select] = chip

    def one_wire_chip(self, device: str, chip: OneWireChip | None) -> None:
        """Put a device on the 1-Wire bus under the kernel's name for it (``28-0316a2795ad1``), or take it away."""
        self._one_wire.plug(device, chip)

    def tcp_device(self, host: str, port: int, reply: Reply | None) -> None:
        """Put a device on the network that says ``reply`` to what it is told, or switch it off (None)."""
        self._address(host, port).plug(reply)

    def tcp_type(self, host: str, port: int, data: bytes) -> None:
        """Bytes out of a device of the network, unasked, on every connection it has."""
        self._address(host, port).type(data)

    def tcp_hang_up(self, host: str, port: int) -> None:
        """A device of the network ends every connection it has."""
        self._address(host, port).hang_up()

    def close(self) -> None:
        """Pull everything out and give pseudo-terminals back."""
        for address in self._network.values():
            address.close()
        for port in self._ports.values():
            port.close()
        self._pins.clear()
        self.factory.reset()

    def _pin(self, number: int) -> BenchPin:
        pin = self._pins.get(number)  # gpiozero looks a name up by going through the header
        if pin is None:
            pin = self._pins[number] = self.factory.pin(number)
        return pin

    def _address(self, host: str, port: int) -> BenchTcp:
        return self._network.setdefault((host, port), BenchTcp(host, port, hasattr(self._clock, "pump")))

    def _port(self, name: str) -> BenchSerial:
        return self._ports.setdefault(name, BenchSerial(name, self._clock))
