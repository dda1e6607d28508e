"""One module per provider. A new one is a line here, imported when it is first used."""

CHANNELS = {
    "telegram": "gateway.channels.telegram:Telegram",
    "africastalking": "gateway.channels.africastalking:AfricasTalking",
    "terminal": "gateway.channels.terminal:Terminal",
}
