// Messages that were not sent yet are kept as long as the tab lives and the person
// stays signed in.

import { readDraft, writeDraft } from "../../api/storage";
import type { Outgoing } from "./talk";

const name = (room: number) => `outbox-${room}`;

/** What is older is not sent without being asked for again. */
const maxAge = 10 * 60_000;

export function loadOutbox(me: number, room: number): Outgoing[] {
  const kept = readDraft(me, name(room));
  if (!Array.isArray(kept)) return [];
  return (kept as Outgoing[]).map((m) => (m.failed || Date.now() - m.at < maxAge ? m : { ...m, failed: { code: "offline", detail: "" } }));
}

export function saveOutbox(me: number, room: number, outgoing: Outgoing[]) {
  writeDraft(me, name(room), outgoing.length > 0 ? outgoing : null);
}
