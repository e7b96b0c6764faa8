import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Refused } from "../api/client";
import { end } from "../api/session";
import { clearDrafts, clearOldDrafts, readDraft, writeDraft } from "../api/storage";
import { show } from "../test/render";
import { josa, refusal } from "../words";
import { Button } from "./Button";
import { categories, fromWire } from "../api/category";
import { categoryName } from "./CategoryIcon";
import { Confirm } from "./Dialog";
import { lengthOf, TextArea, TextField } from "./Field";
import pictures from "./food.svg?raw";
import { Menu } from "./Menu";
import { Seats } from "./Seats";
import { Failed } from "./Status";
import { timeAgo, when } from "./TimeAgo";
import { useDraft } from "./useDraft";
import { useOverlay } from "./useOverlay";

test("a field has a name, a hint, and then an error that is read out", () => {
  const { rerender } = show(<TextField label="제목" hint="짧게 적어요." />);
  const field = screen.getByRole("textbox", { name: "제목" });
  expect(field).toHaveAccessibleDescription("짧게 적어요.");
  expect(field).toBeValid();
  rerender(<TextField label="제목" error="제목을 적어 주세요." />);
  expect(screen.getByRole("alert")).toHaveTextContent("제목을 적어 주세요.");
  expect(screen.getByRole("textbox", { name: "제목" })).toBeInvalid();
  expect(screen.getByRole("textbox", { name: "제목" })).toHaveAccessibleDescription("제목을 적어 주세요.");
});

test("a text area counts as people do, and cuts nothing off", async () => {
  const { user } = show(<TextArea label="내용" limit={3} />);
  await user.type(screen.getByRole("textbox"), "밥 👨‍👩‍👧‍👦친구");
  expect(screen.getByText("5/3")).toBeInTheDocument();
  expect(screen.getByRole("textbox")).toHaveValue("밥 👨‍👩‍👧‍👦친구");
  expect(lengthOf("👨‍👩‍👧‍👦가")).toBe(2);
});

test("a busy button takes no press and keeps the focus", async () => {
  const press = vi.fn();
  const { user } = show(
    <Button loading onClick={press}>
      저장
    </Button>,
  );
  await user.click(screen.getByRole("button", { name: "저장" }));
  expect(press).not.toHaveBeenCalled();
  expect(screen.getByRole("button")).toHaveFocus();
});

