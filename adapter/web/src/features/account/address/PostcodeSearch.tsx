import { MapPinOff } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Button } from "../../../ui/Button";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty } from "../../../ui/Status";
import { account } from "../../../words/account";
import { common } from "../../../words/ko";
import { loadPostcode, neighbourhood } from "./postcode";
import css from "./PostcodeSearch.module.css";

/** Kakao's search within the page. Where its script is blocked, it says so and leads back to typing. */
export function PostcodeSearch({ onFound, onType }: { onFound: (address: string) => void; onType: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "there" | "failed">("loading");
  const [attempt, setAttempt] = useState(0);
  const found = useEffectEvent(onFound);

  useEffect(() => {
    let gone = false;
    loadPostcode().then(
      (Postcode) => {
        if (gone || !place.current) return;
        place.current.replaceChildren();
        new Postcode({
          oncomplete: (answer) => found(neighbourhood(answer)),
          width: "100%",
          height: "100%",
          submitMode: false,
          shorthand: false,
        }).embed(place.current, { autoClose: false });
        setState("there");
      },
      () => {
        if (!gone) setState("failed");
      },
    );
    return () => {
      gone = true;
    };
  }, [attempt]);

  if (state === "failed") {
    return (
      <div role="alert">
        <Empty
          icon={<MapPinOff size={32} aria-hidden="true" />}
          title={account.findFailed}
          action={
            <div className={css.choices}>
              <Button onClick={onType}>{account.typeInstead}</Button>
              <Button
                variant="soft"
                onClick={() => {
                  setState("loading");
                  setAttempt(attempt + 1);
                }}
              >
                {common.retry}
              </Button>
            </div>
          }
        >
          {account.findFailedText}
        </Empty>
      </div>
    );
  }
  return (
    <div className={css.search}>
      <p className={css.note}>{account.findNote}</p>
      {state === "loading" && (
        <Loading className={css.waiting}>
          <Skeleton shape="block" />
          <Skeleton shape="block" />
        </Loading>
      )}
      <div ref={place} className={css.frame} />
    </div>
  );
}
