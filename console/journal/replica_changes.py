"""What the sync does to the local copy, change by change; the rules of `replica`, in SQL.

Source: spec sync.md 2. Runs inside the one transaction that `replica_store` holds, so that a crash leaves all of a
change or nothing. Streams in whose view something came, went or moved are folded anew at the end. Instants are
epoch ms.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from console.domain import access
from console.domain.events import PENDING_SEQ, Entry, Offered
from console.domain.guidelines import GuidelinesHistory
from console.domain.redaction import is_redacted
from console.domain.stamp import GENESIS
from console.journal import entry_rows, overwriting, own_rows, read_models, schema, search
from console.journal.append import MIXED
from console.journal.errors import JournalError
from console.journal.refold import refold
from console.journal.replica import (
    Basis,
    Change,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.journal.settled import entries_were, settle
from console.wire.messages import Verdict

_ACK: Final = "UPDATE own_entries SET state = 'acked', ack_seq = ?, effect = ?, acked_at = ? WHERE id = ?"
_REFUSE: Final = "UPDATE own_entries SET state = 'refused', reason = ? WHERE id = ?"
_HEAR: Final = (
    "UPDATE own_entries SET state = 'acked', ack_seq = ?, effect = ?, acked_at = coalesce(acked_at, ?), reason = NULL, "
    "payload = ? WHERE id = ? AND hash = ?"
)
_ASKED: Final = "(SELECT value FROM json_each(?))"


def scopes_of(text: str) -> tuple[str, ...]:
    """The scopes as `meta` keeps them."""
    return msgspec.json.decode(text, type=tuple[str, ...])


class LocalCopy:
    """The local copy while one change is made to it. `meta` is its row as it will be, `touched` the streams to fold
    anew, `anew` says that all of them are, `leaves_traces` that words went which the file has yet to forget."""

    def __init__(self, connection: Connection, history: GuidelinesHistory, now_ms: int) -> None:
        self.connection = connection
        self.history = history
        self.now_ms = now_ms
        self.meta = entry_rows.read_meta(connection)
        if not self.meta.connected:
            raise JournalError("This workspace follows no hub.")
        self.touched: set[str] = set()
        self.anew = False
        self.leaves_traces = False

    def make(self, change: Change) -> int | None:
        """Makes a change, and gives the new count of changes; None where it is dropped or changes nothing."""
        match change:
            case TakePage():
                made = self._take_page(change)
            case TakeVerdicts():
                made = self._take_verdicts(change)
            case OfferAgain():
                made = self._offer_again(change)
            case TakeDevice():
                made = self._take_device(change)
            case EnterEpoch():
                made = self._enter_epoch(change)
            case ChangeScopes():
                made = self._change_scopes(change)
            case Join():
                made = self._join(change)
            case Reload():
                made = self._reload(change)
            case Forget():
                made = self._forget()
            case RefuseNext():
                made = self._refuse_next(change)
        return self._finish() if made else None

    def _finish(self) -> int:
        """Writes the head, and then brings the read models up to the view, which depends on it."""
        meta = self.meta
        if self.anew:
            meta = replace(meta, guidelines=self.history.digest, read_models_behind=0)
        elif meta.guidelines != self.history.digest:
            meta = replace(meta, guidelines=MIXED)
        self.meta = replace(meta, changes=meta.changes + 1, opened_by=os.getpid())
        entry_rows.write_meta(self.connection, self.meta)
        if self.anew:
            read_models.rebuild(self.connection, self.history, progress=None)
        else:
            refold(self.connection, self.history, self.touched)
        return self.meta.changes

    # Pages

    def _is_current(self, basis: Basis) -> bool:
        meta = self.meta
        here = Basis(hub_id=meta.hub_id or None, epoch=meta.epoch, cursor=meta.seq, scopever=meta.scopever)
        return basis == here

    def _take_page(self, page: TakePage) -> bool:
        if not self._is_current(page.basis):
            return False
        leaving = own_rows.streams_acked_between(self.connection, self.meta.seq, page.next)
        scopes = scopes_of(entry_rows.read_hub_side(self.connection).scopes)
        came = self._insert([entry for entry in page.entries if access.sees(scopes, entry.scope)])
        self._stands(page.next, page.chain)
        if not page.bulk:
            own_rows.expire(self.connection, cursor=page.next, acked_before=self.now_ms - own_rows.KEPT_MS)
        if page.bulk or self.meta.read_models_behind:
            self.anew = not page.bulk
            self.meta = replace(self.meta, read_models_behind=1)
        else:
            self.touched |= came | leaving
        return True

    def _stands(self, seq: int, chain: bytes) -> None:
        self.meta = replace(self.meta, seq=seq, cursor=seq, chain=chain)

    def _insert(self, entries: Sequence[Entry]) -> set[str]:
        """Adds confirmed entries, and gives their streams. Own copies hear their echo: what is in the log is acked,
        whether the answer to its push came or not, and what was refused beside it waits for its own echo."""
        entry_rows.insert_entries(self.connection, entries)
        own = own_rows.hashes(self.connection, [entry.id for entry in entries])
        if own:
            echoes = [(e.seq, e.effect, self.now_ms, e.payload, e.id, e.hash) for e in entries if e.id in own]
            self.connection.exec_driver_sql(_HEAR, echoes)
        acts = {entry.act for entry in entries if entry.act is not None}
        if acts:
            self._offer_anew(*own_rows.renew_beside(self.connection, acts))
        came_without_words = any(is_redacted(entry.event) for entry in entries if entry.id in own)
        if overwriting.overwrite(self.connection, overwriting.targets(entries)) or came_without_words:
            self._sweep_later()
        return {entry.stream for entry in entries}

    def _sweep_later(self) -> None:
        overwriting.ask_for_sweep(self.connection)
        self.leaves_traces = True

    # What the hub said of own entries

    def _take_verdicts(self, said: TakeVerdicts) -> bool:
        if (said.hub_id, said.epoch) != (self.meta.hub_id or None, self.meta.epoch):
            return False
        own = own_rows.by_id(self.connection, [verdict.id for verdict in said.verdicts])
        waiting = {entry_id: each.offered for entry_id, each in own.items() if each.state == "new"}
        taken = [verdict for verdict in said.verdicts if verdict.id in waiting]
        for verdict in taken:
            self._take_verdict(verdict, waiting[verdict.id])
        return bool(taken)

    def _take_verdict(self, verdict: Verdict, offered: Offered) -> None:
        if verdict.outcome == "recorded" and verdict.seq is not None:
            self.connection.exec_driver_sql(_ACK, (verdict.seq, verdict.effect, self.now_ms, verdict.id))
            if verdict.effect != "applied" or verdict.seq <= self.meta.seq:
                self.touched.add(offered.stream)
        elif verdict.outcome == "refused":
            self.connection.exec_driver_sql(_REFUSE, (verdict.reason or "The hub gave no reason.", verdict.id))
            self.touched.add(offered.stream)

    def _refuse_next(self, refused: RefuseNext) -> bool:
        act = own_rows.next_acts(self.connection, max_events=1, max_bytes=0)
        if not act or act[0].offered.id != refused.id:
            return False
        for own in act:
            self.connection.exec_driver_sql(_REFUSE, (refused.reason, own.offered.id))
            self.touched.add(own.offered.stream)
        return True

    def _offer_again(self, again: OfferAgain) -> bool:
        if again.device != self.meta.device:
            return False
        count = self._renew("device = ? AND dseq > ?", (again.device, again.above_dseq))
        if count:
            self._settle(f"{entries_were(count)} offered again: the hub did not have them.")
        return count > 0

    def _renew(self, condition: str, values: tuple[Any, ...]) -> int:
        """Acked entries become new."""
        count, streams = own_rows.renew(self.connection, condition, values)
        self._offer_anew(count, streams)
        return count

    def _offer_anew(self, count: int, streams: set[str]) -> None:
        """So many own entries became new. What was numbered under an older device id travels under the present one, and
        in the order in which it was made: where that is not so, all new ones are numbered anew, above every number that
        was used."""
        self.touched |= streams
        if count and not own_rows.travel_in_order(self.connection, self.meta.device):
            last = own_rows.number(self.connection, self.meta.device, above=self.meta.dseq)
            self.meta = replace(self.meta, dseq=last)

    def _take_device(self, taken: TakeDevice) -> bool:
        if taken.old != self.meta.device:
            return False
        last = own_rows.number(self.connection, taken.device, above=0)
        self.meta = replace(self.meta, device=taken.device, dseq=last)
        self._settle("Another workstation used the id of this one: it has a new one now.")
        return True

    # Another log, other scopes

    def _enter_epoch(self, entered: EnterEpoch) -> bool:
        meta, fork = self.meta, entered.fork_seq
        if entered.hub_id != meta.hub_id or entered.epoch <= meta.epoch:
            return False
        self.meta = replace(meta, epoch=entered.epoch, generation=meta.generation + 1)
        if meta.seq > fork:
            beyond = "SELECT DISTINCT stream FROM entries WHERE seq > ?"
            self.touched |= {row[0] for row in self.connection.exec_driver_sql(beyond, (fork,))}
            search.remove_between(self.connection, fork, PENDING_SEQ)
            self.connection.exec_driver_sql("DELETE FROM entries WHERE seq > ?", (fork,))
            self._stands(fork, entered.fork_chain)
        count = self._renew("ack_seq > ?", (fork,))
        if count:
            self._settle(f"{entries_were(count)} offered again: the hub was restored to an older state.")
        return True

    def _change_scopes(self, change: ChangeScopes) -> bool:
        if not self._is_current(change.basis):
            return False
        if not set(scopes_of(entry_rows.read_hub_side(self.connection).scopes)) <= set(change.scopes):
            self._purge(change.scopes)
        self._set_scopes(change.scopes)
        self.meta = replace(self.meta, scopever=change.scopever)
        here = "SELECT seq FROM entries WHERE seq IN " + _ASKED
        asked = msgspec.json.encode([entry.seq for entry in change.gained]).decode()
        known = {row[0] for row in self.connection.exec_driver_sql(here, (asked,))}
        new = [e for e in change.gained if e.seq not in known and access.sees(change.scopes, e.scope)]
        self.touched |= self._insert(new)
        return True

    def _purge(self, scopes: Sequence[str]) -> None:
        """Whatever lies outside of the scopes goes: entries, their words, drafts; read models follow their streams."""
        held = self.connection.exec_driver_sql("SELECT DISTINCT scope FROM entries")
        lost = msgspec.json.encode([scope for (scope,) in held if not access.sees(scopes, scope)]).decode()
        where = f"FROM entries WHERE scope IN {_ASKED}"
        gone = [row[0] for row in self.connection.exec_driver_sql(f"SELECT DISTINCT stream {where}", (lost,))]
        tickets = [(name.removeprefix(read_models.TICKET),) for name in gone if read_models.is_ticket(name)]
        self.connection.exec_driver_sql(f"DELETE FROM search WHERE rowid IN (SELECT seq {where})", (lost,))
        self.connection.exec_driver_sql(f"DELETE {where}", (lost,))
        if tickets:
            self.connection.exec_driver_sql("DELETE FROM drafts WHERE ticket = ?", tickets)
        self.meta = replace(self.meta, generation=self.meta.generation + 1)
        self.touched |= set(gone)
        self._sweep_later()

    def _join(self, join: Join) -> bool:
        if self.meta.hub_id:
            return False
        self.meta = replace(self.meta, hub_id=join.hub_id, epoch=join.epoch, scopever=join.scopever)
        self._set_scopes(join.scopes)
        return True

    def _set_scopes(self, scopes: Sequence[str]) -> None:
        side = entry_rows.read_hub_side(self.connection)
        entry_rows.write_hub_side(self.connection, replace(side, scopes=msgspec.json.encode(scopes).decode()))

    def _reload(self, reload: Reload) -> bool:
        if not self._is_current(reload.basis):
            return False
        self._drop_log()
        self._renew("1", ())
        self._settle("The local copy was not what the hub has: it is loaded again.")
        return True

    def _drop_log(self) -> None:
        self.connection.execute(schema.entries.delete())
        self._sweep_later()
        self._stands(0, GENESIS)
        self.meta = replace(self.meta, generation=self.meta.generation + 1)
        self.anew = True

    def _forget(self) -> bool:
        self._drop_log()
        self.connection.exec_driver_sql("DELETE FROM own_entries WHERE state = 'acked'")
        for table in (schema.drafts, schema.settled, schema.dismissed):
            self.connection.execute(table.delete())
        self._set_scopes(())
        self.meta = replace(self.meta, scopever=0)
        return True

    def _settle(self, sentence: str) -> None:
        settle(self.connection, sentence, self.now_ms)
