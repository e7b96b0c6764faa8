import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Schemas } from "../../api/client";
import { postChanged } from "../../api/posts";
import { startConversation, type Conversation, type View } from "./conversation";
import { longAgo, membersQuery, roomQuery } from "./queries";

/** Follows a room, starting from its newest page. */
export function useTalk(id: number, me: number, room: Schemas["Room"]): View & { conversation: Conversation } {
  const cache = useQueryClient();
  const [conversation] = useState(() => startConversation(id, me, room));
  const view = useSyncExternalStore(conversation.subscribe, conversation.view);

  useEffect(() => conversation.start(), [conversation]);
  useEffect(() => conversation.refresh(room), [conversation, room]);

  // The next visit starts with what was seen last, and fetches.
  useEffect(
    () => () => {
      const { queryKey } = roomQuery(id);
      const seen = conversation.snapshot();
      if (seen && cache.getQueryData(queryKey)) cache.setQueryData(queryKey, seen, { updatedAt: longAgo });
    },
    [cache, conversation, id],
  );

  const { changed } = view.talk;
  const known = useRef(changed);
  useEffect(() => {
    if (known.current === changed) return;
    known.current = changed;
    void cache.invalidateQueries({ queryKey: membersQuery(id).queryKey });
    postChanged(cache, id);
  }, [cache, changed, id]);

  return { ...view, conversation };
}
