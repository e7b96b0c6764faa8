import type { ReactNode } from "react";
import { Heading } from "../../ui/Page";
import css from "./Notice.module.css";

/** A page that only says something. */
export function Notice({ icon, title, text, action }: { icon: ReactNode; title: string; text: string; action?: ReactNode }) {
  return (
    <section className={css.notice}>
      <div className={css.icon}>{icon}</div>
      <Heading title={title} className={css.title} />
      <p className={css.text}>{text}</p>
      {action !== undefined && <div className={css.action}>{action}</div>}
    </section>
  );
}