test("a question waits for what it asked for, and says why that failed", async () => {
  const run = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Refused(403, "not_writer", "")).mockResolvedValueOnce();
  function Asking() {
    const overlay = useOverlay();
    return (
      <>
        <Button onClick={overlay.show}>지울래요</Button>
        <Confirm overlay={overlay} title="지울까요?" confirm="지우기" danger onConfirm={run}>
          되돌릴 수 없어요.
        </Confirm>
      </>
    );
  }
  const { user } = show(<Asking />);
  await user.click(screen.getByRole("button", { name: "지울래요" }));
  expect(await screen.findByRole("alertdialog", { name: "지울까요?" })).toHaveAccessibleDescription("되돌릴 수 없어요.");
  await user.click(screen.getByRole("button", { name: "지우기" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("글쓴이만 할 수 있어요.");
  await user.click(screen.getByRole("button", { name: "지우기" }));
  await vi.waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});

test("a menu opens, is walked by keys, and gives the focus back", async () => {
  const edit = vi.fn();
  const { user } = show(<Menu label="글 메뉴" items={[{ label: "고치기", onSelect: edit }, { label: "지우기", danger: true, onSelect: () => {} }]} />);
  const button = screen.getByRole("button", { name: "글 메뉴" });
  await user.click(button);
  expect(await screen.findByRole("menu", { name: "글 메뉴" })).toBeVisible();
  expect(button).toHaveAttribute("aria-expanded", "true");
  await user.click(screen.getByRole("menuitem", { name: "고치기" }));
  await vi.waitFor(() => expect(edit).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
});

test("there is a picture for each of the fourteen categories", () => {
  expect(categories).toHaveLength(14);
  for (const category of categories) expect(pictures).toContain(`<symbol id="${category}"`);
  expect(categoryName(fromWire("찜,탕,찌개")!)).toBe("찜·탕·찌개");
});

test("seats are told in words", () => {
  show(<Seats taken={2} of={4} />);
  expect(screen.getByRole("img", { name: "4명 중 2명 참여" })).toHaveTextContent("2/4명");
});

test("what could not be loaded says why, and is tried again", async () => {
  const again = vi.fn();
  const { user } = show(<Failed error={new Refused(0, "offline", "")} onRetry={again} />);
  expect(screen.getByRole("alert")).toHaveTextContent("인터넷에 연결되지 않았어요.");
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(again).toHaveBeenCalledOnce();
});

test.each([
  ["2025-03-10T12:00:30", "방금 전"],
  ["2025-03-10T11:58:00", "3분 전"],
  ["2025-03-10T09:00:00", "3시간 전"],
  ["2025-03-09T23:00:00", "어제"],
  ["2025-03-07T12:00:00", "3일 전"],
  ["2025-02-01T12:00:00", "2월 1일"],
  ["2024-12-31T12:00:00", "2024년 12월 31일"],
])("%s was %s", (at, words) => {
  expect(timeAgo(new Date(at), new Date("2025-03-10T12:01:00"))).toBe(words);
});

test.each([
  ["2025-03-10T00:05:00", "2025년 3월 10일 오전 12:05"],
  ["2025-03-10T09:30:00", "2025년 3월 10일 오전 9:30"],
  ["2025-03-10T12:00:00", "2025년 3월 10일 오후 12:00"],
  ["2024-12-31T23:59:00", "2024년 12월 31일 오후 11:59"],
])("%s in full is %s", (at, words) => {
  expect(when(new Date(at))).toBe(words);
});

test("an hour ago is an hour ago, even across midnight", () => {
  expect(timeAgo(new Date("2025-03-09T23:30:00"), new Date("2025-03-10T00:45:00"))).toBe("1시간 전");
});

test("particles fit the word before them", () => {
  expect([josa("치킨", "이/가"), josa("피자", "이/가"), josa("분식", "을/를"), josa("서울", "으로/로"), josa("Tom", "은/는")]).toEqual([
    "치킨이",
    "피자가",
    "분식을",
    "서울로",
    "Tom은(는)",
  ]);
});

test("a code that has no words of its own is told in the server's", () => {
  expect(refusal({ code: "brand_new", message: "새로운 까닭이에요." })).toBe("새로운 까닭이에요.");
  expect(refusal(new Error("secret"))).toBe("문제가 생겼어요. 잠시 뒤에 다시 시도해 주세요.");
});

function Draft() {
  const [draft, setDraft, clear] = useDraft("note", { text: "", seats: 2 });
  return (
    <>
      <input aria-label="글" value={draft.text} onChange={(e) => setDraft({ text: e.target.value })} />
      <output>{draft.seats}</output>
      <button onClick={clear}>비우기</button>
    </>
  );
}

const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith("mealbuddy.draft."));

test("a draft is kept for a week, and what a stranger typed as long as the tab", () => {
  vi.useFakeTimers({ now: Date.parse("2026-09-14T12:00:00Z"), toFake: ["Date"] });
  writeDraft(1, "note", { text: "치킨" });
  writeDraft(0, "note", { text: "낯선 이" });
  expect(drafts()).toEqual(["mealbuddy.draft.1.note"]);
  vi.setSystemTime(Date.parse("2026-09-21T11:59:00Z"));
  clearOldDrafts();
  expect(readDraft(1, "note")).toEqual({ text: "치킨" });
  vi.setSystemTime(Date.parse("2026-09-21T12:01:00Z"));
  expect(readDraft(1, "note")).toBeNull();
  expect(drafts()).toHaveLength(1);
  clearOldDrafts();
  expect(drafts()).toEqual([]);
  clearDrafts();
  expect(sessionStorage).toHaveLength(0);
});

test("a draft survives a reload, belongs to one person, and can be forgotten", async () => {
  const first = show(<Draft />);
  await first.user.type(screen.getByLabelText("글"), "치킨");
  first.unmount();

  end();
  const guest = show(<Draft />, { as: null });
  expect(screen.getByLabelText("글")).toHaveValue("");
  guest.unmount();

  const again = show(<Draft />);
  expect(screen.getByLabelText("글")).toHaveValue("치킨");
  expect(screen.getByText("2")).toBeInTheDocument();
  await again.user.click(screen.getByRole("button", { name: "비우기" }));
  expect(screen.getByLabelText("글")).toHaveValue("");
  expect(drafts()).toEqual([]);

  await again.user.type(screen.getByLabelText("글"), "x");
  expect(drafts()).toEqual(["mealbuddy.draft.1.note"]);
  clearDrafts();
  expect(drafts()).toEqual([]);
});
