import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { common, refused } from "../../adapter/web/src/words/ko";
import { landing } from "../../adapter/web/src/words/account";
import { Api } from "./harness/api";
import { seocho, somebody, yeoksam } from "./harness/cast";
import { blockPostcode, stubPostcode } from "./harness/postcode";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

const stage = setStage();
const api = new Api(stage.server);
const { wrong } = account;

test("from the first page to the board, past every mistake one can make on the way", async () => {
  const taken = await api.register(somebody("먼저온이웃", { email: "taken@example.com" }));
  const ann = await stage.enter(somebody("민지"), "phone");
  await stubPostcode(ann.context, ann.watch);
  await ann.open("/");
  await ann.press(ann.link(landing.cta).first());
  await ann.seesHeading(account.registerTitle);

  await ann.pressButton(account.register);
  await ann.reads(account.email, wrong.email);
  await ann.reads(account.username, wrong.username);
  await ann.reads(account.password, wrong.passwordMissing);
  await ann.reads(account.address, wrong.address);
  expect(await ann.field(account.email).evaluate((field) => field === document.activeElement)).toBe(true);

  await ann.fill(account.email, "taken");
  await ann.fill(account.username, "민");
  await ann.fill(account.password, "123");
  await ann.pressButton(account.register);
  await ann.reads(account.email, wrong.emailShape);
  await ann.reads(account.username, wrong.username);
  await ann.reads(account.password, wrong.passwordLength);

  for (const [password, words] of [["12345678", wrong.passwordDigits], ["aaaaaaaa", wrong.passwordSame]] as const) {
    await ann.fill(account.password, password);
    await ann.field(account.password).blur();
    await ann.reads(account.password, words);
  }

  await ann.pressButton(account.addressSearch);
  const sheet = ann.page.getByRole("dialog", { name: account.findTitle });
  await ann.press(ann.button("강남대로 396", sheet));
  await sheet.waitFor({ state: "detached" });
  expect(await ann.field(account.address).inputValue()).toBe(yeoksam);

  // Only the server knows that both are taken; what was typed stays.
  ann.watch.forgive(answered(400));
  await ann.fill(account.email, taken.email.toUpperCase());
  await ann.fill(account.username, taken.username);
  await ann.fill(account.password, ann.who.password);
  await ann.pressButton(account.register);
  await ann.sees(ann.page.getByRole("alert").first());
  expect(await ann.page.locator('[aria-invalid="true"]').evaluateAll((all) => all.map((field) => field.getAttribute("name")))).toEqual(["email", "username"]);
  expect(await ann.field(account.email).inputValue()).toBe("TAKEN@EXAMPLE.COM");
  expect(await ann.field(account.password).inputValue()).toBe(ann.who.password);
  expect(await ann.field(account.address).inputValue()).toBe(yeoksam);

  // All but the passwords survives a reload.
  await ann.page.reload();
  expect(await ann.field(account.email).inputValue()).toBe("TAKEN@EXAMPLE.COM");
  expect(await ann.field(account.username).inputValue()).toBe(taken.username);
  expect(await ann.field(account.address).inputValue()).toBe(yeoksam);
  expect(await ann.field(account.password).inputValue()).toBe("");

  await ann.fill(account.email, ann.who.email);
  await ann.fill(account.username, ann.who.username);
  await ann.fill(account.password, ann.who.password);
  await ann.pressButton(account.register);
  await ann.at("/board");
  await ann.sees(account.welcome(ann.name));
});

test.each(["phone", "desktop"] as const)("a password is shown where one types it, and one types on (%s)", async (device) => {
  const sol = await stage.enter(somebody("솔잎"), device);
  await sol.open("/register");
  const password = sol.field(account.password);
  const eye = sol.button(`${account.password} ${common.show}`);
  await sol.press(password);
  await sol.page.keyboard.type("happy-rice-1");
  for (let n = 0; n < 2; n += 1) await sol.page.keyboard.press("ArrowLeft");
  const caret = () => password.evaluate((field: HTMLInputElement) => [field === document.activeElement, field.type, field.selectionStart, field.selectionEnd]);
  expect(await caret()).toEqual([true, "password", 10, 10]);
  await sol.press(eye);
  await expect.poll(caret).toEqual([true, "text", 10, 10]);
  await sol.page.keyboard.type("s");
  expect(await password.inputValue()).toBe("happy-rices-1");
  await sol.press(eye);
  await expect.poll(caret).toEqual([true, "password", 11, 11]);

  // By keys it is the eye that keeps the focus.
  await sol.page.keyboard.press("Tab");
  await sol.page.keyboard.press("Space");
  expect(await eye.evaluate((button) => [button === document.activeElement, button.getAttribute("aria-pressed")])).toEqual([true, "true"]);
  expect(await sol.page.locator("[type=password]").count()).toBe(0); // and there is no second one to fill in
});

