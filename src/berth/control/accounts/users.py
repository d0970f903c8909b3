"""The administrator's account."""

import msgspec

from berth.control.accounts.sessions import end_sessions
from berth.control.naming import check_name
from berth.domain.errors import Forbidden, Invalid, NotFound
from berth.domain.records import User
from berth.domain.table import TableView
from berth.store.draft import Draft

#: Id of the built-in administrator.
ADMIN_ID = 100

MIN_PASSWORD, MAX_PASSWORD = 8, 1024


class UserChange(msgspec.Struct, frozen=True, kw_only=True):
    """New values for an account; None keeps the old one."""

    first_name: str | None = None
    last_name: str | None = None
    password_hash: str | None = None
    #: The kept hash that the old password was compared with, outside the writer.
    proven_hash: str | None = None
    #: Token id of the session that goes on after a change of the password.
    kept_session: str = ""


def create_admin(draft: Draft, username: str, *, password_hash: str) -> User:
    """Make the administrator; an instance that has one keeps it. Safe to repeat."""
    existing = draft.users.get(str(ADMIN_ID))
    if existing is not None:
        return existing
    user = User(id=ADMIN_ID, username=username, password_hash=password_hash)
    draft.users.put(user)
    return user


def find_user(users: TableView[User], username: str) -> User | None:
    """Return the account of that name, or none."""
    found = users.find("username", username)
    return found[0] if found else None


def get_admin(users: TableView[User]) -> User:
    """Return the administrator, whatever the account is called."""
    user = users.get(str(ADMIN_ID))
    if user is None:
        raise NotFound("this instance has no administrator yet", code="unknown_user")
    return user


def check_password(password: str) -> str:
    """Return a new password back; raises Invalid when it is too short or too long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters",
            code="invalid_password",
            field="password",
        )
    return password


def update_admin(draft: Draft, change: UserChange) -> User:
    """Change the administrator; a new password ends sessions and keeps the bearer token."""
    user = get_admin(draft.users)
    if change.first_name is not None:
        name = check_name(change.first_name, field="first_name")
        user = msgspec.structs.replace(user, first_name=name)
    if change.last_name is not None:
        name = check_name(change.last_name, field="last_name")
        user = msgspec.structs.replace(user, last_name=name)
    if change.password_hash is not None:
        if change.proven_hash != user.password_hash:
            raise Forbidden(
                "the old password is wrong", code="wrong_password", field="old_password"
            )
        user = msgspec.structs.replace(
            user, password_hash=change.password_hash, password_changed_at=draft.now
        )
        end_sessions(draft, user.id, keep=change.kept_session)
    draft.users.put(user)
    return user
