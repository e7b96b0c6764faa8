// Messages that were not sent yet are kept on the device as long as the person stays signed
// in, each by itself: two tabs of a room do not lose each other's. Both may send one; its
// client id keeps it from being stored twice.

import { readDrafts, writeDraft } from "../../api/storage";
import type { Outgoing } from "./talk";

const prefix = (room: number) => `outbox-${room}.`;

/** What is older is not sent without being asked for again. */
const maxAge = 10 * 60_000;

/** In the order in which they were sent. */
export function loadOutbox(me: number, room: number): Outgoing[] {
  return (readDrafts(me, prefix(room)) as Outgoing[])
    .sort((a, b) => a.at - b.at)
    .map((m) => (m.failed || Date.now() - m.at < maxAge ? m : { ...m, failed: { code: "offline", detail: "" } }));
}

/** Keeps what is new or has changed, and forgets what has gone. */
export function saveOutbox(me: number, room: number, before: readonly Outgoing[], now: readonly Outgoing[]) {
  const gone = new Set(before);
  for (const message of now) if (!gone.delete(message)) writeDraft(me, prefix(room) + message.clientId, message);
  const left = new Set(now.map(({ clientId }) => clientId));
  for (const { clientId } of gone) if (!left.has(clientId)) writeDraft(me, prefix(room) + clientId, null);
}