test("the neighbourhood is typed where the search is blocked", async () => {
  const ben = await stage.enter(somebody("준호"), "desktop");
  await blockPostcode(ben.context, ben.watch);
  await ben.open("/register");
  await ben.pressButton(account.addressSearch);
  await ben.sees(account.findFailed);
  await ben.pressButton(account.typeInstead);
  await expect.poll(() => ben.field(account.address).evaluate((field) => field === document.activeElement)).toBe(true);
  await ben.page.keyboard.type("서울");
  await ben.press(ben.page.getByRole("option", { name: "서울특별시", exact: true }).first());
  await ben.page.keyboard.type("강남");
  await ben.sees(ben.page.getByRole("option", { name: "개포동 서울특별시 강남구", exact: true }));
  await ben.page.keyboard.press("ArrowDown");
  await ben.page.keyboard.press("Enter");
  expect(await ben.field(account.address).inputValue()).toBe("서울특별시 강남구 ");
  await ben.page.keyboard.type("역삼동");
  expect(await ben.field(account.address).inputValue()).toBe(yeoksam);
  await ben.pressButton(account.register);
  // One is brought to the first that is wrong, and sees what it is.
  await ben.reads(account.email, wrong.email);
  await ben.canSee(ben.page.locator("label", { hasText: account.email }));
  await ben.canSee(ben.page.getByText(wrong.email));
  await ben.fill(account.email, ben.who.email);
  await ben.fill(account.username, ben.who.username);
  await ben.fill(account.password, ben.who.password);
  await ben.field(account.password).press("Enter");
  await ben.at("/board");
});

test("where one is fills in the nearest neighbourhood, and a former name becomes today's", async () => {
  const hana = await stage.enter(await api.register(somebody("하나")), "phone");
  await hana.context.grantPermissions(["geolocation"]);
  await hana.context.setGeolocation({ latitude: 37.4995, longitude: 127.0335 });
  await hana.come("/me");
  await hana.pressButton(account.addressHere);
  await hana.sees(hana.page.getByText(account.hereNearest).first());
  expect(await hana.field(account.address).inputValue()).toBe("서울특별시 강남구 역삼1동");
  await hana.fill(account.address, "서울특별시 강남구 논현동");
  await hana.field(account.address).press("Escape");
  await hana.pressButton(account.save);
  await hana.sees(account.saved);

  hana.watch.forgive(answered(404));
  await hana.context.setGeolocation({ latitude: 35.68, longitude: 139.77 });
  await hana.pressButton(account.addressHere);
  await hana.sees(hana.page.getByText(refused.place_not_found).first());
  expect(await hana.field(account.address).inputValue()).toBe("서울특별시 강남구 논현동");

  await hana.fill(account.address, "인천 중구 운서동");
  await hana.field(account.address).press("Escape");
  await hana.pressButton(account.save);
  await expect.poll(() => hana.field(account.address).inputValue()).toBe("인천광역시 영종구 운서동");
});

test("signing in says what is wrong without saying which", async () => {
  const cho = await stage.enter(await api.register(somebody("초롱")), "phone");
  await cho.open("/signin");
  await cho.pressButton(account.signIn);
  await cho.reads(account.email, wrong.email);
  await cho.reads(account.password, wrong.passwordMissing);
  await cho.fill(account.email, "초롱");
  await cho.fill(account.password, "x");
  await cho.pressButton(account.signIn);
  await cho.reads(account.email, wrong.emailShape);
  cho.watch.forgive(answered(401));
  for (const email of [cho.who.email, "nobody@example.com"]) {
    await cho.fill(account.email, email);
    await cho.pressButton(account.signIn);
    await cho.sees(cho.page.getByRole("alert").getByText(refused.invalid_credentials));
    expect(await cho.field(account.email).inputValue()).toBe(email);
  }
  await cho.signIn();
  await cho.at("/board");
});

