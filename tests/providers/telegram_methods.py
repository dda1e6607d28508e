"""What the bot can do in its chats: the methods of the Bot API, as strict as the real server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.routing import Route

from .telegram_chats import Chat, Json, Message, Press
from .telegram_rules import (
    Buttons,
    Refused,
    bad,
    check_commands,
    flag,
    parsed,
    read_buttons,
    shown_text,
    utf16_units,
    whole,
)
from .telegram_updates import UpdateQueue
from .wire import Params

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


class BotMethods(UpdateQueue):
    """Chats and messages, and the methods that change them."""

    def __init__(self, routes: list[Route], port: int, log: Path | None, clock: Callable[[], float]) -> None:
        super().__init__(routes, port, log, clock)
        self.bot: Json = {
            "id": 1000,
            "is_bot": True,
            "first_name": "Kentongan",
            "username": "kentongan_test_bot",
        }
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.commands: dict[str, list[Json]] = {}
        self._methods: dict[str, Callable[[Params], Any]] = {
            "getme": self._get_me,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_commands,
            "sendchataction": self._send_chat_action,
            "getchat": self._get_chat,
        }

    def _get_me(self, params: Params) -> Json:
        return self.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def _send_message(self, params: Params) -> Json:
        text, buttons = shown_text(params), read_buttons(params)
        chat = self._reach(params)
        reply_to = _reply_target(chat, params)
        payload: Json = {
            "message_id": chat.next_id(),
            "from": self.bot,
            "chat": chat.payload,
            "date": self.now(),
            "text": text,
        }
        if reply_to:
            payload["reply_to_message"] = reply_to.payload
        protected = flag(params, "protect_content")
        if protected:
            payload["has_protected_content"] = True
        message = Message(chat.id, payload["message_id"], text, True, payload, protected)
        message.reply_to = reply_to.message_id if reply_to else None
        _put_buttons(chat.keep(message), buttons)
        chat.feed.show(text, message)
        return message.payload

    def _edit_text(self, params: Params) -> Json:
        text, buttons = shown_text(params), read_buttons(params)
        chat = self._reach(params)
        message = self._editable(chat, params)
        if (text, buttons) == (message.text, message.buttons):
            raise bad(NOT_MODIFIED)
        shown_before, message.text = message.text, text
        message.payload = message.payload | {"text": text, "edit_date": self.now()}
        _put_buttons(message, buttons)
        if text != shown_before:
            message.edited.append(text)
            chat.feed.show(text, message)
        return message.payload

    def _edit_markup(self, params: Params) -> Json:
        buttons = read_buttons(params)
        message = self._editable(self._reach(params), params)
        if buttons == message.buttons:
            raise bad(NOT_MODIFIED)
        message.payload = message.payload | {"edit_date": self.now()}
        _put_buttons(message, buttons)
        self.bell.ring()
        return message.payload

    def _delete_message(self, params: Params) -> bool:
        message = _existing(self._reach(params), whole(params, "message_id"), "message to delete not found")
        if message.older_than_48h:
            raise bad("message can't be deleted for everyone")
        message.deleted = True
        self.bell.ring()
        return True

    def _delete_messages(self, params: Params) -> bool:
        chat, ids = self._reach(params), parsed(params, "message_ids", [])
        if not 1 <= len(ids) <= 100:
            raise bad("message identifiers are not specified" if not ids else "too many message identifiers specified")
        for message in (chat.messages[id] for id in ids if id in chat.messages):
            message.deleted = message.deleted or not message.older_than_48h
        self.bell.ring()
        return True

    def _answer_callback_query(self, params: Params) -> bool:
        press, text = self.presses.get(str(params.get("callback_query_id"))), str(params.get("text", ""))
        if press is None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if utf16_units(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        press.answers.append(text)
        self.bell.ring()
        return True

    def _set_commands(self, params: Params) -> bool:
        commands = parsed(params, "commands", [])
        check_commands(commands)
        self.commands[str(params.get("language_code", ""))] = commands
        return True

    def _send_chat_action(self, params: Params) -> bool:
        self._reach(params)
        return True

    def _get_chat(self, params: Params) -> Json:
        chat = self.chats.get(whole(params, "chat_id"))
        if chat is None:
            raise bad("chat not found")
        gifts = {"accepted_gift_types": dict.fromkeys(GIFTS, False)}
        return chat.payload | gifts | {"accent_color_id": 0, "max_reaction_count": 11}

    def _editable(self, chat: Chat, params: Params) -> Message:
        message = _existing(chat, whole(params, "message_id"), "message to edit not found")
        if not message.from_bot:
            raise bad("message can't be edited")
        return message

    def _chat(self, id: int, type: str, name: str) -> Chat:
        return self.chats.setdefault(id, Chat.new(id, type, name, self.bell))

    def _reach(self, params: Params) -> Chat:
        """The chat to act in; an unknown positive id is taken for a person who never wrote to the bot."""
        if not params.get("chat_id"):
            raise bad("chat_id is empty")
        id = whole(params, "chat_id")
        chat = self.chats.get(id) or Chat.new(id, "private", "", self.bell)
        if id <= 0 and id not in self.chats:
            raise bad("chat not found")
        if chat.migrated_to:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.blocked:
            where = "blocked by the user" if chat.type == "private" else f"kicked from the {chat.type} chat"
            raise Refused(403, f"Forbidden: bot was {where}")
        if not chat.started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat


def _existing(chat: Chat, number: int, otherwise: str) -> Message:
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad(otherwise)
    return message


def _reply_target(chat: Chat, params: Params) -> Message | None:
    reply = parsed(params, "reply_parameters", {})
    if not reply:
        return None
    message = chat.messages.get(whole(reply, "message_id"))
    if message and not message.deleted:
        return message
    if flag(reply, "allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def _put_buttons(message: Message, buttons: Buttons) -> None:
    message.buttons = buttons
    rows = [[{"text": label, "callback_data": data} for label, data in row] for row in buttons]
    without = {key: value for key, value in message.payload.items() if key != "reply_markup"}
    message.payload = without | ({"reply_markup": {"inline_keyboard": rows}} if buttons else {})
