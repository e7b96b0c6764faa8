import { useCallback, useState } from "react";
import { useSession } from "../api/session";

const prefix = "mealbuddy.draft.";

function read<T extends object>(key: string, empty: T): T {
  try {
    return { ...empty, ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<T>) };
  } catch {
    return empty;
  }
}

/**
 * What was typed and not sent yet. It survives a reload of this tab, belongs to
 * the person who typed it, and is forgotten when that person signs out. Never
 * put a password into it.
 *
 *     const [draft, setDraft, clear] = useDraft("new-post", { title: "", content: "" });
 *     <TextField defaultValue={draft.title} onChange={(e) => setDraft({ title: e.target.value })} />
 */
export function useDraft<T extends object>(name: string, empty: T): [draft: T, change: (part: Partial<T>) => void, clear: () => void] {
  const { user } = useSession();
  const key = `${prefix}${user?.id ?? 0}.${name}`;
  const [kept, setKept] = useState(() => ({ key, draft: read(key, empty) }));
  let current = kept;
  if (kept.key !== key) {
    current = { key, draft: read(key, empty) };
    setKept(current);
  }
  const change = useCallback(
    (part: Partial<T>) =>
      setKept((before) => {
        const draft = { ...before.draft, ...part };
        try {
          sessionStorage.setItem(before.key, JSON.stringify(draft));
        } catch {
          // Full or forbidden: the draft lives as long as the page.
        }
        return { ...before, draft };
      }),
    [],
  );
  const [blank] = useState(empty);
  const clear = useCallback(() => {
    sessionStorage.removeItem(key);
    setKept({ key, draft: blank });
  }, [key, blank]);
  return [current.draft, change, clear];
}

/** Forgets every draft of this tab. */
export function clearDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}
