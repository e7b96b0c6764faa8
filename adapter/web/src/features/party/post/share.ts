import { toast } from "../../../ui/toast";
import { detail as words } from "../../../words/post";

/** Hands a page of ours to another app, or puts its address on the clipboard where there is no such thing. False if neither works. */
export async function share(url: string, title: string, text: string): Promise<boolean> {
  if ("share" in navigator) {
    try {
      await navigator.share({ title, text, url });
      return true;
    } catch (error) {
      // Who closes the list of apps has changed their mind.
      if ((error as Error).name === "AbortError") return true;
    }
  }
  try {
    await navigator.clipboard.writeText(url);
  } catch {
    return false;
  }
  toast(words.copied);
  return true;
}
