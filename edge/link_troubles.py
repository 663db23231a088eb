"""What goes wrong between an agent and its broker, in the words of the floor."""

from contract.broker import Broker
from contract.errors import BrokerError
from contract.secrets import Credentials
from contract.words import Language, Words


def broker_away(broker: Broker, why: object) -> BrokerError:
    """A broker that cannot be reached, or went away."""
    return BrokerError(
        Words(
            f"ブローカー {broker} につながりません({_said(why, 'ja')})。記録は続けており、つながり次第送ります。",
            f"The broker {broker} cannot be reached: {_said(why, 'en')}. Readings are kept and sent once it can.",
        )
    )


def _said(why: object, lang: Language) -> str:
    return why.say(lang) if isinstance(why, Words) else str(why)


def not_let_in(broker: Broker, credentials: Credentials) -> BrokerError:
    """A broker that does not know our user or password."""
    who = credentials.user or "-"
    return BrokerError(
        Words(
            f"ブローカー {broker} が利用者「{who}」を受け付けません。",
            f"The broker {broker} does not let in the user {who}.",
        ),
        Words("secrets.toml の [mqtt] を確認してください。", "Hint: look at [mqtt] in secrets.toml."),
    )


def wrong_certificate(broker: Broker, why: Exception) -> BrokerError:
    """A broker that cannot show that it is who it should be."""
    return BrokerError(
        Words(
            f"ブローカー {broker} の証明書を信用できないため、つなぎません({why})。",
            f"The certificate of the broker {broker} cannot be trusted, so we do not connect: {why}.",
        ),
        Words(
            "secrets.toml の [mqtt] ca と、アドレスのホスト名を確認してください。",
            "Hint: look at ca under [mqtt] in secrets.toml, and at the host's name in the address.",
        ),
    )
