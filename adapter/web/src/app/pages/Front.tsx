import type { ReactNode } from "react";
import { Link } from "react-router";
import { Logo } from "../../ui/Logo";
import { Heading } from "../../ui/Page";
import { OfflineBar } from "../../ui/Status";
import { nav } from "../../words/ko";
import css from "./Front.module.css";

/** What stands around the screens before one is signed in. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <OfflineBar />
      <div className={css.front}>
        <header className={css.top}>
          <Link to="/" className={css.home} aria-label={nav.home}>
            <Logo />
          </Link>
        </header>
        {children}
      </div>
    </>
  );
}

/** A screen before one is signed in. */
export function Front({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Frame>
      <main className={css.main}>
        <Heading title={title} className={css.title} />
        <p className={css.text}>{text}</p>
        {children}
      </main>
    </Frame>
  );
}
