import { House, MessageCircle, PencilLine, UserRound, type LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import { nav } from "../words/ko";

/** A place that every screen leads to: a tab on a phone, a part of the header elsewhere. */
export type Destination = {
  to: string;
  label: string;
  icon: LucideIcon;
  /** How it looks: like the others, as the button to write, or as the picture of who is signed in. */
  look?: "write" | "me";
  /** Counts what waits there: a component that renders a ui/Badge. */
  Badge?: ComponentType;
};

export const destinations: Destination[] = [
  { to: "/board", label: nav.board, icon: House },
  { to: "/rooms", label: nav.rooms, icon: MessageCircle },
  { to: "/posts/new", label: nav.write, icon: PencilLine, look: "write" },
  { to: "/me", label: nav.me, icon: UserRound, look: "me" },
];
