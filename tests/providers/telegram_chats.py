"""The people and groups at the other end of the bot: what they do becomes updates, what the bot does they see."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .telegram_rules import Buttons
from .watching import Bell, Feed
from .wire import sample

if TYPE_CHECKING:
    from .telegram import FakeTelegram

Json = dict[str, Any]
Wanted = str | Callable[["Message"], bool]


@dataclass(eq=False)
class Message:
    """A message by the bot or by a person; `at` is monotonic seconds, `edited` the texts it was changed to."""

    chat_id: int
    message_id: int
    text: str
    from_bot: bool
    payload: Json
    protect_content: bool = False
    buttons: Buttons = ()
    reply_to: int | None = None
    deleted: bool = False
    edited: list[str] = field(default_factory=list)
    older_than_48h: bool = False
    at: float = field(default_factory=time.monotonic)

    def __repr__(self) -> str:
        return f"<Message {self.chat_id}/{self.message_id} {self.text!r} {[list(row) for row in self.buttons]}>"

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]

    def data_of(self, wanted: str) -> str:
        """The callback data of the button with this label or data; raises LookupError."""
        for row in self.buttons:
            for label, data in row:
                if wanted in (label, data):
                    return data
        raise LookupError(f"no button {wanted!r} on {self!r}")


@dataclass(eq=False)
class Press:
    """A button pressed: the callback query and what the bot answered to it."""

    id: str
    data: str
    answers: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Chat:
    """A private chat or a group, with its messages by id."""

    id: int
    type: str
    name: str
    feed: Feed
    started: bool = False
    blocked: bool = False
    migrated_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0

    @classmethod
    def new(cls, id: int, type: str, name: str, bell: Bell) -> "Chat":
        return cls(id, type, name, Feed(bell, f"{name} ({id})"))

    @property
    def payload(self) -> Json:
        return {"id": self.id, "type": self.type, "first_name" if self.type == "private" else "title": self.name}

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def keep(self, message: Message) -> Message:
        self.last_id = max(self.last_id, message.message_id)
        return self.messages.setdefault(message.message_id, message)


class Reader:
    """Whoever reads a chat. `sees` reads on from the last message it found: each message counts once, and messages
    before the found one are skipped. A text edited by the bot is shown again, as new."""

    def __init__(self, fake: "FakeTelegram", chat: Chat) -> None:
        self._fake, self.chat, self.id = fake, chat, chat.id

    @property
    def inbox(self) -> list[Message]:
        """The bot's messages that are still there, oldest first."""
        return [m for m in self.chat.messages.values() if m.from_bot and not m.deleted]

    async def sees(self, wanted: Wanted, timeout: float = 30) -> Message:
        """The next message that holds the substring or fulfils the predicate; raises AssertionError when none comes."""
        message = await self.chat.feed.sees(wanted, timeout)
        assert isinstance(message, Message)
        return message

    async def sees_nothing(self, seconds: float) -> None:
        """Raises AssertionError when anything unread is there or comes within `seconds`."""
        await self.chat.feed.sees_nothing(seconds)


