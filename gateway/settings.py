"""Every setting: name, default, help. Read from the environment, then NAME_FILE, then .env."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.errors import RefusesToStart

ROLES = ("web", "dispatch", "outbox", "clock")


class _FromFiles(PydanticBaseSettingsSource):
    """NAME_FILE: the setting is the content of that file (secrets of Docker, systemd, Kubernetes)."""

    def __init__(self, settings_cls: type[BaseSettings], dotenv: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._dotenv: Any = getattr(dotenv, "env_vars", {})

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = str(field.alias or field_name)
        path = os.environ.get(f"{name}_FILE") or self._dotenv.get(f"{name}_FILE".lower())
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), name, False
        except (OSError, UnicodeDecodeError):
            raise RefusesToStart(
                f"{name}_FILE names a file that cannot be read: check the path and its permissions.",
                f"{name}_FILE menunjuk berkas yang tidak dapat dibaca: periksa lokasi dan izinnya.",
            ) from None

    def __call__(self) -> dict[str, Any]:
        values = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                values[key] = value
        return values


def _setting(name: str, default: Any, description: str) -> Any:
    return Field(default=default, alias=name, description=description)


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, populate_by_name=True)

    database_url: str = _setting("DATABASE_URL", "sqlite:///kentongan.db", "the database")
    port: Annotated[int, Field(ge=0, le=65_535)] = _setting("PORT", 8080, "port of the HTTP listener (0: any free)")
    host: str = _setting("HOST", "127.0.0.1", "address of the HTTP listener")
    spool: str = _setting("KENTONGAN_SPOOL", "", "folder where messages wait while the database takes none")
    office: str = _setting("KENTONGAN_OFFICE", "office.toml", "the office file")
    key: str = _setting("KENTONGAN_KEY", "", "master key made by `kentongan keys new`")
    roles: str = _setting("KENTONGAN_ROLES", ",".join(ROLES), "which roles this process plays")
    public_url: str = _setting("KENTONGAN_PUBLIC_URL", "", "set: Telegram by webhook; unset: by long polling")
    telegram_token: str = _setting("KENTONGAN_TELEGRAM_TOKEN", "", "token of the bot")
    telegram_secret: str = _setting("KENTONGAN_TELEGRAM_SECRET", "", "secret of the webhook")
    telegram_url: str = _setting("KENTONGAN_TELEGRAM_URL", "", "base address of the Bot API")
    africastalking_username: str = _setting("KENTONGAN_AFRICASTALKING_USERNAME", "", "account")
    africastalking_api_key: str = _setting("KENTONGAN_AFRICASTALKING_API_KEY", "", "API key")
    africastalking_sender: str = _setting("KENTONGAN_AFRICASTALKING_SENDER", "", "sender or short code")
    africastalking_token: str = _setting("KENTONGAN_AFRICASTALKING_TOKEN", "", "token in the callback path")
    africastalking_url: str = _setting("KENTONGAN_AFRICASTALKING_URL", "", "base address of the API")
    terminal: Annotated[str, Field(pattern=r"^(|[^\s:]+:\d{1,5})$")] = _setting(
        "KENTONGAN_TERMINAL", "", "host:port of phones in a terminal (the demo)"
    )
    heartbeat_url: Annotated[str, Field(pattern=r"^(|https?://\S+)$", repr=False)] = _setting(
        "KENTONGAN_HEARTBEAT_URL", "", "address outside that is asked each minute while all is well"
    )
    backup_recipient: str = _setting("KENTONGAN_BACKUP_RECIPIENT", "", "age1… line of `kentongan keys backup`")
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "KENTONGAN_LOG_LEVEL", "info", "debug, info, warning or error"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls, dotenv_settings), dotenv_settings

    def role_names(self) -> frozenset[str]:
        """The roles this process plays. Raises RefusesToStart for unknown ones."""
        names = frozenset(filter(None, (part.strip() for part in self.roles.split(","))))
        if not names or names - set(ROLES):
            raise RefusesToStart(
                f"KENTONGAN_ROLES knows only {', '.join(ROLES)}: write one or more of them, with commas.",
                f"KENTONGAN_ROLES hanya mengenal {', '.join(ROLES)}: tulis satu atau lebih, dipisah koma.",
            )
        return names


def load() -> Settings:
    """The settings of this process. Raises RefusesToStart when one has a value it cannot have."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise RefusesToStart(
            "The file .env is not text in UTF-8: save it again as UTF-8.",
            "Berkas .env bukan teks UTF-8: simpan ulang sebagai UTF-8.",
        ) from None
    except ValidationError as error:
        names = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors()}))
        raise RefusesToStart(
            f"The setting {names} has a value it cannot have: see docs/reference.md for what it takes.",
            f"Nilai pengaturan {names} tidak dapat dipakai: lihat docs/reference.md.",
        ) from None
