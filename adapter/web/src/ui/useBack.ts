import type { MouseEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { opensElsewhere } from "./opensElsewhere";

/** For the click on a link that leads back: goes back, or to where the link leads if this page was opened directly. */
export function useBack() {
  const { key } = useLocation();
  const navigate = useNavigate();
  return (event: MouseEvent) => {
    if (key === "default" || opensElsewhere(event)) return;
    event.preventDefault();
    void navigate(-1);
  };
}
