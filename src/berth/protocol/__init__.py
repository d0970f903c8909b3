"""Messages between manager and agent, their codec and their version.

Belongs here: the frames of a session and of the join, as frozen records, and how they become
bytes. Does not belong here: what either side does about them.

One session is one outbound WebSocket of the agent. Frames are msgpack, one message each:

    agent                                   manager
    Hello  ------------------------------->
           <-------------------------------  Welcome, or Dismissal where the host was deleted
           <-------------------------------  AssignmentSet      full, in one part or more
           <-------------------------------  KeySet             the key/value store, the same way
    Report(full) -------------------------->
           <-------------------------------  AssignmentChange   chained: applies_to -> results_in
           <-------------------------------  KeyChange          numbered, the same for all agents
    Report -------------------------------->
    Inventory ----------------------------->
           <-------------------------------  Accepted           reports up to a sequence
    Heartbeat ----------------------------->                    every third of the time to live
           <-------------------------------  HeartbeatAnswer
           <-------------------------------  Call, Cancel
    CallPart, CallDone -------------------->

A change whose ``applies_to`` is not the last revision applied is answered with ``Resync``, as is
a change of keys whose number does not follow; the manager then sends full sets. Reports are the
latest state per assignment, repeated until accepted. A session that is silent for one time to
live is ended by either side. What may grow beyond a frame is split by its sender, and a set is in
force only when its last part has come.

Members and kinds of frames that a side does not know come from a later version: they are skipped,
and what it knows is checked all the same. Only another version of the protocol refuses a session.
"""