test("name and neighbourhood change, with a word at what cannot be", async () => {
  const other = await api.register(somebody("다른이웃"));
  const dan = await stage.enter(await api.register(somebody("단비")), "desktop");
  await dan.come("/me");
  expect(await dan.button(account.save).isDisabled()).toBe(true);
  await dan.fill(account.username, "단");
  await dan.fill(account.address, "");
  await dan.pressButton(account.save);
  await dan.reads(account.username, wrong.username);
  await dan.reads(account.address, wrong.address);
  dan.watch.forgive(answered(400));
  await dan.fill(account.username, other.username);
  await dan.fill(account.address, seocho);
  await dan.pressButton(account.save);
  await dan.sees(dan.field(account.username).and(dan.page.locator('[aria-invalid="true"]')));
  expect(await dan.field(account.address).inputValue()).toBe(seocho);
  await dan.fill(account.username, "단비네");
  await dan.pressButton(account.save);
  await dan.sees(account.saved);
  await dan.page.reload();
  expect(await dan.field(account.username).inputValue()).toBe("단비네");
  await dan.open("/board");
  await dan.sees("서초동");
});

test("a new password ends the other sessions, which are told", async () => {
  const who = await api.register(somebody("은서"));
  const here = await stage.enter(who, "desktop");
  const there = await stage.enter(who, "phone");
  await here.come("/me/password");
  await there.come("/me");

  await here.pressButton(account.change);
  await here.reads(account.currentPassword, wrong.passwordMissing);
  await here.reads(account.newPassword, wrong.passwordMissing);
  await here.fill(account.currentPassword, who.password);
  await here.fill(account.newPassword, who.password);
  await here.pressButton(account.change);
  await here.reads(account.newPassword, wrong.passwordOld);
  here.watch.forgive(answered(400));
  await here.fill(account.currentPassword, "not the one");
  await here.fill(account.newPassword, "new-bap-meokja");
  await here.pressButton(account.change);
  await here.sees(here.field(account.currentPassword).and(here.page.locator('[aria-invalid="true"]')));
  expect(await here.field(account.newPassword).inputValue()).toBe("new-bap-meokja");
  await here.fill(account.currentPassword, who.password);
  await here.pressButton(account.change);
  await here.at("/me");
  await here.sees(account.changed);

  there.watch.forgive(answered(401));
  await there.page.reload();
  await there.sees(account.signInEnded.expired);
  await there.signIn();
  await there.sees(there.page.getByRole("alert").getByText(refused.invalid_credentials));
  await there.signIn("new-bap-meokja");
  await there.at("/me");
});

test("two tabs agree that one has signed out", async () => {
  const fay = await stage.enter(await api.register(somebody("파랑")), "desktop");
  await fay.come("/me");
  const other = await fay.context.newPage();
  await other.goto("/me");
  await other.getByRole("button", { name: account.signOut }).waitFor();
  await fay.pressButton(account.signOut);
  await fay.at("/");
  await fay.sees(account.signedOut);
  await other.waitForURL((url) => url.pathname === "/");
  await other.getByRole("heading", { name: landing.title[0]! }).waitFor();
  await other.goto("/me");
  await other.waitForURL((url) => url.pathname === "/signin");
});

test("who has withdrawn is signed out everywhere, and cannot come back", async () => {
  const gil = await stage.enter(await api.register(somebody("길동")), "phone");
  await gil.come("/me");
  await gil.pressLink(account.withdraw);
  await gil.seesHeading(account.withdrawTitle);
  await gil.pressButton(account.withdrawGo);
  await gil.reads(account.withdrawPassword, wrong.passwordMissing);
  gil.watch.forgive(answered(400), answered(401));
  await gil.fill(account.withdrawPassword, "not the one");
  await gil.pressButton(account.withdrawGo);
  await gil.confirm(account.withdrawSure, account.withdrawGo);
  await gil.sees(gil.field(account.withdrawPassword).and(gil.page.locator('[aria-invalid="true"]')));
  await gil.fill(account.withdrawPassword, gil.who.password);
  await gil.pressButton(account.withdrawGo);
  await gil.press(gil.button(account.withdrawGo, gil.page.getByRole("alertdialog", { name: account.withdrawSure })));
  await gil.at("/");
  await gil.sees(account.withdrawn);
  await gil.open("/signin");
  await gil.signIn();
  await gil.sees(gil.page.getByRole("alert").getByText(refused.invalid_credentials));
});
