"""Which events tell what users did; they are kept apart from what happened by itself."""

#: Keys of events of who came in, and of what was changed or taken out.
AUDIT_KEYS = frozenset(
    {
        "account_changed",
        "definition_changed",
        "definition_deleted",
        "definition_made",
        "exec_started",
        "export_made",
        "join_token_rotated",
        "key_deleted",
        "key_written",
        "login",
        "login_refused",
        "password_changed",
        "registry_changed",
        "registry_deleted",
        "registry_made",
        "session_ended",
        "token_ended",
        "token_made",
        "token_renewed",
        "webhook_changed",
    }
)
