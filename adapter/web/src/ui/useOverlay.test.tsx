import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, Link, RouterProvider, useNavigate } from "react-router";
import { expect, test } from "vitest";
import { Button } from "./Button";
import { Confirm, Sheet } from "./Dialog";
import { Menu } from "./Menu";
import { useOverlay } from "./useOverlay";

function Page() {
  const sheet = useOverlay();
  const confirm = useOverlay();
  const navigate = useNavigate();
  return (
    <>
      <h1>글</h1>
      <Menu label="글 메뉴" items={[{ label: "지우기", onSelect: confirm.show }]} />
      <Button onClick={sheet.show}>참여자</Button>
      <Sheet overlay={sheet} title="참여자">
        <Button onClick={confirm.show}>나가기</Button>
      </Sheet>
      <Confirm overlay={confirm} title="나갈까요?" confirm="네" onConfirm={() => Promise.resolve()} onDone={() => void navigate("/board", { replace: true })} />
    </>
  );
}

function open() {
  const router = createMemoryRouter(
    [
      { path: "/", element: <Link to="/post">글로</Link> },
      { path: "/post", element: <Page /> },
      { path: "/board", element: <h1>게시판</h1> },
    ],
    { initialEntries: ["/", "/post"] },
  );
  render(<RouterProvider router={router} />);
  const back = () => act(() => router.navigate(-1));
  return { user: userEvent.setup(), back, path: () => router.state.location.pathname };
}

const gone = (role: string) => waitFor(() => expect(screen.queryByRole(role)).toBeNull());

test("Back closes what is open, and only that", async () => {
  const { user, back, path } = open();
  await user.click(screen.getByRole("button", { name: "참여자" }));
  await screen.findByRole("dialog", { name: "참여자" });
  await back();
  await gone("dialog");
  expect(path()).toBe("/post");
  await back();
  expect(path()).toBe("/");
});

test("what was closed by hand needs no Back", async () => {
  const { user, back, path } = open();
  await user.click(screen.getByRole("button", { name: "참여자" }));
  await user.click(await screen.findByRole("button", { name: "닫기" }));
  await gone("dialog");
  await back();
  expect(path()).toBe("/");
});

test("an overlay that leads to another one is one step", async () => {
  const { user, back, path } = open();
  await user.click(screen.getByRole("button", { name: "글 메뉴" }));
  await user.click(await screen.findByRole("menuitem", { name: "지우기" }));
  await screen.findByRole("alertdialog");
  await back();
  await gone("alertdialog");

  await user.click(screen.getByRole("button", { name: "참여자" }));
  await user.click(await screen.findByRole("button", { name: "나가기" }));
  await screen.findByRole("alertdialog");
  await back();
  await gone("alertdialog");
  expect(path()).toBe("/post");
  await back();
  expect(path()).toBe("/");
});

test("what is confirmed leaves no entry behind", async () => {
  const { user, back, path } = open();
  await user.click(screen.getByRole("button", { name: "참여자" }));
  await user.click(await screen.findByRole("button", { name: "나가기" }));
  await user.click(await screen.findByRole("button", { name: "네" }));
  await screen.findByRole("heading", { name: "게시판" });
  await back();
  expect(path()).toBe("/");
});
