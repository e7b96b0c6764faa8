import { lazy, Suspense, useState } from "react";
import { Navigate, Outlet, Route, Routes, useLocation, useSearchParams } from "react-router";
import { safeNext, signInPath, useSession } from "../api/session";
import { PageSkeleton } from "../ui/Skeleton";
import Board from "./pages/Board";
import { NotFound } from "./pages/NotFound";
import { Shell } from "./Shell";
import { useScroll } from "./useScroll";

// The board comes with the first load: it is where nearly everybody arrives.
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

export function AppRoutes() {
  useScroll();
  return (
    <Routes>
      <Route element={<GuestsOnly />}>
        <Route index element={<Landing />} />
        <Route path="signin" element={<SignIn />} />
        <Route path="register" element={<Register />} />
      </Route>
      <Route element={<SignedIn />}>
        <Route element={<Shell />}>
          <Route path="board" element={<Board />} />
          <Route path="me" element={<Profile />} />
        </Route>
        <Route element={<Shell bare />}>
          <Route path="posts/new" element={<PostNew />} />
          <Route path="posts/:id" element={<Post />} />
          <Route path="posts/:id/edit" element={<PostEdit />} />
          <Route path="rooms/:id" element={<Room />} />
          <Route path="me/ways" element={<Ways />} />
          <Route path="me/devices" element={<Devices />} />
          <Route path="me/password" element={<Password />} />
          <Route path="me/withdraw" element={<Withdraw />} />
        </Route>
      </Route>
      <Route
        path="social"
        element={
          <Suspense fallback={<PageSkeleton />}>
            <Social />
          </Suspense>
        }
      />
      <Route element={<Anywhere />}>
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}

/** Leads who is not signed in to do so, and back here afterwards. */
function SignedIn() {
  const { user, ended } = useSession();
  const location = useLocation();
  const [was] = useState(user !== null);
  if (user) return <Outlet />;
  // Who left on purpose is not asked to sign in again.
  if (was && ended === "chosen") return <Navigate to="/" replace />;
  return <Navigate to={signInPath(location)} replace />;
}

/** The frame of pages that anybody may come to. */
function Anywhere() {
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
