"""What the manager's messages mean for this host."""

import logging

from berth.agent.gateway.key_copy import KeyCopy
from berth.agent.local.context import AgentContext
from berth.agent.local.desired import (
    ChangeObeyed,
    Desired,
    NotObeyed,
    ResyncNeeded,
    SetObeyed,
    SetPartial,
)
from berth.agent.local.state_file import SavedState, attempts_to_save
from berth.agent.local.supervisor import Supervisor
from berth.domain.errors import ProtocolError
from berth.domain.settings import Settings
from berth.protocol.messages import (
    Accepted,
    AssignmentChange,
    AssignmentSet,
    Confirm,
    Dismissal,
    FromManager,
    KeyChange,
    KeySet,
    Message,
    Resync,
    SettingsChange,
    Welcome,
)

log = logging.getLogger(__name__)


class Orders:
    """Applies what the manager says to the set, the workers and the settings."""

    def __init__(
        self, shared: AgentContext, supervisor: Supervisor, *, desired: Desired, keys: KeyCopy
    ) -> None:
        self._keys = keys
        self._former_hosts = shared.former_hosts
        self._shared = shared
        self._supervisor = supervisor
        self._desired = desired
        self._live = shared.live
        #: How many full sets were obeyed.
        self.sets_obeyed = 0

    @property
    def desired(self) -> Desired:
        """Return the set."""
        return self._desired

    def content(self) -> SavedState:
        """Return what belongs on the disk."""
        return SavedState(
            obeyed=self._desired.obeyed,
            settings=self._live.settings,
            assignments=tuple(self._desired.assignments.values()),
            attempts=attempts_to_save(self._supervisor.attempts),
        )

    def welcome(self, welcome: Welcome) -> None:
        """Begin a session with a manager."""
        self._desired.welcome(welcome)
        self._former_hosts.take(welcome.former_hosts if not self._desired.held else ())
        self._keys.begin_session()
        self._apply_settings(welcome.settings)
        self._report_held()

    def dismiss(self, dismissal: Dismissal) -> str:
        """Stop or leave what the host has: it was deleted. Return what becomes of it.

        Raises ProtocolError when the manager of another instance says so.
        """
        if not self._desired.dismiss(dismissal.instance_id):
            raise ProtocolError("a manager of another instance says that this host was deleted")
        if dismissal.stop:
            self._supervisor.apply_set(())
        else:
            self._supervisor.release()
        self._shared.remember()
        return "are stopped and removed" if dismissal.stop else "are left as they are"

    def end_session(self) -> None:
        """Let go of what the session left half sent."""
        self._desired.break_chain()
        self._keys.begin_session()

    def take(self, message: FromManager) -> Message | None:
        """Apply a message; return the answer to send, if there is one."""
        match message:
            case AssignmentSet():
                return self._take_set(message)
            case AssignmentChange():
                return self._take_change(message)
            case KeySet() | KeyChange():
                return self._take_keys(message)
            case Confirm():
                return self._confirm(message)
            case SettingsChange():
                self._apply_settings(message.settings)
                self._shared.remember()
            case Accepted(sequence=sequence):
                self._shared.reporter.accept(sequence)
            case _:
                pass
        return None

    def _take_set(self, message: AssignmentSet) -> Message | None:
        answer: Message | None = None
        match self._desired.take_set(message):
            case SetObeyed(assignments):
                self._supervisor.apply_set(assignments)
                self._shared.remember()
                self.sets_obeyed += 1
            case ResyncNeeded(reason):
                answer = Resync(reason=reason)
            case SetPartial() | NotObeyed(_):
                pass
        if message.last:
            self._report_held()
        return answer

    def _take_change(self, message: AssignmentChange) -> Message | None:
        match self._desired.take_change(message):
            case ChangeObeyed(put, drop):
                self._supervisor.apply_change(put, drop)
                self._shared.remember()
            case ResyncNeeded(reason):
                return Resync(reason=reason)
            case NotObeyed(_):
                pass
        return None

    def _take_keys(self, message: KeySet | KeyChange) -> Message | None:
        """Follow the store, unless the manager is not obeyed: it may be a wrong or empty one."""
        if self._desired.held:
            return None
        if isinstance(message, KeySet):
            self._keys.take_set(message)
        elif not self._keys.take_change(message):
            return Resync(reason="a change of keys does not follow the last one")
        return None

    def _confirm(self, message: Confirm) -> Message:
        asked = self._desired.confirm(message)
        log.warning("an operator confirmed the manager: this host obeys epoch %d from now on",
                    message.epoch)  # fmt: skip
        self._shared.remember()
        self._report_held()
        return Resync(reason=asked.reason)

    def _apply_settings(self, settings: Settings) -> None:
        if settings != self._live.settings:
            self._live.settings = settings
            self._shared.limiter.release_waiting()

    def _report_held(self) -> None:
        held = self._desired.held
        if held:
            log.warning("the manager is not obeyed until an operator confirms it there: %s; "
                        "containers are kept as they are", held)  # fmt: skip
        self._shared.reporter.hold(held)
