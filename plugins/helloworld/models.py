"""The plugin's table. migrations/ makes it; this describes it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.pluginapi import UtcDateTime, group_fk, now, plugin_model, to_group, to_user, user_fk

LONGEST_TEXT = 200

Model = plugin_model()


class Greeting(Model):
    """A greeting: table ``plugin_helloworld_greeting``. It goes when its group or its author goes."""

    greeting_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = group_fk()
    user_id: Mapped[int] = user_fk()
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    group = to_group()
    author = to_user()
