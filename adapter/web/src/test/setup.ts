import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { end } from "../api/session";
import { server } from "./server";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 5_000 });

// jsdom has no layout.
vi.stubGlobal("scrollTo", () => {});
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
vi.stubGlobal("matchMedia", (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }));
Element.prototype.scrollIntoView = () => {};
Element.prototype.getAnimations = () => [];

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});

afterEach(() => {
  cleanup();
  server.resetHandlers();
  vi.useRealTimers();
  end();
  localStorage.clear();
  sessionStorage.clear();
});

afterAll(() => {
  server.close();
});
