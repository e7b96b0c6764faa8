import { lazy, Suspense, useEffect, useState, type ComponentType } from "react";
import { Navigate, Outlet, useLocation, useSearchParams, type RouteObject } from "react-router";
import { safeNext, signInPath, useSession } from "../api/session";
import { whenLoaded } from "../ui/idle";
import { PageSkeleton } from "../ui/Skeleton";
import { Board } from "./pages/Board";
import { ErrorPage } from "./pages/ErrorPage";
import { NotFound } from "./pages/NotFound";
import { Root } from "./Root";
import { Shell } from "./Shell";

const screens: (() => Promise<unknown>)[] = [];
function screen(load: () => Promise<{ default: ComponentType }>) {
  screens.push(load);
  return lazy(load);
}

let ahead = false;

/** Whether a screen is being loaded that nobody has asked for yet. */
export const loadsAhead = () => ahead;

/** Loads every screen of who is signed in, so that they open without a network, too. One that fails is tried again when it is opened. */
async function loadScreens() {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
  ahead = true;
  try {
    for (const load of screens) await load();
  } catch {
    // The others would fail as well.
  } finally {
    ahead = false;
  }
}

// The board comes with the first load: nearly everybody arrives there.
const Landing = lazy(() => import("./pages/Landing"));
const Guest = lazy(() => import("./pages/Guest"));
const SignIn = lazy(() => import("./pages/SignIn"));
const Register = lazy(() => import("./pages/Register"));
const RegisterEmail = lazy(() => import("./pages/RegisterEmail"));
const Shared = lazy(() => import("./pages/Shared"));
const Social = lazy(() => import("./pages/Social"));

const PostNew = screen(() => import("./pages/PostNew"));
const Post = screen(() => import("./pages/Post"));
const PostEdit = screen(() => import("./pages/PostEdit"));
const Room = screen(() => import("./pages/Room"));
const Rooms = screen(() => import("./pages/Rooms"));
const Profile = screen(() => import("./pages/Profile"));
const Ways = screen(() => import("./pages/Ways"));
const Devices = screen(() => import("./pages/Devices"));
const Password = screen(() => import("./pages/Password"));
const Withdraw = screen(() => import("./pages/Withdraw"));

const withTabs: RouteObject[] = [
  { path: "board", element: <Board /> },
  { path: "rooms", element: <Rooms /> },
  { path: "me", element: <Profile /> },
];

const withoutTabs: RouteObject[] = [
  { path: "posts/new", element: <PostNew /> },
  { path: "posts/:id", element: <Post /> },
  { path: "posts/:id/edit", element: <PostEdit /> },
  { path: "rooms/:id", element: <Room /> },
  { path: "me/ways", element: <Ways /> },
  { path: "me/devices", element: <Devices /> },
  { path: "me/password", element: <Password /> },
  { path: "me/withdraw", element: <Withdraw /> },
];

const forGuests: RouteObject[] = [
  { index: true, element: <Landing /> },
  { path: "signin", element: <SignIn /> },
  { path: "register", element: <Register /> },
  { path: "register/email", element: <RegisterEmail /> },
];

export const routes: RouteObject[] = [
  {
    element: <Root />,
    errorElement: (
      <main>
        <ErrorPage />
      </main>
    ),
    children: [
      { element: <GuestsOnly />, children: forGuests },
      {
        element: <SignedIn />,
        children: [
          { element: <Shell />, children: [{ errorElement: <ErrorPage />, children: withTabs }] },
          { element: <Shell bare />, children: [{ errorElement: <ErrorPage />, children: withoutTabs }] },
        ],
      },
      { path: "social", element: <Suspense fallback={<PageSkeleton />} children={<Social />} /> },
      { element: <Anybody />, children: [{ path: "s/:code", element: <Shared /> }, { path: "*", element: <NotFound /> }] },
    ],
  },
];

/** Sends strangers to sign in, and back here afterwards. */
function SignedIn() {
  const { user, ended } = useSession();
  const location = useLocation();
  const [was] = useState(user !== null);
  const here = user !== null;
  useEffect(() => (here ? whenLoaded(() => void loadScreens()) : undefined), [here]);
  if (user) return <Outlet />;
  // Who left on purpose is not asked to sign in again.
  if (was && ended === "chosen") return <Navigate to="/" replace />;
  return <Navigate to={signInPath(location)} replace />;
}

/** The frame of pages that are open to anybody. */
function Anybody() {
  const { user } = useSession();
  if (user) return <Shell />;
  return (
    <Suspense fallback={null}>
      <Guest />
    </Suspense>
  );
}

function GuestsOnly() {
  const { user } = useSession();
  const [search] = useSearchParams();
  if (user) return <Navigate to={safeNext(search.get("next"))} replace />;
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Outlet />
    </Suspense>
  );
}
