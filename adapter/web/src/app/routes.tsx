import { lazy, Suspense, useState } from "react";
import { Navigate, Outlet, useLocation, useSearchParams, type RouteObject } from "react-router";
import { safeNext, signInPath, useSession } from "../api/session";
import { PageSkeleton } from "../ui/Skeleton";
import { Board } from "./pages/Board";
import { ErrorPage } from "./pages/ErrorPage";
import { NotFound } from "./pages/NotFound";
import { Root } from "./Root";
import { Shell } from "./Shell";

// The board comes with the first load: nearly everybody arrives there.
const Landing = lazy(() => import("./pages/Landing"));
const Guest = lazy(() => import("./pages/Guest"));
const SignIn = lazy(() => import("./pages/SignIn"));
const Register = lazy(() => import("./pages/Register"));
const PostNew = lazy(() => import("./pages/PostNew"));
const Post = lazy(() => import("./pages/Post"));
const PostEdit = lazy(() => import("./pages/PostEdit"));
const Room = lazy(() => import("./pages/Room"));
const Profile = lazy(() => import("./pages/Profile"));
const Social = lazy(() => import("./pages/Social"));
const Ways = lazy(() => import("./pages/Ways"));
const Devices = lazy(() => import("./pages/Devices"));
const Password = lazy(() => import("./pages/Password"));
const Withdraw = lazy(() => import("./pages/Withdraw"));

const withTabs: RouteObject[] = [
  { path: "board", element: <Board /> },
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
      { element: <Anybody />, children: [{ path: "*", element: <NotFound /> }] },
    ],
  },
];

/** Sends strangers to sign in, and back here afterwards. */
function SignedIn() {
  const { user, ended } = useSession();
  const location = useLocation();
  const [was] = useState(user !== null);
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
