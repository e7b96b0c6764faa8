import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { current, type User } from "../../../api/session";
import { readPlaces } from "../../../api/storage";
import { show } from "../../../test/render";
import { ann, annUser, http, HttpResponse, problem, server } from "../../../test/server";
import { useOverlay } from "../../../ui/useOverlay";
import { place } from "../../../words/account";
import { Move } from "./Move";

const nonhyeon = "서울특별시 강남구 논현동";
const samseong = "서울특별시 강남구 삼성동";

function region(address: string) {
  const [sido = "", sigungu = null, dong = null] = address.split(" ");
  return { address, sido, sigungu, dong };
}

/** The server finds these, whatever is asked, and takes a move unless `refuses` has it. */
function serve(found: string[], refuses: Record<string, Response> = {}) {
  const moves: string[] = [];
  server.use(
    http.get("*/api/region/search/", () => HttpResponse.json({ regions: found.map(region) })),
    http.post("*/api/user/update/", async ({ request }) => {
      const { address } = (await request.json()) as { address: string };
      moves.push(address);
      if (refuses[address]) return refuses[address];
      const user = { ...ann, address, address_official: true };
      return HttpResponse.json({ user, ...user });
    }),
  );
  return moves;
}

function Board({ user = current().user! }: { user?: User }) {
  const sheet = useOverlay();
  return (
    <>
      <button onClick={sheet.show}>{user.address}</button>
      <Move overlay={sheet} user={user} />
    </>
  );
}

async function open(board = <Board />) {
  const view = show(board, { at: "/board" });
  await view.user.click(screen.getByRole("button", { name: /동/ }));
  return { ...view, sheet: await screen.findByRole("dialog", { name: /동네/ }) };
}

/** Toasts are dialogs, too. */
const closed = () => waitFor(() => expect(screen.queryByRole("dialog", { name: /동네/ })).toBeNull());

test("moves with one tap in the sheet, and back with one on the toast", async () => {
  const moves = serve([nonhyeon, samseong, ann.address]);
  const { user, sheet } = await open();
  const around = await within(sheet).findByRole("region", { name: "강남구의 다른 동네" });
  // Where one is already is not among them.
  expect(within(around).getAllByRole("listitem")).toHaveLength(2);
  await user.click(within(around).getByRole("button", { name: /논현동/ }));
  expect(await screen.findByText(place.moved("논현동"))).toBeVisible();
  await closed();
  expect(current().user?.address).toBe(nonhyeon);
  expect(readPlaces(ann.id)).toEqual([nonhyeon, ann.address]);
  await user.click(screen.getByRole("button", { name: place.undo }));
  await waitFor(() => expect(current().user?.address).toBe(ann.address));
  expect(moves).toEqual([nonhyeon, ann.address]);
  expect(readPlaces(ann.id)).toEqual([ann.address, nonhyeon]);
});

test("a refused move says why and what may have been meant; the sheet stays", async () => {
  const gone = "서울특별시 강남구 없는동";
  const refusal = problem(400, "invalid", { address: ["이런 동네는 없어요."] }, "입력을 확인해 주세요.");
  const body = (await refusal.json()) as object;
  const moves = serve([gone], { [gone]: HttpResponse.json({ ...body, suggestions: { address: [samseong] } }, { status: 400 }) });
  const { user, sheet } = await open();
  await user.click(await within(sheet).findByRole("button", { name: /없는동/ }));
  expect(await within(sheet).findByRole("alert")).toHaveTextContent(place.unclear);
  expect(current().user?.address).toBe(ann.address);
  await user.click(within(within(sheet).getByRole("group", { name: place.suggested })).getByRole("button", { name: /삼성동/ }));
  await waitFor(() => expect(current().user?.address).toBe(samseong));
  expect(moves).toEqual([gone, samseong]);
});

test("the address one has does not move anybody", async () => {
  const moves = serve([ann.address]);
  const { user, sheet } = await open();
  await user.type(within(sheet).getByRole("combobox", { name: place.search }), "역삼");
  await user.click(await within(sheet).findByRole("option", { name: /역삼동/ }));
  expect(await screen.findByText(place.here("역삼동"))).toBeVisible();
  expect(moves).toEqual([]);
});

test("Enter moves to the only one that is found, also when it is pressed before it is found", async () => {
  const moves = serve([samseong]);
  const { user, sheet } = await open();
  await user.type(within(sheet).getByRole("combobox", { name: place.search }), "삼성동{Enter}");
  await waitFor(() => expect(current().user?.address).toBe(samseong));
  expect(moves).toEqual([samseong]);
});

test("Enter takes none of several, and none for other words", async () => {
  const moves = serve([nonhyeon, samseong]);
  const { user, sheet } = await open();
  const input = within(sheet).getByRole("combobox", { name: place.search });
  await user.type(input, "강남");
  expect(await within(sheet).findAllByRole("option")).toHaveLength(2);
  await user.keyboard("{Enter}");
  serve([samseong]);
  await user.type(input, "구");
  await waitFor(() => expect(within(sheet).getAllByRole("option")).toHaveLength(1));
  expect(moves).toEqual([]);
});

test("says so where there may be more around than it lists", async () => {
  serve(["서울특별시 강남구", ...[..."가나다라마바사아자"].map((letter) => `서울특별시 강남구 ${letter}동`)]);
  const { sheet } = await open();
  const around = await within(sheet).findByRole("region", { name: "강남구의 다른 동네" });
  expect(within(around).getAllByRole("listitem")).toHaveLength(9);
  expect(within(around).getByText(place.more)).toBeVisible();
});

test("whose address is none is told so, may wait, and is not led back to it", async () => {
  serve([nonhyeon]);
  const unplaced = { ...annUser, address: "강남역 근처 동", address_official: false };
  const { user, sheet } = await open(<Board user={unplaced} />);
  expect(sheet).toHaveAccessibleName(place.askTitle);
  expect(sheet).toHaveTextContent(place.askText(unplaced.address));
  await user.click(within(sheet).getByRole("button", { name: place.later }));
  await closed();

  await user.click(screen.getByRole("button", { name: unplaced.address }));
  await user.type(screen.getByRole("combobox", { name: place.search }), "논현");
  await user.click(await screen.findByRole("option", { name: /논현동/ }));
  expect(await screen.findByText(place.moved("논현동"))).toBeVisible();
  expect(screen.queryByRole("button", { name: place.undo })).toBeNull();
});
