import type { Page } from "playwright-core";
import type { Known } from "./api";
import type { Person } from "./person";

/** Says something in a room for somebody who has no page open there. Runs in `page`, since Node 20 has no WebSocket. */
export async function speak(page: Page, by: Known, room: number, texts: string[]) {
  await page.evaluate(
    async ({ token, room, texts }) => {
      const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/chat/${room}/?token=${token}`);
      const next = () => new Promise<unknown>((resolve, reject) => {
        socket.onmessage = resolve;
        socket.onclose = reject;
      });
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      for (const message of texts) {
        const heard = next();
        socket.send(JSON.stringify({ message }));
        await heard;
      }
      socket.onclose = null;
      socket.close();
    },
    { token: by.token, room, texts },
  );
}

/** Three neighbours agree on a stew. */
export async function supper(person: Person, room: number, one: Known, other: Known) {
  await speak(person.page, one, room, ["저 지금 퇴근했어요", "라면 사리 하나 더 넣어도 될까요?"]);
  await speak(person.page, other, room, ["저도 라면 좋아요!", "🍜"]);
  await person.says("그럼 세 개 넣을게요. 주민센터 앞에서 7시 10분에 만나요");
  await speak(person.page, one, room, ["네 ㅎㅎ 조금 있다 봬요"]);
  await person.hears("네 ㅎㅎ 조금 있다 봬요");
}
