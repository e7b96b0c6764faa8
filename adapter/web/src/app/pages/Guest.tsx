import { Outlet } from "react-router";
import { Frame } from "./Front";

/** The frame of a page that anybody may come to, for who is not signed in. */
export default function Guest() {
  return (
    <Frame>
      <main>
        <Outlet />
      </main>
    </Frame>
  );
}
