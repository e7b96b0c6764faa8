import { useEffect, useLayoutEffect, useRef } from "react";
import { NavigationType, useLocation, useNavigationType } from "react-router";
import { key, remembered } from "./places";

const patience = 1500;

const places = remembered();

/** New pages begin at the top; Back, Forward and a reload return to the place where one was. */
export function useScroll() {
  const location = useLocation();
  const kind = useNavigationType();
  const here = useRef(location.key);

  useEffect(() => {
    history.scrollRestoration = "manual";
    const note = () => {
      places[here.current] = Math.round(scrollY);
    };
    const save = () => {
      try {
        sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(Object.entries(places).slice(-50))));
      } catch {
        // Then a reload begins at the top.
      }
    };
    addEventListener("scroll", note, { passive: true });
    addEventListener("pagehide", save);
    return () => {
      removeEventListener("scroll", note);
      removeEventListener("pagehide", save);
    };
  }, []);

  useLayoutEffect(() => {
    const before = here.current;
    here.current = location.key;
    if (location.hash) return;
    const aim = kind === NavigationType.Pop ? (places[location.key] ?? 0) : 0;
    // At first one is at the top, or where early.ts or a quick hand has brought one.
    if (before === location.key && (aim === 0 || scrollY > 0)) return;
    scrollTo(0, aim);
    if (aim === 0 || Math.round(scrollY) === aim) return;
    // The page is still growing: try again as it does, unless a hand is faster.
    const grow = new ResizeObserver(() => {
      scrollTo(0, aim);
      if (Math.round(scrollY) === aim) stop();
    });
    const stop = () => {
      grow.disconnect();
      window.clearTimeout(late);
      removeEventListener("wheel", stop);
      removeEventListener("touchstart", stop);
    };
    const late = window.setTimeout(stop, patience);
    addEventListener("wheel", stop, { passive: true });
    addEventListener("touchstart", stop, { passive: true });
    grow.observe(document.body);
    return stop;
  }, [location, kind]);
}
