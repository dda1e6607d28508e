"""What the Bot API refuses, and with which words (Bot API reference; tdlib/telegram-bot-api `Client.cpp`)."""

import html
import json
import re
from typing import Any

from .wire import Params

TEXT_UNITS = 4096
DATA_BYTES = 64
TAGS = ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "a", "code", "pre", "blockquote")
TELEGRAM_TAGS = ("tg-spoiler", "tg-emoji")
TAG = re.compile(r"<(/?)([A-Za-z-]*)([^<>]*)>|<")

Buttons = tuple[tuple[tuple[str, str], ...], ...]


class Refused(Exception):
    """An answer other than ok: HTTP status, its description and its `parameters`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


def bad(reason: str) -> Refused:
    return Refused(400, f"Bad Request: {reason}")


def parsed(params: Params, name: str, default: Any = None) -> Any:
    """A parameter that is JSON in a form and itself in a JSON body."""
    value = params.get(name)
    if value in (None, ""):
        return default
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None


def flag(params: Params, name: str) -> bool:
    return str(params.get(name, "")).lower() in ("true", "1", "yes")


def whole(params: Params, name: str, default: int = 0) -> int:
    """An integer; the server takes what it cannot read as the default."""
    value = str(params.get(name, ""))
    return int(value) if re.fullmatch(r"-?\d+", value) else default


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shown_text(params: Params) -> str:
    """The text as the reader sees it, without markup; raises Refused when the server would."""
    text = _without_markup(str(params.get("text", "")), str(params.get("parse_mode", ""))).strip()
    if not text:
        raise bad("message text is empty")
    if utf16_units(text) > TEXT_UNITS:
        raise bad("message is too long")
    return text


def _without_markup(text: str, mode: str) -> str:
    match mode.lower():
        case "":
            return text
        case "html":
            return _read_html(text)
        case "markdown" | "markdownv2":
            return _read_markdown(text)
    raise bad("unsupported parse_mode")


def _read_html(text: str) -> str:
    opened: list[str] = []
    for found in TAG.finditer(text):
        _follow_tag(found, opened, len(text[: found.start()].encode()))
    if opened:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{opened[-1]}\"")
    return html.unescape(TAG.sub("", text))


def _follow_tag(found: re.Match[str], opened: list[str], offset: int) -> None:
    closing, name = found[1], (found[2] or "").lower()
    if name not in TAGS + TELEGRAM_TAGS:
        raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
    if not closing:
        opened.append(name)
    elif not opened or opened.pop() != name:
        raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")


def _read_markdown(text: str) -> str:
    """Only balance is looked at: enough to catch a name or a body pasted in without escaping."""
    plain = re.sub(r"\\.", "", text)
    for mark in "*_`":
        if plain.count(mark) % 2:
            offset = len(text[: text.rfind(mark)].encode())
            raise bad(f"can't parse entities: Can't find end of the entity starting at byte offset {offset}")
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*_`]", "", text))


def read_buttons(params: Params) -> Buttons:
    """Rows of (label, callback data) of an inline keyboard."""
    markup = parsed(params, "reply_markup", {})
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    return tuple(tuple(_read_button(button) for button in row) for row in rows)


def _read_button(button: dict[str, Any]) -> tuple[str, str]:
    label, data = button.get("text"), button.get("callback_data", "")
    if not isinstance(label, str) or not label:
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if len(button) < 2:
        raise bad("text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(data.encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    return label, data


def check_webhook(url: str, secret: str) -> None:
    """https on the four allowed ports; plain http only to this machine, so that stories can run."""
    local = re.match(r"http://(127\.0\.0\.1|localhost)(:\d+)?/", url + "/")
    if not local and not url.startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    port = re.match(r"https?://[^/]*:(\d+)", url)
    if not local and port and port[1] not in ("443", "80", "88", "8443"):
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters" if len(secret) <= 256 else "secret token is too long")


def check_commands(commands: Any) -> None:
    for command in commands if isinstance(commands, list) else []:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