class User(Reader):
    """A person with Telegram, and their private chat with the bot."""

    def __init__(self, fake: "FakeTelegram", chat: Chat, language_code: str) -> None:
        super().__init__(fake, chat)
        self.payload = {
            "id": chat.id,
            "is_bot": False,
            "first_name": chat.name,
            "language_code": language_code,
        }

    async def says(self, text: str, reply_to: Message | None = None, chat: "Group | None" = None) -> Message:
        """Writes to the bot, or in a group."""
        return self._send({"text": text}, reply_to, chat)

    async def edits(self, message: Message | int, text: str) -> None:
        """Changes the text of an own message, given by itself or by its id in the private chat."""
        if isinstance(message, int):
            message = self.chat.messages[message]
        message.text = text
        message.payload = message.payload | {"text": text, "edit_date": self._fake.now()}
        self._fake.inject({"edited_message": message.payload})

    async def presses(self, message: Message, label_or_data: str, *, anyway: bool = False) -> Press:
        """Presses a button; `anyway` sends data that is on no button (any more), as an old or forged client does."""
        press = Press(str(self._fake.next_number()), label_or_data if anyway else message.data_of(label_or_data))
        query = {
            "id": press.id,
            "from": self.payload,
            "message": self._pressed(message),
            "chat_instance": str(-message.chat_id * 7919),
            "data": press.data,
        }
        self._fake.presses[press.id] = press
        self._fake.inject({"callback_query": query})
        return press

    async def sees_answer(self, press: Press, timeout: float = 30) -> str:
        """The text of the bot's answer to a press ("" when it only stops the spinner)."""
        return await self._fake.bell.until(lambda: press.answers[0] if press.answers else None, timeout)

    async def sends_photo(self, caption: str = "", chat: "Group | None" = None) -> Message:
        return self._send(_content("telegram_photo.json") | ({"caption": caption} if caption else {}), None, chat)

    async def sends_voice(self, chat: "Group | None" = None) -> Message:
        return self._send(_content("telegram_voice.json"), None, chat)

    async def sends_contact(self, chat: "Group | None" = None) -> Message:
        return self._send(_content("telegram_contact.json"), None, chat)

    async def sends_location(self, chat: "Group | None" = None) -> Message:
        return self._send(_content("telegram_location.json"), None, chat)

    def blocks(self) -> None:
        self.chat.blocked = True
        self._fake.inject(self._membership("member", "kicked"))

    def unblocks(self) -> None:
        self.chat.blocked, self.chat.started = False, True
        self._fake.inject(self._membership("kicked", "member"))

    def _send(self, content: Json, reply_to: Message | None, group: "Group | None") -> Message:
        chat = group.chat if group else self.chat
        message_id = chat.next_id()
        frame = {"message_id": message_id, "from": self.payload, "chat": chat.payload, "date": self._fake.now()}
        reply = {"reply_to_message": reply_to.payload} if reply_to else {}
        self._fake.inject({"message": frame | reply | content})
        return chat.messages[message_id]

    def _pressed(self, message: Message) -> Json:
        """What is gone comes as an inaccessible message, with date 0."""
        if not message.deleted:
            return message.payload
        return {"chat": message.payload["chat"], "message_id": message.message_id, "date": 0}

    def _membership(self, old: str, new: str) -> Json:
        change = _frame("telegram_my_chat_member.json", "my_chat_member")
        change |= {"chat": self.chat.payload, "from": self.payload, "date": self._fake.now()}
        for name, status in (("old_chat_member", old), ("new_chat_member", new)):
            until = {"until_date": 0} if status == "kicked" else {}
            change[name] = {"user": self._fake.bot, "status": status} | until
        return {"my_chat_member": change}


class Group(Reader):
    """A group the bot is in."""

    async def migrates(self, to: int) -> "Group":
        """Becomes a supergroup with a new id; sending to the old one is refused with `migrate_to_chat_id`."""
        new = self._fake.group(to, title=self.chat.name, type="supergroup")
        self._announce(self.chat, "migrate_to_chat_id", to)
        self._announce(new.chat, "migrate_from_chat_id", self.id)
        self.chat.migrated_to = to
        return new

    def kicks(self) -> None:
        """Throws the bot out."""
        self.chat.blocked = True

    def _announce(self, chat: Chat, name: str, other: int) -> None:
        message = {"message_id": chat.next_id(), "date": self._fake.now(), "chat": chat.payload, name: other}
        self._fake.inject({"message": message})


def _frame(file: str, kind: str) -> Json:
    frame = json.loads(sample(file))[kind]
    assert isinstance(frame, dict)
    return frame


def _content(file: str) -> Json:
    frame = _frame(file, "message")
    return {key: frame[key] for key in frame if key not in ("message_id", "from", "chat", "date", "caption")}
