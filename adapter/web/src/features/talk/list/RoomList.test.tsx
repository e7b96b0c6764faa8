import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Schemas } from "../../../api/client";
import { show } from "../../../test/render";
import { http, HttpResponse, problem, server } from "../../../test/server";
import { common } from "../../../words/ko";
import { rooms as words } from "../../../words/talk";
import { RoomList } from "./RoomList";

const room = (part: Partial<Schemas["ListedRoom"]>): Schemas["ListedRoom"] => ({
  id: 1,
  title: "치킨 같이 시켜요",
  category: "치킨",
  address: "서울특별시 강남구 역삼동",
  is_compelete: false,
  target_number: 4,
  join_number: 2,
  writer: { id: 2, username: "베아", email: "be**@example.com" },
  role: "guest",
  last_seq: 3,
  ...part,
});
const answers = (rooms: Schemas["ListedRoom"][]) => server.use(http.get("*/api/rooms/", () => HttpResponse.json({ rooms })));

test("leads to each room, and says where it is", async () => {
  answers([room({}), room({ id: 2, title: "피자", category: "피자", address: "제주특별자치도 제주시 용담이동", role: "host", is_compelete: true })]);
  show(<RoomList />);
  expect(await screen.findByRole("link", { name: /치킨 같이 시켜요/ })).toHaveAttribute("href", "/rooms/1");
  expect(screen.getByText("역삼동 · 2/4명")).toBeVisible();
  expect(screen.getByText(`용담이동 · 2/4명 · ${words.host} · ${words.complete}`)).toBeVisible();
});

test("says so where there is none, and what to do about it", async () => {
  answers([]);
  show(<RoomList />);
  expect(await screen.findByText(words.none)).toBeVisible();
  expect(screen.getByRole("link", { name: words.toBoard })).toHaveAttribute("href", "/board");
});

test("tries again after a failure", async () => {
  server.use(http.get("*/api/rooms/", () => problem(503, "unavailable")));
  const { user } = show(<RoomList />);
  const again = await screen.findByRole("button", { name: common.retry });
  answers([room({})]);
  await user.click(again);
  expect(await screen.findByText("치킨 같이 시켜요")).toBeVisible();
});
