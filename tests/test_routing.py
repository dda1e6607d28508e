"""Our own number is ours however the operator writes it: a message from it is a loop, not a person to answer."""

import pytest

from gateway.model import Inbound, Medium
from gateway.opening import build_channels, routes_of
from gateway.routing import normalized
from gateway.settings import Settings


@pytest.mark.parametrize("sender", ["+6281100000009", "081100000009", "62 811-0000-0009"])
async def test_our_own_number_is_known_in_every_spelling(sender: str) -> None:
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        KENTONGAN_AFRICASTALKING_USERNAME="kentongan",
        KENTONGAN_AFRICASTALKING_API_KEY="key",
        KENTONGAN_AFRICASTALKING_SENDER=sender,
    )
    channels = build_channels(settings)
    heard = normalized(Inbound("africastalking", Medium.SMS, "+62 811 0000 0009", "gema"))
    assert heard.address in routes_of(channels).own
    for channel in channels.values():
        await channel.close()
