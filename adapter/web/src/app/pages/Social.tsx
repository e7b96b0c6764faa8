import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { keys } from "../../api/keys";
import { arrive, safeNext, useSession } from "../../api/session";
import { FirstLogin } from "../../features/account/register/FirstLogin";
import { useProviderName } from "../../features/account/social";
import { ButtonLink } from "../../ui/Button";
import { PageSkeleton } from "../../ui/Skeleton";
import { Failed } from "../../ui/Status";
import { toast } from "../../ui/toast";
import { account } from "../../words/account";
import { Front } from "./Front";

const { social: words } = account;

/** Where one comes back to from a provider: what came of it is in the address. */
export default function SocialPage() {
  const { user } = useSession();
  const [search] = useSearchParams();
  const next = safeNext(search.get("next"));
  const signIn = `/signin?next=${encodeURIComponent(next)}`;
  const [error, linked, pending] = [search.get("error"), search.get("linked"), search.get("pending")];

  if (error) {
    const why = words.errors[error as keyof typeof words.errors] ?? words.errors.social_failed;
    return (
      <Front title={why.title} text={why.text}>
        <ButtonLink to={user ? next : signIn} size="l" wide>
          {user ? words.goOn : words.toSignIn}
        </ButtonLink>
      </Front>
    );
  }
  if (user) return linked ? <Linked provider={linked} next={next} /> : <Navigate to={next} replace />;
  if (pending) {
    return (
      <Front title={account.registerTitle} text={account.registerText}>
        <FirstLogin provider={pending} attempt={search.get("attempt")} next={next} />
      </Front>
    );
  }
  return <Arriving signIn={signIn} />;
}

function Linked({ provider, next }: { provider: string; next: string }) {
  const navigate = useNavigate();
  const nameOf = useProviderName();
  useEffect(() => {
    if (!nameOf) return;
    toast(words.linkedNow(nameOf(provider)));
    void navigate(next, { replace: true });
  }, [provider, nameOf, next, navigate]);
  return <PageSkeleton />;
}

/** The cookie is there already; who is signed in comes with the first token. */
function Arriving({ signIn }: { signIn: string }) {
  const { data, error, refetch } = useQuery({ queryKey: keys.socialSignIn, queryFn: arrive, staleTime: Infinity, refetchOnWindowFocus: false });
  if (data === false) return <Navigate to={signIn} replace />;
  if (error) {
    return (
      <Front title={words.errors.social_failed.title} text={words.arriveFailed}>
        <Failed error={error} onRetry={() => void refetch()} />
      </Front>
    );
  }
  return <PageSkeleton />;
}
