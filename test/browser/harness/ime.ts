import type { CDPSession, Page } from "playwright-core";

/** A Hangul keyboard: what it composes is in the field before it is settled. */
export class Ime {
  private constructor(readonly browser: CDPSession) {}

  static async of(page: Page): Promise<Ime> {
    return new Ime(await page.context().newCDPSession(page));
  }

  /** Shows the syllable as it stands now. */
  async compose(syllable: string) {
    await this.browser.send("Input.imeSetComposition", { text: syllable, selectionStart: syllable.length, selectionEnd: syllable.length });
  }

  async settle(syllable: string) {
    await this.browser.send("Input.insertText", { text: syllable });
  }

  /** The Enter that the keyboard takes for itself. `code` 229 as Windows and macOS send it, 13 as some keyboards of Linux and Safari do. */
  async enter(code: 229 | 13) {
    const key = { key: code === 229 ? "Process" : "Enter", code: "Enter", windowsVirtualKeyCode: code };
    await this.browser.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
    await this.browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...key, windowsVirtualKeyCode: 13 });
  }
}
