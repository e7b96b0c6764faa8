import { useCallback, useState } from "react";
import { useSession } from "../api/session";
import { readDraft, writeDraft } from "../api/storage";

/**
 * What was typed and not sent yet. It is kept on the device for a week, belongs to
 * the person who typed it, and is forgotten when that person signs out. Of somebody
 * who is not signed in it ends with the tab. Never put a password into it.
 *
 *     const [draft, setDraft, clear] = useDraft("new-post", { title: "", content: "" });
 *     <TextField defaultValue={draft.title} onChange={(e) => setDraft({ title: e.target.value })} />
 */
export function useDraft<T extends object>(name: string, empty: T): [draft: T, change: (part: Partial<T>) => void, clear: () => void] {
  const me = useSession().user?.id ?? 0;
  const load = () => ({ me, name, draft: { ...empty, ...(readDraft(me, name) as Partial<T> | null) } });
  const [kept, setKept] = useState(load);
  let current = kept;
  if (kept.me !== me || kept.name !== name) {
    current = load();
    setKept(current);
  }
  const change = useCallback(
    (part: Partial<T>) =>
      setKept((before) => {
        const draft = { ...before.draft, ...part };
        writeDraft(before.me, before.name, draft);
        return { ...before, draft };
      }),
    [],
  );
  const [blank] = useState(empty);
  const clear = useCallback(() => {
    writeDraft(me, name, null);
    setKept({ me, name, draft: blank });
  }, [me, name, blank]);
  return [current.draft, change, clear];
}
