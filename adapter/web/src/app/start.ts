// scripts/finish.mjs builds this as /start.js, the one script whose name stays the same, so
// that every release has it. It notices when the first script of the page, app/early.ts,
// is missing. That one watches the others.

import { handleMissing, isWatched } from "./missing";

const check = () => {
  if (!isWatched()) handleMissing();
};
if (document.readyState === "complete") check();
else addEventListener("load", check);
