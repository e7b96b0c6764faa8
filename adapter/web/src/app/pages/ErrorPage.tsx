import { TriangleAlert, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, ButtonLink } from "../../ui/Button";
import { useOnline } from "../../ui/Status";
import { pages } from "../../words/ko";
import { Notice } from "./Notice";

/** Stands where something broke, or where a page could not be loaded without a network. */
export function ErrorPage() {
  const online = useOnline();
  const [was] = useState(online);
  useEffect(() => {
    if (online && !was) location.reload();
  }, [online, was]);

  if (!was) {
    return (
      <Notice
        icon={<WifiOff size={34} aria-hidden="true" />}
        title={pages.offlineTitle}
        text={pages.offlineText}
        action={
          <ButtonLink to="/board" variant="soft">
            {pages.toBoard}
          </ButtonLink>
        }
      />
    );
  }
  return (
    <Notice
      icon={<TriangleAlert size={34} aria-hidden="true" />}
      title={pages.brokenTitle}
      text={pages.brokenText}
      action={
        <>
          <Button onClick={() => location.reload()}>{pages.reload}</Button>
          <ButtonLink to="/" variant="soft">
            {pages.toLanding}
          </ButtonLink>
        </>
      }
    />
  );
}
