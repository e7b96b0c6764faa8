import { screen, within } from "@testing-library/react";
import { MessageCircle } from "lucide-react";
import { expect, test } from "vitest";
import { show } from "../test/render";
import { Badge } from "../ui/Badge";
import { Ends, Links, Tabs } from "./Navigation";
import { destinations } from "./destinations";

test("tabs and header lead to the same places", () => {
  show(
    <>
      <Tabs />
      <header>
        <Links />
        <Ends />
      </header>
    </>,
  );
  const hrefs = (within: HTMLElement) => [...within.querySelectorAll("a")].map((link) => link.getAttribute("href")).sort();
  const all = destinations.map(({ to }) => to).sort();
  expect(hrefs(screen.getAllByRole("navigation")[0]!)).toEqual(all);
  expect(hrefs(screen.getByRole("banner"))).toEqual(all);
  expect(screen.queryByText(/새 소식/)).toBeNull();
});

test("a destination may count what is new, in both", () => {
  const of = (count: number) => [{ to: "/rooms", label: "채팅", icon: MessageCircle, Badge: () => <Badge count={count} /> }];
  const { unmount } = show(
    <>
      <Tabs of={of(3)} />
      <Links of={of(120)} />
    </>,
  );
  const [tabs, links] = screen.getAllByRole("navigation") as [HTMLElement, HTMLElement];
  expect(within(tabs).getByRole("link", { name: /새 소식 3개.*채팅/ })).toHaveTextContent("3");
  expect(within(links).getByRole("link", { name: /채팅.*새 소식 120개/ })).toHaveTextContent("99+");
  unmount();

  show(<Tabs of={of(0)} />);
  expect(screen.getByRole("link", { name: "채팅" })).toBeVisible();
});
