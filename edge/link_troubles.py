"""What goes wrong between an agent and its broker, in the words of the floor."""

from contract.broker import Broker
from contract.broker_trouble import plainly
from contract.errors import BrokerError, KojoError
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


def still_refused(error: KojoError) -> Words:
    """A refusal that lasts: what is tried."""
    return Words(
        f"{error.say('ja')} まだ断られています。数秒ごとに試し、そのたびに secrets.toml と ca.crt を読み直すので、"
        "正しいものを置けばつながります。記録は続けています。",
        f"{error.say('en')} It is still so. We try every few seconds and read secrets.toml and ca.crt anew each time: "
        "with the right ones there it will connect. Readings are kept.",
    )


def _said(why: object, lang: Language) -> str:
    if isinstance(why, Exception):
        return plainly(why).say(lang)
    return why.say(lang) if isinstance(why, Words) else str(why)


def may_not_write(broker: Broker, credentials: Credentials, code: int) -> BrokerError:
    """A broker that took none of what we published: our account may not write it."""
    user = credentials.user or "-"
    return BrokerError(
        Words(
            f"ブローカー {broker} が受け取りを断りました({code})。利用者「{user}」には書けないトピックです。",
            f"The broker {broker} refused a message ({code}): the user {user} may not write its topic.",
        ),
        Words(
            "別の機器の secrets.toml でないか確かめてください。line.toml を変えたなら「kojo derive」をもう一度。",
            "Hint: see whether secrets.toml is another device's; if line.toml changed, run `kojo derive` again.",
        ),
    )
