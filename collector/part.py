"""What part a program plays at the broker: it collects alone, shares the line's messages, or only looks on.

Several collectors of one line may share its messages (`SHARES`): the broker gives each message to one of them, and
what all of them must hear (agents' states, confirmations, each other) to each.
"""

from dataclasses import dataclass

from contract.broker import Broker
from contract.errors import NotAllowed
from contract.topics import Topics
from contract.words import Words

SESSION_S = 7 * 86_400
SHARED_SESSION_S = 60
"""A broker gives messages to sessions whose collector is away, too: docs/decisions/several-collectors.md."""

NO_MQTT_5 = Words(
    "MQTT 5 を話しません(収集を何台かで分担するには要ります)",
    "it does not speak MQTT 5, which several collectors need to share a line's messages",
)

_SHARES_NOTHING = NotAllowed(
    Words(
        "内蔵ブローカーでは、収集を何台かで分担できません。", "Collectors cannot share the embedded broker's messages."
    ),
    Words(
        "[mqtt] url を mosquitto などの MQTT 5 のブローカーにしてください。",
        "Use a broker that speaks MQTT 5, such as mosquitto, in [mqtt] url.",
    ),
)


@dataclass(frozen=True, slots=True)
class Part:
    """What part we play at the broker. ``session_s``: how long it keeps our session when we are away.

    ``shares``: the line's messages are divided among all that say so, and what all must hear comes to each.
    ``receives``: we are given readings, and confirm to the agents.
    """

    name: str = "collector"
    session_s: int = SESSION_S
    shares: bool = False
    receives: bool = True

    def check(self, broker: Broker) -> None:
        """Raise NotAllowed for a part that cannot be played at that broker."""
        if self.shares and broker.embedded:
            raise _SHARES_NOTHING

    def filters(self, topics: Topics) -> tuple[str, ...]:
        """What we subscribe to."""
        if self.receives and not self.shares:
            return (topics.everything,)
        all_hear = (topics.agent("+"), topics.acks("+"), topics.collector("+"))
        return (topics.shared, *all_hear) if self.receives else all_hear


COLLECTS = Part()
SHARES = Part(session_s=SHARED_SESSION_S, shares=True)
LOOKS_ON = Part("kpi", session_s=0, receives=False)
"""Of a service apart from its collectors: it knows whether the broker is there, and what agents say of themselves."""
