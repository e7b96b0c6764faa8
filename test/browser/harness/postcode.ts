import type { BrowserContext } from "playwright-core";
import type { Watch } from "./watch";

const script = "https://t1.kakaocdn.net/**/postcode.v2.js";

/** Stands in for Kakao's postcode search: one button, which answers with an address in 역삼동. */
export async function stubPostcode(context: BrowserContext, watch: Watch) {
  watch.forgive(/^foreign host: https:\/\/t1\.kakaocdn\.net\//);
  await context.route(script, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      body: `window.kakao = { Postcode: class {
        constructor(options) { this.options = options; }
        embed(element) {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = "강남대로 396";
          button.addEventListener("click", () => this.options.oncomplete({
            zonecode: "06232", address: "서울 강남구 강남대로 396", sido: "서울특별시", sigungu: "강남구", bname: "역삼동", bname1: "", bname2: "역삼동",
          }));
          element.append(button);
        }
      } };`,
    }),
  );
}

/** As an ad blocker does it. */
export async function blockPostcode(context: BrowserContext, watch: Watch) {
  watch.forgive(/^foreign host: https:\/\/t1\.kakaocdn\.net\//, /^error: Failed to load resource: net::ERR_/);
  await context.route(script, (route) => route.abort("blockedbyclient"));
}
