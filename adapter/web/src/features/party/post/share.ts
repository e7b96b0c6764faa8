import { toast } from "../../../ui/toast";
import { detail as words } from "../../../words/post";

/** Hands a page of ours to another app, or puts its address on the clipboard where there is no such thing. */
export async function share(path: string, title: string, text: string): Promise<void> {
  const url = location.origin + path;
  if ("share" in navigator) {
    try {
      return await navigator.share({ title, text, url });
    } catch (error) {
      // Who closes the list of apps has changed their mind.
      if ((error as Error).name === "AbortError") return;
    }
  }
  try {
    await navigator.clipboard.writeText(url);
    toast(words.copied);
  } catch {
    toast(words.notCopied, { tone: "bad" });
  }
}
