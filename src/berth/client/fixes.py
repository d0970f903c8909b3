"""What to do about an error, by its code."""

from collections.abc import Mapping

#: One sentence a code. Codes without one say in their message what to change.
FIXES: Mapping[str, str] = {
    # Of this client.
    "unreachable": "Check the address and that the manager runs, then try again.",
    "untrusted": "Check the address; if the instance was made again, log in to it again.",
    "strange_answer": "Check the address, and what stands between you and the manager.",
    "answer_lost": "Look whether it was done before you repeat it.",
    "deadline": "It goes on without you: look again, or wait longer.",
    "task_failed": "Read the events of what it was about.",
    # Who asks.
    "no_credential": "Log in.",
    "unknown_token": "Log in again; a new bearer token ends the one before.",
    "session_ended": "Log in again.",
    "no_session": "Sign in.",
    "unknown_session": "List the sessions; one that ended is not listed any more.",
    "console_header_missing": "Send the header X-Berth-Console, or the bearer token.",
    "other_origin": "Open the console at the address of the manager itself.",
    "session_token": "Send the bearer token, not that of the session.",
    "wrong_credentials": "Check the name and the password.",
    "wrong_password": "Check the old password.",
    "wrong_scheme": "Send the token as 'Authorization: Bearer TOKEN'.",
    "outlasts_maker": "Choose an earlier end, or log in as the user.",
    "read_only_token": "Use a token with the scope full.",
    "too_many_tokens": "List the tokens and delete those that nobody uses.",
    "deployment_token": "Use a token of a user.",
    "throttled": "Wait until the time that the answer names.",
    # What is named.
    "unknown_deployment": "List the deployments and check the name.",
    "unknown_container": "List the containers; one that died was replaced under a new id.",
    "unknown_host": "List the hosts and check the name.",
    "unknown_pool": "List the pools and check the id.",
    "unknown_service": "List the services and check the id.",
    "unknown_stack": "List the stacks and check the id.",
    "unknown_image": "List the images of that host and check the name.",
    "unknown_registry": "List the registries and check the id.",
    "unknown_tag": "Create the tag first.",
    "unknown_task": "List the tasks; the oldest are forgotten.",
    "unknown_generation": "List the generations; the last ten are kept.",
    "no_generation": "Deploy once more first: there is nothing to go back to yet.",
    "unknown_setting": "List the settings and check the name.",
    "unknown_path": "Check the path, and that manager and client have the same version.",
    "ambiguous_id": "Write more of the id.",
    # What the state forbids.
    "deployment_not_stopped": "Stop the deployment, wait until it has stopped, then repeat it.",
    "deployment_stopped": "Start the deployment first.",
    "id_in_use": "Choose another id, or change what has it.",
    "reserved_id": "Choose another id.",
    "name_in_use": "Choose another name.",
    "pool_not_empty": "Move its hosts and delete its deployments first.",
    "last_pool": "Create another pool first.",
    "host_active": "Stop the agent of the host first, and wait until the host is inactive.",
    "host_inactive": "Check that the host runs, and its agent and container engine with it.",
    "host_timeout": "Check the load of the host, then try again.",
    "no_change": "Nothing is to be done: it is like that already.",
    "system_entry": "Change what it comes from; entries of containers follow the containers.",
    "request_under_way": "Wait for the first request to end.",
    "answer_not_kept": "Look whether it was done; its answer is lost.",
    "key_in_use": "Send another Idempotency-Key for another request.",
    "needs_deployment": "Deploy it instead of running it.",
    "channel_in_use": "Close the channel first, or choose another number.",
    "several_services": "Leave one service in the text, or store it as a stack.",
    "resync": "Read the lists again, then watch from now.",
    # What cannot be taken.
    "store_full": "Remove keys that are not needed any more.",
    "too_large": "Send less at once.",
    "head_too_large": "Send fewer or shorter headers, or less in the query.",
    "too_many_values": "Send it in several requests.",
    "too_slow": "Try again over a faster connection.",
    # What the manager cannot do for now.
    "unavailable": "Try again in a moment.",
    "busy": "Try again when the other import has ended.",
    "internal_error": "Report it with the id of the request, under which the manager's log has it.",
    "pull_failed": "Check the name of the image and the login of its registry.",
}

#: Codes whose message says what to change, since that depends on the request.
EXPLAINED = frozenset(
    {
        "bad_argument",
        "client_error",
        "conflict",
        "failed",
        "forbidden",
        "host_not_heard",
        "idle",
        "invalid",
        "join_token_ended",
        "method_not_allowed",
        "not_found",
        "out_of_range",
        "refused",
        "required",
        "task_cancelled",
        "too_deep",
        "too_long",
        "too_many",
        "unauthenticated",
        "under_way",
        "unknown_action",
        "unknown_format",
        "unknown_host_credential",
        "unknown_join_token",
        "unknown_kind",
        "unknown_user",
        "unknown_version",
        "unreadable",
        "empty_key",
        "webhook_refused",
        "without_effect",
        "websocket_needed",
    }
)


def fix_of(code: str) -> str:
    """Return what to do about an error; "" when its message says it."""
    return FIXES.get(code, "")
